"""The rows of this room in the workspace's admin."""

from campaigns import models as m
from workspaces.admin import show

show(m.Programme, "name", "preset", "audience", "weekly_cap", "is_active", search=("name",), filters=("preset",))
show(m.Campaign, "message", "programme", "segment", "holdout_percent", "created_at", read_only=True)
show(m.ProgrammeCost, "programme", "name", "amount_minor", "day", read_only=True)
show(m.ProgrammeFigure, "programme", "metric", "day", "value", "people", read_only=True)
show(m.DryRun, "segment", "message_class", "topic", "channel", "people", "done", "at", "finished_at", read_only=True)
show(m.DryRunPart, "run", "code", "last_id", read_only=True)
show(m.StandingCampaign, "campaign", "trigger", "started_at", "ended_at", "most_a_day", read_only=True)
show(m.StandingEntry, "standing", "contact", "occasion", "due_at", "done_at", "fate", read_only=True)
show(m.CampaignReview, "campaign", "verdict", "asked_by_id", "asked_at", "answered_by_id", "words", read_only=True)
show(m.Experiment, "campaign", "varies", "goal", "state", "started_at", "decided_at", "winner", read_only=True)
show(m.WorkspaceHoldout, "percent", read_only=True)
