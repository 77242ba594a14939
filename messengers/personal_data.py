"""What this room holds about a person: the letters written to them."""

from collections.abc import Iterator, Sequence
from typing import Any

from lib.personal import plain_rows
from messengers.models import PrintedLetter


def gather_letters(ids: Sequence[int]) -> Iterator[dict[str, Any]]:
    """Each letter as it was printed."""
    yield from plain_rows(PrintedLetter.objects.filter(contact__in=ids), leave_out={"message", "contact"})


def erase_letters(ids: Sequence[int]) -> int:
    """All of them: no later file holds one."""
    count, _each = PrintedLetter.objects.filter(contact__in=ids).delete()
    return count
