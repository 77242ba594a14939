"""Members are told of what concerns them: in the product at once, by mail when they have not seen it after a while."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.urls import reverse

from lib.clock import now
from lib.rooms import house
from workspaces import agenda
from workspaces.current import current_workspace_id
from workspaces.models import Membership, Notice
from workspaces.permissions import may, team

MAILING = "workspaces.mail_notices"
MAILED_AFTER = timedelta(minutes=5)
KEPT = timedelta(days=90)
MOST_COUNTED = 99


@dataclass(frozen=True, slots=True)
class Told:
    """A notice as it is read: whose act, the sentence, what it is about, where it leads."""

    row: Notice
    text: str
    called: str
    icon: str
    url: str


def notify(
    kind: str, subject_id: int, users: Iterable[int | None], *, by_id: int | None = None, occasion: object = ""
) -> int:
    """Tell these members of the open workspace, but never whoever did it; returns how many heard something new.

    May be repeated: the same occasion is told once. KeyError for a kind that no room offers.
    """
    offered = house.notice_kinds[kind]
    wanted = {one for one in users if one} - {by_id}
    if not wanted:
        return 0
    roles = {
        row.user_id: row.role for row in Membership.objects.filter(workspace=current_workspace_id(), user__in=wanted)
    }
    rows = [
        Notice(user_id=one, kind=kind, subject_id=subject_id, by_id=by_id, occasion=str(occasion)[:60])
        for one, role in sorted(roles.items())
        if may(role, offered.permission)
    ]
    before = Notice.objects.filter(kind=kind, subject_id=subject_id, occasion=str(occasion)[:60])
    told = set(before.filter(user_id__in=roles).values_list("user_id", flat=True))
    fresh = [row for row in rows if row.user_id not in told]
    Notice.objects.bulk_create(fresh, ignore_conflicts=True)
    if fresh:
        agenda.set_due(MAILING, now() + MAILED_AFTER)
    return len(fresh)


def unseen(user_id: int) -> QuerySet[Notice]:
    """What this member has not looked at yet."""
    return Notice.objects.filter(user_id=user_id, seen_at=None)


def unseen_count(user_id: int) -> int:
    """For the bell: at most 99, then it stays there."""
    return unseen(user_id)[:MOST_COUNTED].count()


def see(user_id: int, *, subject_id: int | None = None, kinds: Sequence[str] = (), pk: int | None = None) -> int:
    """They have seen these notices of theirs, by default all; returns how many were new. May be repeated."""
    rows = unseen(user_id)
    if subject_id is not None:
        rows = rows.filter(subject_id=subject_id, kind__in=kinds)
    if pk is not None:
        rows = rows.filter(pk=pk)
    return rows.update(seen_at=now())


def tell(rows: Sequence[Notice], role: str) -> list[Told]:
    """Notices in words, for somebody in this role; without those whose subject is gone or no longer theirs to see.

    A query a kind, and one for the names of members.
    """
    names = {row.user_id: str(row.user) for row in team()}
    called: dict[str, dict[int, str]] = {}
    for kind in {row.kind for row in rows} & house.notice_kinds.keys():
        offered = house.notice_kinds[kind]
        if may(role, offered.permission):
            called[kind] = dict(offered.called([row.subject_id for row in rows if row.kind == kind]))
    told = []
    for row in rows:
        if row.subject_id in called.get(row.kind, {}):
            offered = house.notice_kinds[row.kind]
            text = str(offered.says)
            if "%(who)s" in text:
                text %= {"who": names.get(row.by_id or 0, "–")}
            url = reverse(offered.leads_to, args=[row.subject_id])
            told.append(Told(row, text, called[row.kind][row.subject_id], offered.icon, url))
    return told


def forget_notices(before: datetime) -> None:
    """Notices from before this moment are of no use any more."""
    Notice.objects.filter(created_at__lt=before).delete()
