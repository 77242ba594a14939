"""What came back takes its effect: a dead address, a complaint, a hold, a sign that it arrived. Once, in any order."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.db import transaction

from consent.consenting import addresses_of
from consent.models import Suppression
from consent.suppressing import suppress_all
from contacts.models import Contact
from delivery.bounces.soft_bounces import settle_held, settle_holds
from delivery.engine.finishing import message_source
from delivery.models import Delivery, Message, Sender
from delivery.pace.complaint_guard import guard_complaints
from delivery.returns.events import Kind, ReturnEvent
from delivery.returns.finding import find_deliveries
from delivery.returns.folding import FOLDED, fold
from delivery.returns.watched import take_watched
from delivery.senders import channel_of
from delivery.unsubscribing import take_complaint, unsubscribe
from lib.sql import array_of, array_of_moments, array_of_texts, run_sql
from touchpoints.facts import Fact
from touchpoints.recording import record
from workspaces.current import current_workspace_id

MOMENTS = tuple(name for name in FOLDED if name.endswith("_at"))


@dataclass(slots=True)
class _Changes:
    """The deliveries whose events are new, by kind."""

    rows: dict[int, Delivery]
    before: dict[int, tuple[object, ...]]
    hard: list[Delivery] = field(default_factory=list)
    soft: list[Delivery] = field(default_factory=list)
    complaints: list[Delivery] = field(default_factory=list)
    stops: list[Delivery] = field(default_factory=list)
    arrived: list[Delivery] = field(default_factory=list)
    bounces: list[tuple[Delivery, ReturnEvent]] = field(default_factory=list)


@transaction.atomic
def take_events(events: Sequence[ReturnEvent], *, sender: Sender | None = None) -> int:
    """Let these take effect; returns how many spoke of an email of ours. Call inside working_in. May be repeated.

    A number of statements that follows the number of messages, complaints and unsubscribes, not of events. Locks the
    messages complained about, then the deliveries.
    """
    found = find_deliveries(events, sender)
    pairs = [(one, pk) for one, pk in zip(events, found, strict=True) if pk is not None]
    if not pairs:
        return 0
    rows = _locked({pk for _one, pk in pairs}, {pk for one, pk in pairs if one.kind == Kind.COMPLAINT})
    pairs = [(one, pk) for one, pk in pairs if pk in rows]
    changes = _Changes(rows, {pk: _facts_of(row) for pk, row in rows.items()})
    for one, pk in pairs:
        _fold(changes, rows[pk], one)
    _write(row for pk, row in rows.items() if _facts_of(row) != changes.before[pk])
    _take_effect(changes)
    take_watched([(one, rows[pk]) for one, pk in pairs if one.kind in {Kind.OPEN, Kind.CLICK}])
    return len(pairs)


def _locked(ids: Collection[int], complained: Collection[int]) -> dict[int, Delivery]:
    """The rows, ours until the end. Whoever finishes a chunk holds its message before its rows: so do we where we need both."""
    if complained:
        about = Delivery.objects.filter(pk__in=complained).values("message_id")
        list(Message.objects.select_for_update(no_key=True).filter(pk__in=about).order_by("pk").values_list("pk"))
    rows = Delivery.objects.select_for_update().filter(pk__in=ids).order_by("pk")
    return {row.pk: row for row in rows}


def _fold(changes: _Changes, row: Delivery, one: ReturnEvent) -> None:
    had = (row.bounced_at, row.soft_bounced_at, row.complained_at, row.unsubscribed_at)
    fold(row, one)
    if one.kind == Kind.HARD and had[0] is None:
        changes.hard.append(row)
        changes.bounces.append((row, one))
    elif one.kind == Kind.SOFT:
        changes.soft.append(row)
        if had[1] is None:
            changes.bounces.append((row, one))
    elif one.kind == Kind.COMPLAINT and had[2] is None:
        changes.complaints.append(row)
    elif one.kind == Kind.UNSUBSCRIBE and had[3] is None:
        changes.stops.append(row)
    elif one.kind == Kind.DELIVERED:
        changes.arrived.append(row)


def _take_effect(changes: _Changes) -> None:
    touched = [*changes.hard, *(row for row, _one in changes.bounces), *changes.complaints, *changes.stops]
    messages = Message.objects.select_related("topic", "sender").in_bulk({row.message_id for row in touched})
    people = Contact.objects.filter(erased_at=None).in_bulk({row.contact_id for row in touched})
    _suppress([row for row in changes.hard if row.contact_id in people], people, messages)
    _record([(row, one) for row, one in changes.bounces if row.contact_id in people], messages)
    for row in changes.complaints:
        if row.contact_id in people:
            take_complaint(people[row.contact_id], messages[row.message_id])
            guard_complaints(messages[row.message_id])
    for row in changes.stops:
        if row.contact_id in people:
            unsubscribe(people[row.contact_id], messages[row.message_id])
    settle_holds({row.address for row in [*changes.soft, *changes.hard] if "@" in row.address})
    settle_held({row.address for row in changes.arrived if "@" in row.address})


def _suppress(rows: Iterable[Delivery], people: Mapping[int, Contact], messages: Mapping[int, Message]) -> None:
    dead: dict[int, list[str]] = defaultdict(list)
    channels = {pk: channel_of(message.sender) for pk, message in messages.items()}
    for row in rows:
        known = [row.address] if row.address else addresses_of(people[row.contact_id], channels[row.message_id])
        dead[row.message_id] += known
    for message_id, addresses in dead.items():
        source = f"message {message_id}"
        suppress_all(addresses, channel=channels[message_id], reason=Suppression.Reason.BOUNCE, source=source)


def _record(bounces: Iterable[tuple[Delivery, ReturnEvent]], messages: Mapping[int, Message]) -> None:
    """One fact a delivery and hardness, however often and by whom it is told."""
    facts: dict[int, list[Fact]] = defaultdict(list)
    for row, one in bounces:
        hardness, occasion = one.kind.value, f":{row.occasion}" if row.occasion else ""
        facts[row.message_id].append(
            Fact(
                kind="bounced",
                external_id=f"bounced:{row.contact_id}:returned:{hardness}{occasion}",
                occurred_at=one.at,
                contact_id=row.contact_id,
                channel=channel_of(messages[row.message_id].sender),
                message_id=row.message_id,
                payload={"hard": one.kind == Kind.HARD, "status": one.status, "answer": one.words},
                has_foreign_id=True,  # told by a webhook and by a report at two moments, it is one bounce
            )
        )
    for message_id, some in facts.items():
        if messages[message_id].is_counted:
            record(some, source=message_source(messages[message_id]))


def _facts_of(row: Delivery) -> tuple[object, ...]:
    return tuple(getattr(row, name) for name in FOLDED)


def _write(rows: Iterable[Delivery]) -> None:
    changed = list(rows)
    if not changed:
        return
    moments = {name: array_of_moments(getattr(row, name) for row in changed) for name in MOMENTS}
    params = {
        "workspace": current_workspace_id(),
        "ids": array_of(row.pk for row in changed),
        "state": array_of(int(row.state) for row in changed),
        "answer": array_of_texts([row.answer for row in changed]),
    }
    run_sql("delivery/fold", params | moments)
