"""News about what people like, told to machines by ids alone."""

from collections.abc import Collection

from workspaces.events import NewEvent, record_events

CHANGED = "interest.changed"


def tell_interests(contact_id: int, tag_ids: Collection[int], *, is_own_word: bool) -> None:
    """What this person says of these interests is otherwise: by themselves, or written down for them by a colleague."""
    said = {"interest_ids": sorted(tag_ids), "by": "person" if is_own_word else "colleague"}
    record_events([NewEvent(CHANGED, [contact_id], said)])
