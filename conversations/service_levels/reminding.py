"""Reminders before it is late: of an answer nobody gave yet when half and three quarters of its time have gone by, of a
promise nobody kept yet when half has, and half an hour before. Each once.

They are half and three quarters of what counts: the team's hours of work. While a conversation waits for them, or is out
of sight, nothing is told; what is late is told as late (telling_members.py), not as half.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from conversations.models import Case, Conversation
from conversations.service_levels.team_hours import hours_of
from conversations.service_levels.working_hours import Hours
from conversations.telling_members import (
    HALF,
    HALF_PROMISED,
    LAST_QUARTER,
    SOON_PROMISED,
    members_here,
    news_of_promises,
)
from lib.clock import now
from workspaces.models import Notice
from workspaces.notices.noticing import notify_of_many

SOON = timedelta(minutes=30)


def is_half_gone(due_at: datetime, minutes: int, moment: datetime, hours: Hours) -> bool:
    """Whether at least half of so many working minutes until `due_at` has passed, and not yet all of them."""
    return moment < due_at and 2 * hours.between(moment, due_at) <= timedelta(minutes=minutes)


def is_last_quarter(due_at: datetime, minutes: int, moment: datetime, hours: Hours) -> bool:
    """Whether at least three quarters of them have passed, and not yet all."""
    return moment < due_at and 4 * hours.between(moment, due_at) <= timedelta(minutes=minutes)


def tell_gone(conversation_ids: Iterable[int]) -> None:
    """Of these that still wait: with half of their time gone whoever has it is told, else who of the team is here; with
    three quarters gone whoever has it and who of the team is here.

    Each once for what waits now, whoever has it later; three quarters that are gone at the first look stand for half, too.
    May be repeated. A constant number of statements.
    """
    moment = now()
    gone = _gone(conversation_ids, moment)
    if not gone:
        return
    told = Notice.objects.filter(kind__in=[HALF, LAST_QUARTER], subject_id__in=[row.pk for row, _kind in gone])
    before = set(told.values_list("kind", "subject_id", "occasion"))
    here = members_here(moment)
    news: dict[str, list[tuple[int, int | None, object]]] = {HALF: [], LAST_QUARTER: []}
    for row, kind in gone:
        occasion = f"{row.waiting_since:%Y-%m-%dT%H:%M:%S}"
        if (kind, row.pk, occasion) not in before:
            has, ours = [row.assignee_id] if row.assignee_id else [], here.get(row.connection.team_id or 0, [])
            who = {*has, *ours} if kind == LAST_QUARTER else has or ours
            news[kind] += [(row.pk, one, occasion) for one in sorted(who)]
    for kind, some in news.items():
        notify_of_many(kind, some)


def _gone(conversation_ids: Iterable[int], moment: datetime) -> list[tuple[Conversation, str]]:
    """Those of which half is gone or three quarters are, and which of both."""
    waiting = Conversation.objects.filter(
        pk__in=list(conversation_ids), state=Conversation.State.WAITING, due_at__gt=moment, due_minutes__gt=0
    )
    hours, found = dict[int | None, Hours](), list[tuple[Conversation, str]]()
    for row in waiting.select_related("connection__team"):
        team = row.connection.team
        key = team.pk if team else None
        hours[key] = hours.get(key) or hours_of(team)
        if row.due_at and is_half_gone(row.due_at, row.due_minutes or 0, moment, hours[key]):
            is_last = is_last_quarter(row.due_at, row.due_minutes or 0, moment, hours[key])
            found.append((row, LAST_QUARTER if is_last else HALF))
    return found


def first_reminder_of(case: Case, begun: datetime) -> datetime | None:
    """When half of the time from `begun` until a promise is due has gone, in its team's hours, or half an hour before it is
    due where that comes sooner; None: it is due before both.

    Where nobody is there until then, half of the time by the clock.
    """
    if case.due_at is None or case.due_at <= begun:
        return None
    hours = hours_of(case.conversation.connection.team)
    minutes = int(hours.between(begun, case.due_at).total_seconds() // 60)
    half = hours.add(begun, (minutes + 1) // 2) if minutes else begun + (case.due_at - begun) / 2
    soon = case.due_at - SOON
    return min(half, soon) if soon > begun else None


def remind_of_promises() -> datetime | None:
    """Whoever promised what is half due is told, and half an hour before it is; each once. Returns when the next is.

    What is due is told as due.
    """
    moment = now()
    rows = Case.objects.filter(closed_at=None, was_kept=None).exclude(promise="").exclude(remind_at=None)
    come = list(rows.filter(remind_at__lte=moment).select_for_update(of=("self",), no_key=True))
    later = [one for one in come if one.due_at and one.due_at > moment + SOON]
    soon = [one for one in come if one.due_at and moment < one.due_at <= moment + SOON]
    notify_of_many(HALF_PROMISED, news_of_promises(later))
    notify_of_many(SOON_PROMISED, news_of_promises(soon))
    for one in come:
        one.remind_at = one.due_at - SOON if one.due_at and one in later else None
    Case.objects.bulk_update(come, ["remind_at"])
    return rows.order_by("remind_at").values_list("remind_at", flat=True).first()
