"""Finishing: what became of each person of a chunk goes into the database at once, fenced by the lease's epoch."""

import random
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from campaigns.models import AudienceChunk, Campaign, Delivery
from contacts.addresses import BadAddressError
from contacts.consenting import suppress
from contacts.models import Suppression
from ecrm.lib.sql import run_text
from touchpoints.facts import Fact
from touchpoints.recording import record
from touchpoints.sources import source_for
from workspaces.current import current_workspace_id

State = Delivery.State
LADDER = [timedelta(minutes=m) for m in (1, 5, 30, 120, 360)]
FINISH = """
-- Each person's result, for rows that this lease itself made ready.
UPDATE campaigns_delivery AS d
SET state = x.state, reason = x.reason, answer = x.answer, sent_at = x.sent_at, not_before = x.not_before,
  attempts = d.attempts - CASE WHEN x.state = 0 THEN 1 ELSE 0 END,
  bounced_at = CASE WHEN x.state = 4 THEN clock_timestamp() END
FROM unnest(%(contacts)s::bigint[], %(states)s::int[], %(reasons)s::text[], %(answers)s::text[],
  %(sent)s::timestamptz[], %(moments)s::timestamptz[]) AS x (contact, state, reason, answer, sent_at, not_before)
WHERE d.workspace_id = %(workspace)s AND d.campaign_id = %(campaign)s AND d.contact_id = x.contact
  AND d.epoch = %(epoch)s AND d.state = 1
RETURNING d.contact_id, d.attempts, d.address
"""


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one person. `is_dead_address`: the server knows no such mailbox."""

    state: int
    reason: str = ""
    answer: str = ""
    sent_at: datetime | None = None
    not_before: datetime | None = None
    is_dead_address: bool = False


def later(attempt: int, answer: str) -> Result:
    """A temporary refusal: the next step of the ladder, or the end of it."""
    if attempt > len(LADDER):
        return Result(State.FAILED, "gave_up", answer[:300])
    wait = LADDER[attempt - 1] * random.uniform(1.0, 1.2)  # noqa: S311 - jitter
    return Result(State.DEFERRED, "asked_to_wait", answer[:300], not_before=timezone.now() + wait)


@transaction.atomic
def finish_chunk(
    campaign_id: int,
    chunk_id: int,
    epoch: int,
    results: Mapping[int, Result],
    *,
    released_until: datetime | None = None,
) -> bool:
    """Write the results of a lease; False when the lease had been taken over (then nothing is written).

    People whose result is "waiting" leave the chunk open for the next worker, from `released_until` on. Locks the
    campaign, then the chunk.
    """
    campaign = Campaign.objects.select_for_update(no_key=True).get(pk=campaign_id)
    chunk = AudienceChunk.objects.select_for_update().filter(pk=chunk_id, epoch=epoch, is_done=False).first()
    if chunk is None or chunk.leased_until is None:
        return False
    settle(campaign, chunk, epoch, results, released_until=released_until)
    return True


def settle(
    campaign: Campaign,
    chunk: AudienceChunk,
    epoch: int,
    results: Mapping[int, Result],
    *,
    released_until: datetime | None = None,
) -> None:
    """Write results and give the chunk back. The caller holds the locks of campaign and chunk."""
    if campaign.state == Campaign.State.CANCELLED:
        results = {
            one: Result(State.CANCELLED) if result.state in {State.QUEUED, State.DEFERRED} else result
            for one, result in results.items()
        }
    written = _write(campaign.pk, epoch, results)
    _record(campaign, written, results)
    _plan_again(campaign, chunk, epoch)
    waiting = any(results[one].state == State.QUEUED for one in written)
    chunk.leased_until, chunk.leased_by, chunk.is_done = None, "", not waiting
    chunk.not_before = released_until if waiting else None
    chunk.save(update_fields=["leased_until", "leased_by", "is_done", "not_before"])
    close_when_done(campaign)


def close_when_done(campaign: Campaign) -> None:
    """A sending campaign without open chunks is sent."""
    if campaign.state != Campaign.State.SENDING:
        return
    if not AudienceChunk.objects.filter(campaign=campaign, is_done=False).exists():
        campaign.state, campaign.finished_at, campaign.state_reason = Campaign.State.SENT, timezone.now(), ""
        campaign.save(update_fields=["state", "finished_at", "state_reason"])


def _write(campaign_id: int, epoch: int, results: Mapping[int, Result]) -> dict[int, tuple[int, str]]:
    """Contact → (attempt, address) of the rows that were ours."""
    rows = list(results.items())
    done = run_text(
        FINISH,
        {
            "workspace": current_workspace_id(),
            "campaign": campaign_id,
            "epoch": epoch,
            "contacts": [one for one, _result in rows],
            "states": [int(result.state) for _one, result in rows],
            "reasons": [result.reason for _one, result in rows],
            "answers": [result.answer[:300] for _one, result in rows],
            "sent": [result.sent_at for _one, result in rows],
            "moments": [result.not_before for _one, result in rows],
        },
    )
    return {row[0]: (row[1], row[2]) for row in done}


def _plan_again(campaign: Campaign, chunk: AudienceChunk, epoch: int) -> None:
    """Those of the chunk to be tried later become chunks of their own, one a minute of their moments."""
    if campaign.state == Campaign.State.CANCELLED:
        return
    waiting = Delivery.objects.filter(
        campaign=campaign, contact__in=chunk.contact_ids, state=State.DEFERRED, epoch=epoch
    ).values_list("contact_id", "not_before")
    groups: dict[datetime, list[int]] = defaultdict(list)
    for contact_id, moment in waiting:
        at = (moment or timezone.now()).replace(second=0, microsecond=0) + timedelta(minutes=1)
        groups[at].append(contact_id)
    number = (AudienceChunk.objects.filter(campaign=campaign).aggregate(last=Max("number"))["last"] or 0) + 1
    for place, at in enumerate(sorted(groups)):
        AudienceChunk.objects.create(
            campaign=campaign, number=number + place, contact_ids=sorted(groups[at]), not_before=at
        )


def _record(campaign: Campaign, written: Mapping[int, tuple[int, str]], results: Mapping[int, Result]) -> None:
    facts = []
    for contact_id, (attempt, address) in written.items():
        result = results[contact_id]
        if result.state == State.SENT:
            facts.append(_fact("sent", campaign, contact_id, attempt, result.sent_at, {"subject": campaign.name}))
        elif result.state == State.FAILED:
            payload = {"answer": result.answer, "hard": result.is_dead_address}
            facts.append(_fact("bounced", campaign, contact_id, attempt, timezone.now(), payload))
            if result.is_dead_address:
                _suppress(address, campaign)
    if facts:
        record(facts, source=source_for(f"campaign-{campaign.pk}", campaign.name))


def _fact(
    kind: str, campaign: Campaign, contact_id: int, attempt: int, at: datetime | None, payload: dict[str, object]
) -> Fact:
    return Fact(
        kind=kind,
        external_id=f"{kind}:{contact_id}:{attempt}",
        occurred_at=at,
        contact_id=contact_id,
        campaign_id=campaign.pk,
        payload=payload,
    )


def _suppress(address: str, campaign: Campaign) -> None:
    try:
        suppress(address, reason=Suppression.Reason.BOUNCE, source=f"campaign {campaign.pk}")
    except BadAddressError:
        return
