"""Teams: who answers what comes in by which connections, when, and within which time."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from conversations.assigning import answerers
from conversations.conversation_state import GIVE, refresh
from conversations.inbox.live import tell_inbox
from conversations.models import Connection, Conversation, Team, TeamMember
from workspaces import agenda
from workspaces.auditing import audit
from workspaces.models import User

MOST_REFRESHED = 5_000


@transaction.atomic
def keep_team(
    team: Team, *, by: User | None, members: Mapping[int, int], connections: Sequence[Connection], **facts: Any
) -> Team:
    """The team is as said: its fields, its members (user → how many they carry at most) and its connections.

    Who waits by one of its connections, or did until now, has a clock of the new hours at once. Members who may not
    answer are left out. A connection belongs to one team.
    """
    is_new = team.pk is None
    for name, value in facts.items():
        setattr(team, name, value)
    team.save()
    able = answerers()
    kept = {user: most for user, most in members.items() if user in able}
    TeamMember.objects.filter(team=team).exclude(user_id__in=kept).delete()
    for user, most in kept.items():
        TeamMember.objects.update_or_create(team=team, user_id=user, defaults={"capacity": most})
    Connection.objects.filter(team=team).exclude(pk__in=[one.pk for one in connections]).update(team=None)
    Connection.objects.filter(pk__in=[one.pk for one in connections]).update(team=team)
    audit("team.added" if is_new else "team.changed", by=by, target=team, members=len(kept))
    _refresh_waiting()
    return team


@transaction.atomic
def remove_team(team: Team, *, by: User | None) -> None:
    """It goes; its connections belong to nobody in particular, and the usual hours count again."""
    Connection.objects.filter(team=team).update(team=None)
    audit("team.removed", by=by, target=team, name=team.name)
    team.delete()
    _refresh_waiting()


def _refresh_waiting() -> None:
    waiting = Conversation.objects.filter(state=Conversation.State.WAITING).order_by("-priority")
    refresh(waiting.values_list("pk", flat=True)[:MOST_REFRESHED])
    tell_inbox()  # the queue of a member's teams is another
    agenda.set_due(GIVE)
