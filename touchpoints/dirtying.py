"""What is recorded about people makes segments look at them again."""

from typing import Any

from contacts.segments.rechecking import mark_dirty


def mark_people_dirty(batch: Any, **_: Any) -> None:
    """For the news of a recorded batch: those to whom something new happened."""
    mark_dirty(batch.fresh_contact_ids)
