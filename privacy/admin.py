"""The rows of this room in the workspace's admin."""

from privacy import models as m
from workspaces.admin import show

show(
    m.PrivacyRequest,
    "kind",
    "contact",
    "way",
    "state",
    "received_at",
    "due_on",
    "answered_at",
    filters=("kind", "state"),
    read_only=True,
)
show(m.Retention, "authors_days", "pages_months", read_only=True)
