"""News about permission, told to machines."""

from collections.abc import Sequence

from workspaces.events import record_event

CHANGED = "consent.changed"


def on_consent_changed(contact_ids: Sequence[int]) -> None:
    """News: they said yes or no, how far we may measure, or their addresses came onto the suppression list or off it."""
    record_event(CHANGED, contact_ids)
