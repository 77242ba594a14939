"""The rows of this room in the workspace's admin."""

from consent import models as m
from workspaces.admin import show

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
    "ends_at",
    filters=("reason", "channel"),
    read_only=True,
)
show(m.SignUpForm, "name", "slug", "language", "archived_at", "created_at", search=("name", "slug"))
show(m.FormVersion, "form", "number", "published_at", "tag", "role", read_only=True)
show(
    m.SignUp,
    "form",
    "contact",
    "state",
    "way",
    "language",
    "asked_at",
    "decided_at",
    filters=("state", "way"),
    read_only=True,
)
show(m.ConsentNow, "contact", "topic", "channel", "state", "expires_at", filters=("state", "channel"), read_only=True)
show(m.TrackingConsent, "contact", "mode", "source", "at", filters=("mode",), read_only=True)
show(m.ContactRules, "offers_a_week", "offers_a_day", read_only=True)
show(
    m.ContactHours,
    "is_calling",
    "country",
    "opens",
    "closes",
    "days",
    "valid_from",
    "source",
    filters=("is_calling", "country"),
    read_only=True,
)
