"""Members are told what the inbox wants of them: a note names them, they were given something, something is late."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from conversations.models import Case, Conversation, Forward, Reply, Team, TeamMember
from conversations.service_levels.team_hours import hours_of
from lib.clock import now
from lib.notices import NoticeKind
from workspaces import agenda
from workspaces.auditing import audit
from workspaces.notices.noticing import notify, notify_of_many, see
from workspaces.permissions import who_may

PROMISES = "conversations.promises"
MOST = 500
NAMED, GIVEN, LATE = "conversations.named", "conversations.given", "conversations.late"
ESCALATED, PROMISED = "conversations.escalated", "conversations.promised"
HALF, LAST_QUARTER = "conversations.half", "conversations.last_quarter"
HALF_PROMISED, SOON_PROMISED = "conversations.half_promised", "conversations.soon_promised"
ASKED, RETURNED = "conversations.asked", "conversations.returned"
FORWARD_ASKED, FORWARD_RETURNED = "conversations.forward_asked", "conversations.forward_back"
UNSENT, UNFORWARDED = "conversations.unsent", "conversations.unforwarded"


def _titles(ids: Sequence[int]) -> Mapping[int, str]:
    return dict(Conversation.objects.filter(pk__in=ids).values_list("pk", "title"))


def _kind(name: str, says: object, icon: str) -> NoticeKind:
    return NoticeKind(name, says, icon, "conversations:conversation", _titles, "social.see")  # type: ignore[arg-type]


KINDS = [
    _kind(NAMED, _("%(who)s named you in a note of the inbox"), "at"),
    _kind(GIVEN, _("%(who)s gave you a conversation"), "message-reply"),
    _kind(HALF, _("Half of the time for an answer is gone"), "clock"),
    _kind(LAST_QUARTER, _("Three quarters of the time for an answer are gone"), "clock"),
    _kind(HALF_PROMISED, _("Half of the time for what you promised is gone"), "clock"),
    _kind(SOON_PROMISED, _("What you promised is due within half an hour"), "clock"),
    _kind(LATE, _("An answer is late"), "alarm"),
    _kind(ESCALATED, _("An answer is very late, and you look after that"), "alarm"),
    _kind(PROMISED, _("What you promised is due"), "heart-handshake"),
    _kind(ASKED, _("%(who)s asks you to approve an answer"), "user-check"),
    _kind(RETURNED, _("%(who)s gave an answer back to you that was to be approved"), "arrow-back-up"),
    _kind(FORWARD_ASKED, _("%(who)s asks you to approve what is to be forwarded"), "user-check"),
    _kind(FORWARD_RETURNED, _("%(who)s gave back to you what you wanted to forward"), "arrow-back-up"),
    _kind(UNFORWARDED, _("What you forwarded did not arrive, or nobody knows whether it did"), "mail-forward"),
    _kind(UNSENT, _("An answer of yours did not reach them"), "alert-triangle"),
]


def saw_conversation(pk: int, user_id: int) -> int:
    """Whoever looks at a conversation has seen what they were told of it. May be repeated."""
    return see(user_id, subject_id=pk, kinds=[one.name for one in KINDS])


def escalates_at(due_at: datetime | None, team: Team | None) -> datetime | None:
    """When somebody else hears that an answer is late: after the team's time, in its hours of work; None: never."""
    if due_at is None or team is None or not team.escalate_minutes:
        return None
    return hours_of(team).add(due_at, team.escalate_minutes)


def tell_late(conversation_ids: Iterable[int]) -> None:
    """Whoever has one of these that is late is told, and of those that nobody has, who of the team is here.

    After the team's time whoever looks after late ones is told as well, by default everybody of the team. Each once for
    what waits now. May be repeated.
    """
    moment = now()
    late = Conversation.objects.filter(
        pk__in=list(conversation_ids), state=Conversation.State.WAITING, due_at__lte=moment
    )
    rows = list(late.select_related("connection__team"))
    if not rows:
        return
    here, able = members_here(moment), who_may("social.answer")
    news, very_late = [], []
    for row in rows:
        team, occasion = row.connection.team, f"{row.due_at:%Y-%m-%dT%H:%M}"
        ours = here.get(team.pk, []) if team else []
        news += [(row.pk, one, occasion) for one in ([row.assignee_id] if row.assignee_id else ours)]
        escalates = escalates_at(row.due_at, team)
        if team and escalates and escalates <= moment:
            looks = [team.escalate_to_id] if team.escalate_to_id in able else ours  # who left looks after nothing
            very_late += [(row.pk, one, occasion) for one in looks]
    notify_of_many(LATE, news)
    escalated = {subject for subject, _member in notify_of_many(ESCALATED, very_late)}
    for row in rows:
        if row.pk in escalated:
            audit("conversation.escalated", by=None, target=row)


def members_here(moment: datetime) -> dict[int, list[int]]:
    """Team → its members who are not away. One query."""
    found: dict[int, list[int]] = {}
    for one in TeamMember.objects.all():
        if one.away_until is None or one.away_until <= moment:
            found.setdefault(one.team_id, []).append(one.user_id)
    return found


def tell_unsent(reply: Reply) -> None:
    """Whoever gave an answer that did not reach the person is told, once for each time it was tried. May be repeated."""
    occasion = f"{reply.pk} {reply.attempts}"
    notify_of_many(UNSENT, [(reply.conversation_id, reply.by_id, occasion)])


def tell_due_promises() -> datetime | None:
    """Whoever promised something that is due is told; returns when the next is."""
    rows = Case.objects.filter(closed_at=None, was_kept=None).exclude(promise="").exclude(due_at=None)
    notify_of_many(PROMISED, news_of_promises(rows.filter(due_at__lte=now()).order_by("-due_at")[:MOST]))
    later = rows.filter(due_at__gt=now()).order_by("due_at")
    return later.values_list("due_at", flat=True).first()


def news_of_promises(cases: Iterable[Case]) -> list[tuple[int, int | None, object]]:
    """What `notify_of_many` takes: whoever promised it is told once for this moment of it."""
    return [(one.conversation_id, one.promised_by_id, f"{one.pk} {one.due_at:%Y-%m-%dT%H:%M}") for one in cases]


def tell_unforwarded(row: Forward) -> None:
    """Whoever forwarded it hears that it did not arrive or perhaps did not; what a machine forwarded, who has it.

    Once for each try. Its conversation is at hand.
    """
    notify(
        UNFORWARDED,
        row.conversation_id,
        [row.by_id or row.conversation.assignee_id],
        occasion=f"{row.pk} {row.attempts}",
    )


def promise_is_due(at: datetime | None) -> None:
    """Somebody promised something until then."""
    if at is not None:
        agenda.set_due(PROMISES, at)
