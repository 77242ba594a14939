"""What this room holds of forwards: of what a person wrote, and to whom it went."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import Q, QuerySet

from consent.consenting import addresses_of_all
from contacts.channels import Channel
from conversations.models import Conversation, Forward, ForwardAnswer, TeamNote
from lib.personal import plain_rows

OURS = {"key", "by_id", "conversation", "mention", "leased_until", "attempts", "names_author"}


def gather_forwards(ids: Sequence[int]) -> Iterator[dict[str, Any]]:
    """To whom what they wrote was forwarded with which note, what was forwarded to them, and that they wrote back.

    What others wrote in a note to a third person's forward is not theirs.
    """
    addresses = addresses_of_all(ids, Channel.EMAIL)
    rows = Forward.objects.filter(Q(conversation__author__contact__in=ids) | Q(address__in=addresses))
    yield from plain_rows(rows, leave_out=OURS)
    back = ForwardAnswer.objects.filter(address__in=addresses).values_list("note", flat=True)
    notes = TeamNote.objects.filter(pk__in=back).exclude(conversation__author__contact__in=ids)
    yield from plain_rows(notes, leave_out={"author_id", "conversation"})


def erase_forwards(ids: Sequence[int]) -> int:
    """Addresses and words of theirs go; that something was forwarded stays. Runs while their addresses are known."""
    addresses = addresses_of_all(ids, Channel.EMAIL)
    back = ForwardAnswer.objects.filter(address__in=addresses)
    gone = TeamNote.objects.filter(pk__in=back.values("note")).update(text="", writer="")
    gone += _blank(Forward.objects.filter(address__in=addresses), back)
    return gone + forget_forwards(Conversation.objects.filter(author__contact__in=ids))


def forget_forwards(talks: QuerySet[Conversation]) -> int:
    """Take every word out of the forwards of these conversations; returns how many rows held some."""
    return _blank(
        Forward.objects.filter(conversation__in=talks), ForwardAnswer.objects.filter(forward__conversation__in=talks)
    )


def _blank(forwards: QuerySet[Forward], answers: QuerySet[ForwardAnswer]) -> int:
    gone = answers.exclude(Q(address="")).update(address="")
    unsent = forwards.filter(state__in=[Forward.State.WAITING, Forward.State.SENDING])
    unsent.update(state=Forward.State.FAILED, due_at=None, leased_until=None)
    return gone + forwards.update(address="", note="", last_error="")
