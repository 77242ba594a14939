"""Where conversations stand: state, clock and priority, derived anew from their events, as a set.

Four reads and one write for any number of conversations; safe to repeat at any time.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import batched

from contacts.merging import survivors_of
from contacts.models import AudienceRole
from conversations.inbox.live import tell_inbox
from conversations.inbox.prioritising import (
    IN_TIME,
    LATE,
    LATE_POINTS,
    MOST_LATE_POINTS,
    SOON,
    Circumstances,
    Line,
    weigh,
)
from conversations.models import Conversation, Mention, PublicAuthor, Reply, Team
from conversations.service_levels.sla_clock import CLOSED, OURS, REOPENED, THEIRS, Clock, Event, read_clock
from conversations.service_levels.targets import asks_for, kind_of_channel
from conversations.service_levels.team_hours import hours_of, targets_of
from conversations.telling_members import escalates_at
from engagement.reading import Shown, shown_for
from lib.clock import now
from lib.sql import run_sql
from workspaces import agenda
from workspaces.current import current_workspace_id

State = Conversation.State
WAKE = "conversations.wake"
GIVE = "conversations.give"
HOUR = SOON_IS = timedelta(hours=1)
AT_ONCE = 2_000
COLUMNS = {
    "ids": "pk", "states": "state", "waiting": "waiting_since", "due": "due_at", "resolve": "resolve_by",
    "wake": "wake_at", "priorities": "priority", "last": "last_at", "snoozed": "snoozed_until", "changed": "changed_at",
    "minutes": "due_minutes", "due_for": "due_for",
}  # fmt: skip


@dataclass(slots=True)
class _Seen:
    """What belongs to one conversation."""

    mentions: list[dict[str, object]] = field(default_factory=list)
    replies: list[datetime] = field(default_factory=list)


def refresh(conversation_ids: Iterable[int]) -> None:
    """Bring these conversations up to date with what happened in them and with the time of day. Locks their rows.

    Those that were merged into another stay as they are.
    """
    rows = list(
        Conversation.objects.filter(pk__in=set(conversation_ids))
        .exclude(state=State.MERGED)
        .select_related("author__contact", "connection__team")
        .select_for_update(of=("self",), no_key=True)
        .order_by("pk")
    )
    if not rows:
        return
    seen = _events_of(rows)
    contacts = {row.author.contact_id for row in rows if row.author.contact_id}
    stands_for = survivors_of(contacts) if contacts else {}
    of_survivors = shown_for(sorted({*stands_for.values()})) if contacts else {}
    shown = {one: of_survivors[other] for one, other in stands_for.items() if other in of_survivors}
    roles_of = _roles_of({*stands_for.values()})
    roles = {one: roles_of[other] for one, other in stands_for.items() if other in roles_of}
    moment = now()
    for row in rows:
        _derive(row, seen[row.pk], shown, roles, moment)
    _keep(rows)
    if wakes := [row.wake_at for row in rows if row.wake_at]:
        agenda.set_due(WAKE, min(wakes))
    if Team.objects.exclude(assigns="", requeue_minutes=0).exists():  # whoever has room again may get something
        agenda.set_due(GIVE)
    tell_inbox()


def _keep(rows: Sequence[Conversation]) -> None:
    """One statement for each 2,000 of them."""
    for some in batched(rows, AT_ONCE):
        columns: dict[str, object] = {name: [getattr(one, field) for one in some] for name, field in COLUMNS.items()}
        whys = [json.dumps(one.priority_why) for one in some]
        run_sql("conversations/keep_state", columns | {"whys": whys, "workspace": current_workspace_id()})


def events_of(row: Conversation, mentions: Iterable[Mapping[str, object]], replies: Iterable[datetime]) -> list[Event]:
    """The events the clock reads. Deleted and silent mentions ask for nothing; failed replies answered nothing."""
    events = [
        Event(THEIRS, one["published_at"], one["received_at"], asks_for(one), bool(one["is_urgent"]))  # type: ignore[arg-type]
        for one in mentions
        if not one["is_silent"] and one["deleted_at"] is None
    ]
    events += [Event(OURS, at, at) for at in replies]
    if row.closed_at:
        events.append(Event(CLOSED, row.closed_at, row.closed_at))
    if row.reopened_at:
        events.append(Event(REOPENED, row.reopened_at, row.reopened_at))
    return events


def _events_of(rows: list[Conversation]) -> dict[int, _Seen]:
    ids = [row.pk for row in rows]
    seen: dict[int, _Seen] = defaultdict(_Seen)
    columns = (
        "conversation_id", "published_at", "received_at", "is_silent", "deleted_at", "sentiment", "confidence_milli",
        "intent", "is_urgent", "reach", "rating",
    )  # fmt: skip
    mentions = Mention.objects.filter(conversation__in=ids, twin_of=None)
    for one in mentions.order_by("published_at", "pk").values(*columns):
        seen[one["conversation_id"]].mentions.append(one)
    replies = Reply.objects.filter(conversation__in=ids).exclude(state=Reply.State.FAILED)
    for conversation, at in replies.values_list("conversation_id", "created_at"):
        seen[conversation].replies.append(at)
    return seen


def _roles_of(contacts: set[int]) -> dict[int, frozenset[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    if contacts:
        for contact, role in AudienceRole.objects.filter(contact__in=contacts, until=None).values_list(
            "contact_id", "role"
        ):
            found[contact].add(role)
    return {contact: frozenset(roles) for contact, roles in found.items()}


def _derive(
    row: Conversation,
    seen: _Seen,
    shown: Mapping[int, Shown],
    roles: Mapping[int, frozenset[int]],
    moment: datetime,
) -> None:
    team, events = row.connection.team, events_of(row, seen.mentions, seen.replies)
    found = _circumstances(row, row.author, seen.mentions, shown, roles)
    kind = kind_of_channel(row, seen.mentions)
    clock = read_clock(events, is_public=row.is_public, hours=hours_of(team), targets=targets_of(team), channel=kind)
    was_due, missed = row.due_at, moment if row.wake_at and row.wake_at <= moment else None
    row.waiting_since, row.due_at, row.changed_at = clock.waiting_since, clock.due_at, moment
    row.resolve_by = clock.resolve_by
    row.due_minutes, row.due_for = (clock.minutes, f"{kind}.{clock.because}") if clock.due_at else (None, "")
    moments = [one["published_at"] for one in seen.mentions] + seen.replies
    if moments:
        row.last_at = max(moments)  # type: ignore[type-var,assignment]
    if row.snoozed_until and (row.snoozed_until <= moment or clock.waiting_since is None):
        row.snoozed_until = None
    if row.state != State.SPAM:
        snoozed = row.snoozed_until is not None
        row.state = State.DONE if clock.waiting_since is None else State.SNOOZED if snoozed else State.WAITING
    lateness, late_hours, wake_at = _lateness(clock, moment)
    wakes = [wake_at, _after(moment, escalates_at(clock.due_at, team)), _reminds_at(clock, was_due, moment)]
    row.wake_at = min(filter(None, [*wakes, row.snoozed_until, missed]), default=None)
    if row.state in {State.DONE, State.SPAM}:
        row.wake_at = None
    target = max(round(clock.minutes / 60), 1) if clock.due_at else 0
    total, lines = weigh(replace(found, lateness=lateness, late_hours=late_hours, target_hours=target))
    row.priority, row.priority_why = total, [_kept(line) for line in lines]


def _reminds_at(clock: Clock, was_due: datetime | None, moment: datetime) -> datetime | None:
    """When half, then three quarters of the time are gone: at once where they are, and the time is another than before."""
    if clock.half_at is None or clock.due_at is None or clock.due_at <= moment:
        return None
    if clock.half_at <= moment and clock.due_at != was_due:
        return moment
    return _after(moment, clock.half_at) or _after(moment, clock.last_quarter_at)


def _after(moment: datetime, at: datetime | None) -> datetime | None:
    return at if at and at > moment else None


def _kept(line: Line) -> list[str | int]:
    return [line.code, line.points, line.number]


def _lateness(clock: Clock, moment: datetime) -> tuple[int, int, datetime | None]:
    """IN_TIME, SOON or LATE, by how many whole hours, and the next moment at which that weighs more."""
    if clock.due_at is None:
        return IN_TIME, 0, None
    if moment >= clock.due_at:
        hours = int((moment - clock.due_at) / HOUR)
        is_steep = LATE_POINTS + hours < MOST_LATE_POINTS
        return LATE, hours, clock.due_at + (hours + 1) * HOUR if is_steep else None
    soon_at = clock.due_at - SOON_IS
    return (SOON, 0, clock.due_at) if moment >= soon_at else (IN_TIME, 0, soon_at)


def _circumstances(
    row: Conversation,
    author: PublicAuthor,
    mentions: list[dict[str, object]],
    shown: Mapping[int, Shown],
    roles: Mapping[int, frozenset[int]],
) -> Circumstances:
    kept = [one for one in mentions if one["deleted_at"] is None]
    last = kept[-1] if kept else {}
    contact = author.contact
    score = shown.get(author.contact_id) if author.contact_id else None
    return Circumstances(
        is_public=row.is_public,
        sentiment=str(last.get("sentiment", "unc")),
        confidence=int(last.get("confidence_milli", 0)) / 1000,  # type: ignore[call-overload]
        intent=str(last.get("intent", "other")),
        is_urgent=bool(last.get("is_urgent")),
        roles=roles.get(author.contact_id, frozenset()) if author.contact_id else frozenset(),
        level=int(score.level) if score else 0,
        influence=score.influence if score else 0.0,
        followers=author.followers or 0,
        negative_count=sum(one["sentiment"] == "neg" for one in kept),
        has_open_complaint=bool(contact and contact.complaint_since),
    )
