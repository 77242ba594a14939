"""What is recorded about people, or corrected, makes segments look at them again."""

from segments.members.rechecking import request_recheck
from touchpoints.correcting import Corrected
from touchpoints.recording import Recorded


def mark_people_dirty(batch: Recorded) -> None:
    """For the news of a recorded batch: those to whom something new happened."""
    request_recheck(batch.fresh_contact_ids)


def mark_corrected_people_dirty(batch: Corrected) -> None:
    """For the news of corrections: those of whom something else is true now."""
    request_recheck(batch.contact_ids)
