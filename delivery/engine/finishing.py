"""Finishing: what became of each person of a chunk goes into the database at once, fenced by the lease's epoch."""

import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Max

from consent.models import Suppression
from consent.suppressing import suppress_all
from contacts.channels import Channel
from delivery.bounces.soft_bounces import settle_holds
from delivery.engine.resending import resend_by_itself
from delivery.events import tell_failed
from delivery.models import Delivery, Message, RecipientChunk
from delivery.news import message_finished
from delivery.pace.rationing import give_back_to_day
from delivery.personal.personal_words import with_words
from delivery.picked import tell_picked
from delivery.senders import channel_of
from lib.clock import now
from lib.sql import array_of, array_of_moments, array_of_texts, numbers_of, read_sql, run_prepared
from touchpoints.facts import Fact
from touchpoints.models import Source
from touchpoints.recording import record
from touchpoints.sources import source_for
from workspaces.current import current_workspace_id

State = Delivery.State
HANDED_OVER = {State.SENT, State.FAILED, State.IN_DOUBT}  # what a server may remember of its sender
LADDER = [timedelta(minutes=m) for m in (1, 5, 30, 120, 360)]


@dataclass(slots=True)
class Result:
    """What became of one person. `is_dead_address`: the other side knows no such address."""

    state: int
    reason: str = ""
    answer: str = ""
    sent_at: datetime | None = None
    not_before: datetime | None = None
    is_dead_address: bool = False
    units: int = 1


def later(attempt: int, answer: str) -> Result:
    """A temporary refusal: the next step of the ladder, or the end of it."""
    if attempt > len(LADDER):
        return Result(State.FAILED, "gave_up", answer[:300])
    wait = LADDER[attempt - 1] * random.uniform(1.0, 1.2)  # noqa: S311 - jitter, so that retries spread
    return Result(State.DEFERRED, "asked_to_wait", answer[:300], not_before=now() + wait)


@transaction.atomic
def finish_chunk(
    message_id: int,
    chunk_id: int,
    epoch: int,
    results: Mapping[int, Result],
    *,
    released_until: datetime | None = None,
) -> bool:
    """Write the results of a lease; False when the lease had been taken over (then nothing is written).

    People whose result is "waiting" leave the chunk open for the next worker, from `released_until` on. Locks the
    message, then the chunk.
    """
    message = Message.objects.select_for_update(no_key=True).get(pk=message_id)
    chunk = RecipientChunk.objects.select_for_update().filter(pk=chunk_id, epoch=epoch, is_done=False).first()
    if chunk is None or chunk.leased_until is None:
        return False
    settle(message, chunk, epoch, results, released_until=released_until)
    return True


def settle(
    message: Message,
    chunk: RecipientChunk,
    epoch: int,
    results: Mapping[int, Result],
    *,
    released_until: datetime | None = None,
) -> None:
    """Write results and give the chunk back. The caller holds the locks of message and chunk."""
    if message.state == Message.State.CANCELLED:
        results = {
            one: Result(State.CANCELLED) if result.state in {State.QUEUED, State.DEFERRED} else result
            for one, result in results.items()
        }
    _none_ahead(results)
    written = _write(chunk, epoch, results)
    _record(message, chunk, written, results)
    were_decided_at_claim = len(results) < len(chunk.contact_ids)  # some of them may be held for the night
    if were_decided_at_claim or any(result.state == State.DEFERRED for result in results.values()):
        _plan_again(message, chunk, epoch)
    if doubts := [one for one in written if results[one].state == State.IN_DOUBT]:
        resend_by_itself(message, doubts, chunk.occasion)
    give_back_to_day(message, chunk, used=sum(results[one].state in HANDED_OVER for one in written))
    waiting = [one for one in chunk.contact_ids if one in written and results[one].state == State.QUEUED]
    changed = ["leased_until", "leased_by", "is_done", "not_before", "counted_on"]
    if waiting:  # the others have their word, or a chunk of their own: no two open chunks name one person
        chunk.contact_ids = waiting
        changed.append("contact_ids")
    chunk.leased_until, chunk.leased_by, chunk.is_done = None, "", not waiting
    chunk.not_before = released_until if waiting else None
    chunk.save(update_fields=changed)
    close_when_done(message)


def _none_ahead(results: Mapping[int, Result]) -> None:
    """Nothing was sent later than now: where the clock was set back since, the ledger would refuse them all."""
    moment = now()
    for result in results.values():
        if result.sent_at is not None and result.sent_at > moment:
            result.sent_at = moment


def close_when_done(message: Message) -> None:
    """A message that is being sent and has no open chunks is sent; a standing one stays open."""
    if message.state != Message.State.SENDING or message.is_standing:
        return
    if not RecipientChunk.objects.filter(message=message, is_done=False).exists():
        message.state, message.finished_at, message.state_reason = Message.State.SENT, now(), ""
        message.save(update_fields=["state", "finished_at", "state_reason"])
        message_finished.tell(message=message)


