"""What this room holds of forwards: of what a person wrote, and to whom it went."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import CharField, F, Q, QuerySet, Value
from django.db.models.functions import Concat

from consent.consenting import addresses_of_all
from contacts.channels import Channel
from contacts.models import Contact, Identity
from conversations.models import Conversation, Forward, ForwardAnswer, TeamNote
from conversations.models.connections import ERASED
from lib.personal import plain_rows

OURS = {"key", "by_id", "conversation", "mention", "leased_until", "attempts", "names_author"}


def gather_forwards(ids: Sequence[int]) -> Iterator[dict[str, Any]]:
    """To whom what they wrote was forwarded with which note, and what was forwarded to them. One statement."""
    yield from plain_rows(Forward.objects.filter(_of_theirs(ids) | _to_them(ids)), leave_out=OURS)


def written_back(ids: Sequence[int]) -> QuerySet[ForwardAnswer, int]:
    """The ids of the notes that these people wrote by answering a forward, in whosever conversation."""
    return ForwardAnswer.objects.filter(_to_them(ids)).values_list("note", flat=True)


def erase_forwards(ids: Sequence[int]) -> int:
    """Addresses and words of theirs go; that something was forwarded stays. Runs while their addresses are known."""
    addresses = addresses_of_all(ids, Channel.EMAIL)
    back = ForwardAnswer.objects.filter(address__in=addresses)
    gone = TeamNote.objects.filter(pk__in=back.values("note")).update(text="", writer="")
    gone += _blank(Forward.objects.filter(address__in=addresses), back)
    theirs = Forward.objects.filter(_of_theirs(ids))
    return gone + _blank(theirs, ForwardAnswer.objects.filter(forward__in=theirs.values("pk")))


def forget_forwards(talks: QuerySet[Conversation]) -> int:
    """Take every word out of the forwards of these conversations; returns how many rows held some."""
    return _blank(
        Forward.objects.filter(conversation__in=talks), ForwardAnswer.objects.filter(forward__conversation__in=talks)
    )


def _of_theirs(ids: Sequence[int]) -> Q:
    """Of what they wrote, and of their conversations, whoever else wrote in them."""
    return Q(conversation__author__contact__in=ids) | Q(mention__author__contact__in=ids)


def _to_them(ids: Sequence[int]) -> Q:
    """An address that is one of theirs; `ids` are all that there is of somebody."""
    held = Identity.objects.filter(contact__in=ids, kind=Identity.Kind.EMAIL)
    said = Contact.objects.filter(pk__in=ids).exclude(email="")
    return Q(address__in=held.values("value")) | Q(address__in=said.values("email"))


def _blank(forwards: QuerySet[Forward], answers: QuerySet[ForwardAnswer]) -> int:
    own = Concat(Value(ERASED), F("pk"), output_field=CharField())  # its Message-ID may be made of a name
    gone = answers.exclude(Q(address="")).update(address="", remote_id=own)
    kept = [Forward.State.WAITING, Forward.State.ASKED, Forward.State.RETURNED]
    forwards.filter(state__in=kept).update(state=Forward.State.FAILED, due_at=None)
    forwards.filter(state=Forward.State.SENDING).update(state=Forward.State.UNCLEAR, leased_until=None)
    return gone + forwards.update(address="", note="", last_error="")
