"""Conversations are given in turn: to whoever of the team is here, has room, and carries the fewest.

Whoever is given one and stays silent loses it again: after the team's time it goes to somebody else.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from conversations.assigning import answerers
from conversations.conversation_state import GIVE
from conversations.inbox.live import tell_inbox
from conversations.models import Conversation, Team, TeamMember
from conversations.service_levels.team_hours import hours_of
from lib.clock import now
from workspaces import agenda
from workspaces.auditing import audit
from workspaces.current import working_in
from workspaces.models import Workspace

MOST = 500


@dataclass(slots=True)
class Seat:
    """A member who may be given something: how many they carry, when they were given the last."""

    member: TeamMember
    carries: int

    @property
    def has_room(self) -> bool:
        """Whether they can take one more."""
        return self.member.capacity == 0 or self.carries < self.member.capacity

    @property
    def turn(self) -> tuple[int, float, int]:
        """The lowest is next."""
        given = self.member.given_at
        return self.carries, given.timestamp() if given else 0.0, self.member.user_id


def give_due(workspace: Workspace) -> datetime | None:
    """The agenda's work: each team's waiting conversations are given; returns when to come again."""
    with working_in(workspace):
        teams = list(Team.objects.exclude(assigns=Team.Assigns.NOBODY) | Team.objects.filter(requeue_minutes__gt=0))
    moments = []
    for team in teams:
        with working_in(workspace):
            moments.append(give_in_turn(team))
    return min(filter(None, moments), default=None)


@transaction.atomic
def give_in_turn(team: Team) -> datetime | None:
    """Give what waits for nobody, after taking back what was given in vain; the moment to look again.

    Nothing is given while the team is closed. May be repeated. Locks the team's row.
    """
    Team.objects.select_for_update(no_key=True).get(pk=team.pk)
    hours, moment = hours_of(team), now()
    if not hours.is_open(moment):
        return hours.add(moment, 0)
    left = _take_back(team, moment)
    seats = _seats(team, moment)
    if team.assigns == Team.Assigns.IN_TURN and seats and _give(_waiting(team), seats, left, moment) == MOST:
        return moment  # there may be more
    return min(filter(None, (_next_taken_back(team), _next_return(team, moment))), default=None)


def _waiting(team: Team) -> QuerySet[Conversation]:
    rows = Conversation.objects.filter(connection__team=team, state=Conversation.State.WAITING, assignee_id=None)
    rows = rows.select_for_update(
        of=("self",), skip_locked=True, no_key=True
    )  # what a colleague is just taking is theirs
    return rows.order_by("-priority", "waiting_since", "pk")[:MOST]


def _seats(team: Team, moment: datetime) -> list[Seat]:
    able = answerers()
    members = [one for one in TeamMember.objects.filter(team=team) if one.user_id in able]
    here = [one for one in members if one.away_until is None or one.away_until <= moment]
    carried = Counter(
        Conversation.objects.filter(
            state=Conversation.State.WAITING, assignee_id__in=[one.user_id for one in here]
        ).values_list("assignee_id", flat=True)
    )
    return [Seat(one, carried[one.user_id]) for one in here]


def _give(rows: Iterable[Conversation], seats: list[Seat], left: dict[int, int], moment: datetime) -> int:
    """How many were given."""
    given = []
    for step, row in enumerate(rows):
        free = [one for one in seats if one.has_room]
        others = [one for one in free if one.member.user_id != left.get(row.pk)]
        if not free:
            break
        seat = min(others or free, key=lambda one: one.turn)
        row.assignee_id, row.assigned_at, row.changed_at = seat.member.user_id, moment, moment
        seat.carries += 1
        seat.member.given_at = moment + timedelta(microseconds=step)
        audit("conversation.given", by=None, target=row, to=seat.member.user_id)
        given.append(row)
    if given:
        Conversation.objects.bulk_update(given, ["assignee_id", "assigned_at", "changed_at"], batch_size=500)
        TeamMember.objects.bulk_update([one.member for one in seats], ["given_at"])
        tell_inbox()
    return len(given)


def _held(team: Team) -> QuerySet[Conversation]:
    rows = Conversation.objects.filter(connection__team=team, state=Conversation.State.WAITING)
    rows = rows.select_for_update(of=("self",), skip_locked=True, no_key=True)
    return rows.exclude(assignee_id=None).exclude(assigned_at=None).order_by("assigned_at")[:MOST]


def _silent_since(row: Conversation) -> datetime:
    """Since when its member could have said something: they were given it, and somebody waits."""
    return max(filter(None, (row.assigned_at, row.waiting_since)), default=now())


def _take_back(team: Team, moment: datetime) -> dict[int, int]:
    """Conversation → who had it, of those whose time is over or who went away: they stand among the unassigned again."""
    hours, minutes = hours_of(team), team.requeue_minutes
    away = set(TeamMember.objects.filter(away_until__gt=moment).values_list("user_id", flat=True))
    over = [
        row
        for row in _held(team)
        if row.assignee_id in away or (minutes and hours.add(_silent_since(row), minutes) <= moment)
    ]
    had = {row.pk: row.assignee_id or 0 for row in over}
    for row in over:
        audit("conversation.requeued", by=None, target=row, had=row.assignee_id)
        row.assignee_id, row.assigned_at, row.changed_at = None, None, moment
    Conversation.objects.bulk_update(over, ["assignee_id", "assigned_at", "changed_at"], batch_size=500)
    if over:
        tell_inbox()
    return had


def _next_taken_back(team: Team) -> datetime | None:
    if not team.requeue_minutes:
        return None
    hours = hours_of(team)
    return min((hours.add(_silent_since(row), team.requeue_minutes) for row in _held(team)), default=None)


def _next_return(team: Team, moment: datetime) -> datetime | None:
    away = TeamMember.objects.filter(team=team, away_until__gt=moment).order_by("away_until")
    return away.values_list("away_until", flat=True).first()


@transaction.atomic
def set_away(user_id: int, until: datetime | None) -> int:
    """In each of their teams they are away until then, and what they carry waits for everybody; None: they are here.

    Returns how many conversations went back. May be repeated.
    """
    TeamMember.objects.filter(user_id=user_id).update(away_until=until)
    back = 0
    if until is not None and until > now():
        theirs = Conversation.objects.filter(assignee_id=user_id, state=Conversation.State.WAITING)
        back = theirs.update(assignee_id=None, assigned_at=None, changed_at=now())
    agenda.set_due(GIVE)
    tell_inbox()
    return back