def message_source(message: Message) -> Source:
    """The source of every fact of a message."""
    if message.is_personal:
        return source_for("personal", "Personal emails")
    return source_for(f"message-{message.pk}", message.name)


def _write(chunk: RecipientChunk, epoch: int, results: Mapping[int, Result]) -> dict[int, tuple[int, str]]:
    """Contact → (attempt, address) of the rows that were ours."""
    found = list(results.values())
    params = numbers_of(State) | {
        "workspace": current_workspace_id(),
        "message": chunk.message_id,
        "occasion": chunk.occasion,
        "epoch": epoch,
        "contacts": array_of(results),
        "states": array_of(int(result.state) for result in found),
        "reasons": array_of_texts([result.reason for result in found]),
        "answers": array_of_texts([result.answer[:300] for result in found]),
        "sent_at": array_of_moments(result.sent_at for result in found),
        "moments": array_of_moments(result.not_before for result in found),
        "units": array_of(result.units for result in found),
    }
    rows = run_prepared(read_sql("delivery/finish"), params)
    return {contact: (attempts, address) for contact, attempts, address in rows}


def _plan_again(message: Message, chunk: RecipientChunk, epoch: int) -> None:
    """Those of the chunk to be tried later become chunks of their own, one a minute of their moments."""
    mine = Delivery.objects.filter(
        message=message, contact__in=chunk.contact_ids, occasion=chunk.occasion, state=State.DEFERRED, epoch=epoch
    )
    if message.state == Message.State.CANCELLED:
        mine.update(state=State.CANCELLED, reason="", not_before=None)
        return
    waiting = mine.values_list("contact_id", "not_before")
    groups: dict[datetime, list[int]] = defaultdict(list)
    for contact_id, moment in waiting:
        at = (moment or now()).replace(second=0, microsecond=0) + timedelta(minutes=1)
        groups[at].append(contact_id)
    number = (RecipientChunk.objects.filter(message=message).aggregate(last=Max("number"))["last"] or 0) + 1
    RecipientChunk.objects.bulk_create(
        RecipientChunk(
            message=message,
            number=number + place,
            occasion=chunk.occasion,
            contact_ids=sorted(groups[at]),
            not_before=at,
        )
        for place, at in enumerate(sorted(groups))
    )


def _record(
    message: Message, chunk: RecipientChunk, written: Mapping[int, tuple[int, str]], results: Mapping[int, Result]
) -> None:
    """Sent and bounced as facts, in one batch, where it counts; dead addresses onto the suppression list."""
    facts, dead, refused = list[Fact](), list[str](), list[str]()
    make, moment, given = _fact_maker(message, chunk.occasion), now(), {"subject": message.name}
    for contact_id, (attempt, address) in written.items():
        result = results[contact_id]
        if result.state == State.SENT:
            facts.append(make("sent", contact_id, attempt, result.sent_at, given))
        elif result.state == State.FAILED:
            answered = {"answer": result.answer, "hard": result.is_dead_address}
            facts.append(make("bounced", contact_id, attempt, moment, answered))
            (dead if result.is_dead_address else refused).append(address)
    tell_failed(message, [one for one in written if results[one].state == State.EXCLUDED])
    sent = {one: results[one].sent_at for one in written if results[one].state == State.SENT}
    tell_picked(message, chunk.occasion, sent)
    _keep_facts(message, facts)
    if dead:
        source = f"message {message.pk}"
        suppress_all(dead, channel=channel_of(message.sender), reason=Suppression.Reason.BOUNCE, source=source)
    if refused and channel_of(message.sender) == Channel.EMAIL:
        settle_holds(refused)


def record_sent(message: Message, rows: Iterable[Delivery]) -> None:
    """That these were sent turned out later: the same facts that a chunk leaves, at their `sent_at`. May be repeated."""
    given, found = {"subject": message.name}, list(rows)
    for occasion in {one.occasion for one in found}:
        tell_picked(message, occasion, {one.contact_id: one.sent_at for one in found if one.occasion == occasion})
    _keep_facts(
        message,
        [_fact_maker(message, one.occasion)("sent", one.contact_id, one.attempts, one.sent_at, given) for one in found],
    )


def _keep_facts(message: Message, facts: list[Fact]) -> None:
    facts = with_words(message, facts) if message.is_personal else facts
    if facts and message.is_counted:
        record(facts, source=message_source(message))


def _fact_maker(message: Message, for_: int) -> Callable[..., Fact]:
    """Makes facts of (kind, contact, attempt, moment, payload) for an occasion."""
    occasion, channel, number = f":{for_}" if for_ else "", channel_of(message.sender), message.pk

    def make(kind: str, contact_id: int, attempt: int, at: datetime | None, payload: Mapping[str, object]) -> Fact:
        return Fact(
            kind=kind,
            external_id=f"{kind}:{contact_id}:{attempt}{occasion}",
            occurred_at=at,
            contact_id=contact_id,
            channel=channel,
            message_id=number,
            payload=payload,
        )

    return make
