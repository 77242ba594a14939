"""Claiming: lease a chunk, ask the gate about everybody in it now, write down what we are about to do.

All in one transaction: when it is committed, the rows say "being sent", the journal says "untouched".
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from consent.asking import Ask
from consent.gate import Verdict, verdicts
from consent.models import Consent, Suppression
from consent.sign_up_forms.confirming import confirmation_fields
from contacts.models import Contact, Identity, Merged
from delivery.content.people import fields_of
from delivery.journal import Journal
from delivery.messengers.protocol import Recipient
from delivery.models import Delivery, Message, RecipientChunk
from delivery.senders import channel_of, reaches_only_ascii
from lib.presence import own_name
from lib.sql import numbers_of, run_sql
from workspaces.current import OpenWorkspace
from workspaces.surveying import survey

State = Delivery.State


@dataclass(slots=True)
class Lease:
    """A chunk that is ours for 30 s at a time."""

    workspace: OpenWorkspace
    message: Message
    chunk_id: int
    epoch: int
    occasion: int
    contact_ids: list[int]
    recipients: list[Recipient]
    journal: Journal


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


@transaction.atomic
def claim_chunk(workspace: OpenWorkspace) -> Lease | None:
    """Lease the next chunk, or None when none is free. Call inside working_in; safe in many workers at once."""
    survey(Contact, Identity, Merged, Consent, Suppression, Delivery, RecipientChunk)
    wanted = {"workspace": workspace.pk, "by": own_name(), "sending": Message.State.SENDING}
    rows = run_sql("delivery/claim", wanted)
    if not rows:
        return None
    chunk_id, message_id, epoch, contact_ids, occasion = rows[0]
    message = Message.objects.select_related("content", "sender", "topic").get(pk=message_id)
    attempts, addresses = _intend(workspace, message, epoch, occasion, contact_ids)
    fields = fields_of(list(attempts), brand=workspace.name)
    if message.purpose == Message.Purpose.CONFIRMATION:
        for known in fields.values():
            known.update(confirmation_fields(workspace, occasion))
    recipients = [
        Recipient(one, slot, addresses[one], attempts[one], fields[one], occasion)
        for slot, one in enumerate(contact_ids)
        if one in attempts
    ]
    journal = Journal.create(workspace.pk, chunk_id, epoch, len(contact_ids))
    return Lease(workspace, message, chunk_id, epoch, occasion, contact_ids, recipients, journal)


def _intend(
    workspace: OpenWorkspace, message: Message, epoch: int, occasion: int, contact_ids: Sequence[int]
) -> tuple[dict[int, int], dict[int, str]]:
    """Contact → attempt of those to be sent to, and everybody's address."""
    judged = verdicts(ask_of(message), contact_ids)
    there = set(Contact.objects.filter(pk__in=contact_ids).values_list("pk", flat=True))  # not deleted meanwhile
    merged = set(Merged.objects.filter(loser__in=contact_ids).values_list("loser_id", flat=True))
    rows = [(one, *_decide(judged.get(one), is_merged=one in merged)) for one in contact_ids if one in there]
    addresses = {one: verdict.address for one, verdict in judged.items()}
    params = numbers_of(State) | {
        "workspace": workspace.pk,
        "message": message.pk,
        "occasion": occasion,
        "epoch": epoch,
        "contacts": [row[0] for row in rows],
        "addresses": [addresses.get(row[0], "") for row in rows],
        "states": [row[1] for row in rows],
        "reasons": [row[2] for row in rows],
        "moments": [row[3] for row in rows],
    }
    taken = run_sql("delivery/intend", params)
    return {contact: attempts for contact, state, attempts in taken if state == State.SENDING}, addresses


def _decide(judged: Verdict | None, *, is_merged: bool) -> tuple[int, str, datetime | None]:
    """(state, reason, when to try again) of one person."""
    if judged is None or is_merged:
        return State.EXCLUDED, "merged" if is_merged else "erased", None
    if judged.allowed and judged.address:
        return State.SENDING, "", None
    if judged.is_hold and judged.first_failure is not None:
        return State.DEFERRED, "quiet", judged.first_failure.ends_at
    return State.EXCLUDED, judged.reason or "no_address", None
