"""The rows of this room in the workspace's admin."""

from engagement import models as m
from workspaces.admin import show

show(m.ScoreModel, "version", "is_current", "median_value_minor", "created_at", read_only=True)
show(m.Score, "contact", "level", "level_at", "touched_at", filters=("level",), read_only=True)
show(m.DayWeight, "contact", "kind", "target", "day", "count", "weight", read_only=True)
show(m.Heat, "contact", "heat", read_only=True)
show(m.Touched, "contact_ids", "at", read_only=True)
show(m.Fall, "contact", "due_at", read_only=True)
show(m.LevelMove, "contact", "before", "after", "at", read_only=True)
show(m.AudienceSnapshot, "day", "role", "people", "involvement", "interaction", "intimacy", "influence", read_only=True)
show(m.Objective, "metric", "baseline", "target", "current", "check_on")
show(m.Annotation, "name", "starts_on", "ends_on", search=("name",))
show(m.InterestTag, "name", "key", "merged_into", search=("name", "key"), read_only=True)
show(m.Interest, "contact", "tag", "sum", "said", filters=("said",), read_only=True)
show(m.InterestDay, "contact", "tag", "kind", "day", "count", read_only=True)
show(m.InterestWord, "contact", "tag", "said", "at", "by_id", filters=("said",), read_only=True)
show(m.LinkTag, "message_id", "number", "tag", read_only=True)
show(m.PageRule, "begins", "tag", search=("begins",), read_only=True)
