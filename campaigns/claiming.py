"""Claiming: lease a chunk, ask the gate about everybody in it now, write down what we are about to do.

All in one transaction: when it is committed, the rows say "being handed over", the journal says "untouched".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from campaigns.content.people import fields_of
from campaigns.journal import Journal, host_id
from campaigns.models import Campaign, Delivery
from contacts.addresses import address_hash
from contacts.gate import Ask, Verdict, verdicts
from contacts.models import Channel, Consent, Contact, Merged
from ecrm.lib.sql import read_sql, run_text
from workspaces.models import Workspace

State = Delivery.State
# Consents written by transactions that were open while we claimed may have smaller numbers than the newest we saw.
CONSENT_SLACK = 200


@dataclass(frozen=True, slots=True)
class Target:
    """One person we are about to write to."""

    contact_id: int
    slot: int
    address: str
    attempt: int
    fields: Mapping[str, Any]


@dataclass(slots=True)
class Lease:
    """A chunk that is ours for 30 s at a time."""

    workspace: Workspace
    campaign: Campaign
    chunk_id: int
    epoch: int
    contact_ids: list[int]
    targets: list[Target]
    journal: Journal
    consent_mark: int
    hashes: dict[str, int] = field(default_factory=dict)

    @property
    def is_purposeful(self) -> bool:
        """Whether pause, dial and topics stop it."""
        return self.campaign.message_class != Campaign.MessageClass.TRANSACTIONAL


def ask_of(campaign: Campaign) -> Ask:
    """What the gate is asked for this campaign."""
    return Ask(Channel.EMAIL, campaign.message_class, campaign.topic_id, campaign.programme_id, campaign.pk)  # type: ignore[arg-type]


@transaction.atomic
def claim_chunk(workspace: Workspace) -> Lease | None:
    """Lease the next chunk, or None when none is free. Call inside working_in; safe in many workers at once."""
    rows = run_text(read_sql("campaigns/claim"), {"workspace": workspace.pk, "by": host_id()})
    if not rows:
        return None
    chunk_id, campaign_id, epoch, contact_ids = rows[0]
    campaign = Campaign.objects.select_related("server", "topic", "programme").get(pk=campaign_id)
    mark = Consent.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    attempts, addresses = _intend(workspace, campaign, epoch, contact_ids)
    fields = fields_of(list(attempts), brand=workspace.name)
    slots = {contact_id: slot for slot, contact_id in enumerate(contact_ids)}
    targets = [
        Target(one, slots[one], addresses[one], attempts[one], fields[one]) for one in contact_ids if one in attempts
    ]
    journal = Journal.create(workspace.pk, chunk_id, epoch, len(contact_ids))
    hashes = {address_hash(target.address): target.contact_id for target in targets}
    return Lease(
        workspace, campaign, chunk_id, epoch, contact_ids, targets, journal, max(0, mark - CONSENT_SLACK), hashes
    )


def _intend(
    workspace: Workspace, campaign: Campaign, epoch: int, contact_ids: Sequence[int]
) -> tuple[dict[int, int], dict[int, str]]:
    """Contact → attempt of those to be written to, and everybody's address."""
    judged = verdicts(ask_of(campaign), contact_ids)
    addresses = dict(Contact.objects.filter(pk__in=contact_ids).values_list("pk", "email"))
    merged = set(Merged.objects.filter(loser__in=contact_ids).values_list("loser_id", flat=True))
    decided = [_decide(one, judged.get(one), addresses.get(one, ""), is_merged=one in merged) for one in contact_ids]
    rows = run_text(
        read_sql("campaigns/intend"),
        {
            "workspace": workspace.pk,
            "campaign": campaign.pk,
            "epoch": epoch,
            "contacts": [one for one in contact_ids if one in addresses],
            "addresses": [addresses[one] for one in contact_ids if one in addresses],
            "states": [row[0] for one, row in zip(contact_ids, decided, strict=True) if one in addresses],
            "reasons": [row[1] for one, row in zip(contact_ids, decided, strict=True) if one in addresses],
            "moments": [row[2] for one, row in zip(contact_ids, decided, strict=True) if one in addresses],
        },
    )
    return {row[0]: row[2] for row in rows if row[1] == State.SENDING}, addresses


def _decide(
    _contact: int, judged: Verdict | None, address: str, *, is_merged: bool
) -> tuple[int, str, datetime | None]:
    if judged is None or is_merged:
        return State.EXCLUDED, "merged" if is_merged else "erased", None
    if judged.allowed and address:
        return State.SENDING, "", None
    if judged.is_hold and judged.first_failure is not None:
        return State.DEFERRED, "quiet", judged.first_failure.ends_at
    return State.EXCLUDED, judged.reason or "no_address", None
