"""What the ways out keep about a person: when they wrote to us last, and the letters printed for them."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import QuerySet

from lib.personal import plain_rows
from messengers.models import PrintedLetter, WhatsAppWindow


def gather_windows(ids: Sequence[int]) -> Iterator[dict[str, Any]]:
    """By number: when they wrote on WhatsApp last."""
    yield from plain_rows(_windows(ids), leave_out={"sender"})


def erase_windows(ids: Sequence[int]) -> int:
    """All of it."""
    return _windows(ids).delete()[0]


def gather_letters(ids: Sequence[int]) -> Iterator[dict[str, Any]]:
    """Each letter as it was printed."""
    yield from plain_rows(_letters(ids), leave_out={"message", "contact"})


def erase_letters(ids: Sequence[int]) -> int:
    """All of them: no later file holds one."""
    return _letters(ids).delete()[0]


def _windows(ids: Sequence[int]) -> QuerySet[WhatsAppWindow]:
    return WhatsAppWindow.objects.filter(contact__in=ids)


def _letters(ids: Sequence[int]) -> QuerySet[PrintedLetter]:
    return PrintedLetter.objects.filter(contact__in=ids)
