"""Reminders when half of a time has gone by: of an answer nobody gave yet, and of a promise nobody kept yet. Each once.

Half is half of what counts: the team's hours of work. While a conversation waits for them, or is out of sight, nothing
is told; what is late is told as late (telling_members.py), not as half.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from conversations.models import Case, Conversation
from conversations.service_levels.team_hours import hours_of
from conversations.service_levels.working_hours import Hours
from conversations.telling_members import HALF, HALF_PROMISED, members_here
from lib.clock import now
from workspaces.models import Notice
from workspaces.noticing import notify_of_many


def is_half_gone(due_at: datetime, minutes: int, moment: datetime, hours: Hours) -> bool:
    """Whether at least half of so many working minutes until `due_at` has passed, and not yet all of them."""
    return moment < due_at and 2 * hours.between(moment, due_at) <= timedelta(minutes=minutes)


def tell_half(conversation_ids: Iterable[int]) -> None:
    """Of these that still wait with half of their time gone, whoever has it is told, else who of the team is here.

    Once for what waits now, whoever has it later. May be repeated. A constant number of statements.
    """
    moment = now()
    waiting = Conversation.objects.filter(
        pk__in=list(conversation_ids), state=Conversation.State.WAITING, due_at__gt=moment, due_minutes__gt=0
    )
    hours, rows = dict[int | None, Hours](), list[Conversation]()
    for row in waiting.select_related("connection__team"):
        team = row.connection.team
        key = team.pk if team else None
        hours[key] = hours.get(key) or hours_of(team)
        if row.due_at and is_half_gone(row.due_at, row.due_minutes or 0, moment, hours[key]):
            rows.append(row)
    if not rows:
        return
    told = Notice.objects.filter(kind=HALF, subject_id__in=[row.pk for row in rows])
    before, here = set(told.values_list("subject_id", "occasion")), members_here(moment)
    news: list[tuple[int, int | None, object]] = []
    for row in rows:
        occasion = f"{row.waiting_since:%Y-%m-%dT%H:%M:%S}"
        if (row.pk, occasion) not in before:
            ours = here.get(row.connection.team_id or 0, [])
            news += [(row.pk, one, occasion) for one in ([row.assignee_id] if row.assignee_id else ours)]
    notify_of_many(HALF, news)


def half_of_promise(case: Case, begun: datetime) -> datetime | None:
    """When half of the time from `begun` until a promise is due has gone, in its team's hours; None: it is due already.

    Where nobody is there until then, half of the time by the clock.
    """
    if case.due_at is None or case.due_at <= begun:
        return None
    hours = hours_of(case.conversation.connection.team)
    minutes = int(hours.between(begun, case.due_at).total_seconds() // 60)
    return hours.add(begun, (minutes + 1) // 2) if minutes else begun + (case.due_at - begun) / 2


def tell_half_promises() -> datetime | None:
    """Whoever promised what is half due is told, once; returns when the next is. What is due is told as due."""
    moment = now()
    rows = Case.objects.filter(closed_at=None, was_kept=None).exclude(promise="").exclude(remind_at=None)
    half = list(rows.filter(remind_at__lte=moment).select_for_update(of=("self",), no_key=True))
    news = [
        (one.conversation_id, one.promised_by_id, f"{one.pk} {one.due_at:%Y-%m-%dT%H:%M}")
        for one in half
        if one.due_at and one.due_at > moment
    ]
    notify_of_many(HALF_PROMISED, news)
    Case.objects.filter(pk__in=[one.pk for one in half]).update(remind_at=None)
    return rows.order_by("remind_at").values_list("remind_at", flat=True).first()
