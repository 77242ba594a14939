"""Claiming: lease a chunk, ask the gate about everybody in it now, write down what we are about to do.

All in one transaction: when it is committed, the rows say "being sent", the journal says "untouched".
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from django.conf import settings
from django.db import transaction

from consent.asking import Ask
from consent.gate import Verdict, verdicts
from consent.models import Consent, Suppression
from contacts.models import Contact, Identity, Merged
from delivery.codes import take_codes
from delivery.content.people import fields_of
from delivery.engine.controlling import pause_for
from delivery.engine.journal import Journal
from delivery.engine.urgency import CLASSES, URGENT_SQL, urgent_params
from delivery.events import tell_failed
from delivery.messengers.protocol import FAULTY, Recipient
from delivery.models import Delivery, Message, RecipientChunk, WarmUp
from delivery.pace.rationing import take_from_day
from delivery.picked import take_picks
from delivery.senders import MOST_FAILURES, channel_of, reaches_only_ascii
from delivery.transactional.occasions import occasion_fields
from lib.clock import now
from lib.presence import own_name
from lib.sql import array_of, array_of_moments, array_of_texts, load_sql, numbers_of, read_sql, run_prepared, run_sql
from workspaces.current import OpenWorkspace
from workspaces.surveying import survey

State = Delivery.State


MOST_REMEMBERED = 100
MOST_PUT_OFF = 20  # senders whose day is full that one claim may meet
LOCK = 7_313  # of claims in a workspace
_lately: dict[int, list[tuple[int, int]]] = {}
Needs = Callable[[Message], "frozenset[str] | None"]


class FaultyError(ValueError):
    """The message may go to nobody now; the text says why."""

    def __init__(self, message: Message, why: str) -> None:
        super().__init__(why)
        self.message = message


@dataclass(slots=True)
class Lease:
    """A chunk that is ours for 30 s at a time. `since`: the oldest transaction that ran when the gate was asked."""

    workspace: OpenWorkspace
    message: Message
    chunk_id: int
    epoch: int
    occasion: int
    contact_ids: list[int]
    recipients: list[Recipient]
    journal: Journal
    since: str
    claimed_at: datetime


def ask_of(message: Message) -> Ask:
    """What the gate is asked for this message."""
    return Ask(
        channel=channel_of(message.sender),
        message_class=message.purpose,
        topic_id=message.topic_id,
        message_id=message.pk,
        cap_group=message.cap_group,
        weekly_cap=message.weekly_cap,
        only_ascii=reaches_only_ascii(message.sender),
    )


def everything(_message: Message) -> None:
    """Any field may be read."""
    return


def fault_in(judged: Mapping[int, Verdict]) -> str:
    """Why the gate lets the whole message go to nobody, "" where it asks about people: nobody is passed over for it."""
    found = (one.first_failure for one in judged.values() if one.reason == FAULTY)
    return next((str(one.text) for one in found if one is not None), "")


def claim_chunk(workspace: OpenWorkspace, *, needs: Needs = everything, only_urgent: bool = False) -> Lease | None:
    """Lease the next chunk, or None when none is free. Call inside working_in; safe in many workers at once.

    `needs` says which fields of its readers a message reads; `only_urgent` leaves campaigns alone. A message that may go to
    nobody is paused instead, and None returned: its chunk is given back first, for whoever cancels it locks it first.
    """
    try:
        return _claim(workspace, needs, only_urgent=only_urgent)
    except FaultyError as found:
        pause_for(found.message, str(found))
        return None


@transaction.atomic
def _claim(workspace: OpenWorkspace, needs: Needs, *, only_urgent: bool) -> Lease | None:
    survey(Contact, Identity, Merged, Consent, Suppression, Delivery, RecipientChunk)
    claimed_at = now()
    if not only_urgent:  # one after another: two at once would both see a slot free that is one
        run_sql("workspaces/lock", {"lock": LOCK, "workspace": workspace.pk})
    taken = _take(workspace, only_urgent=only_urgent)
    if taken is None:
        return None
    chunk_id, message_id, epoch, contact_ids, occasion, since = taken
    message = Message.objects.select_related("content", "sender", "topic").get(pk=message_id)
    _note_served(workspace.pk, (message.sender_id or 0, message_id))
    attempts, addresses = _intend(workspace, message, epoch, occasion, contact_ids)
    blocks = message.content.blocks
    fields = fields_of(
        list(attempts),
        brand=workspace.name,
        needs=needs(message),
        blocks=blocks,
        message_id=message_id,
        occasion=occasion,
    )
    take_codes(message, occasion, fields)
    take_picks(message, workspace, occasion, fields)
    if more := occasion_fields(message, workspace, occasion):
        for known in fields.values():
            known.update(more)
    recipients = [
        Recipient(one, slot, addresses[one], attempts[one], fields[one], occasion)
        for slot, one in enumerate(contact_ids)
        if one in fields
    ]
    journal = Journal.create(workspace.pk, chunk_id, epoch, len(contact_ids))
    return Lease(workspace, message, chunk_id, epoch, occasion, contact_ids, recipients, journal, since, claimed_at)


def _take(workspace: OpenWorkspace, *, only_urgent: bool) -> tuple[int, int, int, list[int], int, str] | None:
    """(chunk, message, epoch, people, occasion, oldest transaction): the next one; None when none is free.

    Where its sender warms up, the part of it that may leave today.
    """
    served = _served(workspace.pk)
    wanted = urgent_params() | {
        "workspace": workspace.pk,
        "by": own_name(),
        "sending": Message.State.SENDING.value,
        "only_urgent": only_urgent,
        "classes": array_of_texts(CLASSES),
        "served_senders": array_of(_newest_last([sender for sender, _message in served])),
        "served": array_of(message for _sender, message in served),
        "most": settings.ECRM_SENDER_SLOTS,
        "failures": MOST_FAILURES,
        "ended": WarmUp.State.ENDED.value,
    }
    for _try in range(MOST_PUT_OFF):
        rows = run_prepared(_claim_sql(), wanted)
        if not rows:
            break
        chunk_id, message_id, epoch, contact_ids, occasion, since, warms_up = rows[0]
        if warms_up:
            chunk_id, epoch, contact_ids = take_from_day(workspace, chunk_id)
        if contact_ids:
            return chunk_id, message_id, epoch, contact_ids, occasion, since
    return None


@cache
def _claim_sql() -> str:
    return load_sql("delivery/claim", is_urgent=URGENT_SQL)


def _served(workspace_id: int) -> list[tuple[int, int]]:
    """(sender, message) of the chunks that this process took last in this workspace, the newest last."""
    return _lately.get(workspace_id, [])


def _newest_last(numbers: Sequence[int]) -> list[int]:
    """Each once, where it was last."""
    return list(dict.fromkeys(reversed(numbers)))[::-1]


def _note_served(workspace_id: int, one: tuple[int, int]) -> None:
    others = [other for other in _served(workspace_id) if other != one]
    _lately[workspace_id] = [*others, one][-MOST_REMEMBERED:]


def _intend(
    workspace: OpenWorkspace, message: Message, epoch: int, occasion: int, contact_ids: Sequence[int]
) -> tuple[dict[int, int], dict[int, str]]:
    """Contact → attempt of those to be sent to, and everybody's address. FaultyError."""
    judged = verdicts(ask_of(message), contact_ids)
    if fault := fault_in(judged):
        raise FaultyError(message, fault)
    rows = [decide(judged.get(one), one) for one in contact_ids]
    addresses = {one: verdict.address for one, verdict in judged.items()}
    params = numbers_of(State) | {
        "workspace": workspace.pk,
        "message": message.pk,
        "occasion": occasion,
        "epoch": epoch,
        "contacts": array_of(contact_ids),
        "addresses": array_of_texts([addresses.get(one, "") for one in contact_ids]),
        "states": array_of(state for state, _reason, _moment in rows),
        "reasons": array_of_texts([reason for _state, reason, _moment in rows]),
        "moments": array_of_moments(moment for _state, _reason, moment in rows),
    }
    taken = run_prepared(read_sql("delivery/intend"), params)
    tell_failed(message, [contact for contact, state, _attempts in taken if state == State.EXCLUDED])
    return {contact: attempts for contact, state, attempts in taken if state == State.SENDING}, addresses


def decide(judged: Verdict | None, contact_id: int) -> tuple[int, str, datetime | None]:
    """(state, reason, when to try again) of one person."""
    if judged is None:
        return State.EXCLUDED, "erased", None
    if judged.person_id != contact_id:
        return State.EXCLUDED, "merged", None
    if judged.allowed and judged.address:
        return State.SENDING, "", None
    if judged.is_hold and judged.first_failure is not None:
        return State.DEFERRED, "quiet", judged.first_failure.ends_at
    return State.EXCLUDED, judged.reason or "no_address", None
