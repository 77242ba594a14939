"""The rows of this room in the workspace's admin."""

from campaigns import models as m
from workspaces.admin import show

show(
    m.MailServer,
    "name",
    "host",
    "port",
    "from_email",
    "tested_at",
    "last_error",
    search=("name", "host"),
    read_only=True,
)
show(m.Programme, "name", "preset", "audience", "weekly_cap", "is_active", search=("name",), filters=("preset",))
show(
    m.Campaign,
    "name",
    "state",
    "segment",
    "planned_count",
    "scheduled_at",
    "finished_at",
    search=("name", "subject"),
    filters=("state",),
    read_only=True,
)
show(m.AudienceChunk, "campaign", "number", "epoch", "leased_until", "is_done", read_only=True)
show(
    m.Delivery,
    "campaign",
    "contact",
    "state",
    "reason",
    "sent_at",
    "opened_at",
    "clicked_at",
    filters=("state",),
    read_only=True,
)
