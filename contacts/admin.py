"""The rows of this room in the workspace's admin."""

from contacts import models as m
from workspaces.admin import show

show(
    m.Contact,
    "name",
    "email",
    "language",
    "country",
    "dial",
    "created_at",
    search=("name", "email"),
    filters=("is_anonymous", "dial"),
)
show(m.AudienceRole, "contact", "role", "since", "until", "source", filters=("role",))
show(m.Identity, "value", "kind", "contact", "verified_at", "evidence", search=("value",), filters=("kind",))
show(m.Merged, "loser", "survivor", "at", "reason")
show(m.Trait, "contact", "name", "text", "number", "moment", search=("name", "text"))
show(m.Tag, "name", "contact", search=("name",))
show(m.Note, "contact", "author_id", "text", "is_private", "created_at", search=("text",))
show(m.SearchTerm, "term", "contact", search=("term",), read_only=True)
show(m.Topic, "name", "key", "promise", "is_private", "position", search=("name", "key"))
show(
    m.Consent,
    "contact",
    "topic",
    "channel",
    "state",
    "basis",
    "source",
    "at",
    filters=("state", "channel"),
    read_only=True,
)
show(m.ConsentWording, "digest", "text", search=("text",), read_only=True)
show(
    m.Suppression,
    "channel",
    "reason",
    "address_hash",
    "source",
    "at",
    "lifted_at",
    filters=("reason", "channel"),
    read_only=True,
)
show(
    m.ImportRun,
    "file_name",
    "mode",
    "state",
    "rows_done",
    "rows_total",
    "created_at",
    search=("file_name",),
    filters=("state",),
    read_only=True,
)
show(m.ImportedRow, "run", "line", "outcome", "reason", filters=("outcome",), read_only=True)
show(m.Segment, "name", "member_count", "is_private", "refreshed_at", search=("name",))
show(m.SegmentMember, "segment", "contact", "entered_at", read_only=True)
show(m.SegmentDirt, "contact", "at", read_only=True)
show(m.SegmentDue, "segment", "due_at", read_only=True)
