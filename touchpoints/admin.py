"""The rows of this room in the workspace's admin."""

from touchpoints import models as m
from workspaces.admin import show

show(
    m.Touchpoint,
    "occurred_at",
    "kind",
    "channel",
    "direction",
    "contact_id",
    "external_id",
    filters=("channel", "direction"),
    read_only=True,
)
show(m.Source, "name", "key", "created_at", search=("name", "key"))
show(m.OwnKind, "code", "key", search=("key",))
show(m.DayCount, "day", "channel", "kind", "direction", "count", filters=("channel",), read_only=True)
show(m.Received, "key", "source_id", "occurred_at", read_only=True)
show(m.Correction, "touchpoint_id", "field", "value", "by_id", "at", filters=("field",), read_only=True)
show(m.CorrectedFact, "touchpoint_id", "sentiment_milli", "certainty", "value_minor", "is_deleted", read_only=True)
