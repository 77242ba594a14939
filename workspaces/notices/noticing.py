"""Members are told of what concerns them: in the product at once, in browsers that allow it within seconds, by mail when
they have not seen it after a while.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.urls import reverse

from lib.clock import now
from lib.rooms import house
from workspaces import agenda
from workspaces.current import current_workspace_id
from workspaces.models import MemberBrowser, Membership, Notice
from workspaces.permissions import may, team

MAILING, PUSHING = "workspaces.mail_notices", "workspaces.push_notices"
MAILED_AFTER, PUSHED_AFTER = timedelta(minutes=5), timedelta(seconds=10)
KEPT = timedelta(days=90)
MOST_COUNTED = 99
type News = tuple[int, int | None, object]  # subject, member, occasion


@dataclass(frozen=True, slots=True)
class Told:
    """A notice as it is read: whose act, the sentence, what it is about, where it leads."""

    row: Notice
    text: str
    called: str
    icon: str
    url: str


@dataclass(frozen=True, slots=True)
class Found:
    """What notices are about, looked up once for all of them: kind → subject → what it is called; the members' names."""

    called: Mapping[str, Mapping[int, str]]
    names: Mapping[int, str]


def notify(
    kind: str, subject_id: int, users: Iterable[int | None], *, by_id: int | None = None, occasion: object = ""
) -> int:
    """Tell these members of one subject; returns how many heard something new. Else as `notify_of_many`."""
    return len(notify_of_many(kind, [(subject_id, one, occasion) for one in users], by_id=by_id))


def notify_of_many(kind: str, news: Iterable[News], *, by_id: int | None = None) -> set[tuple[int, int]]:
    """Tell members of the open workspace, but never whoever did it; returns (subject, member) of what was new.

    May be repeated: the same occasion is told once. A constant number of statements, however much it is. KeyError for a
    kind that no room offers.
    """
    permission = house.notice_kinds[kind].permission
    wanted = {(subject, one, str(occasion)[:60]) for subject, one, occasion in news if one and one != by_id}
    if not wanted:
        return set()
    members = {one for _subject, one, _occasion in wanted}
    roles = dict(
        Membership.objects.filter(workspace=current_workspace_id(), user__in=members).values_list("user_id", "role")
    )
    told = Notice.objects.filter(kind=kind, user_id__in=members, subject_id__in={one[0] for one in wanted})
    wanted -= set(told.values_list("subject_id", "user_id", "occasion"))
    fresh = [
        Notice(user_id=one, kind=kind, subject_id=subject, by_id=by_id, occasion=occasion)
        for subject, one, occasion in sorted(wanted)
        if may(roles.get(one, ""), permission)
    ]
    Notice.objects.bulk_create(fresh, ignore_conflicts=True)
    if fresh:
        agenda.set_due(MAILING, now() + MAILED_AFTER)
        if MemberBrowser.objects.filter(user_id__in=members).exists():
            agenda.set_due(PUSHING, now() + PUSHED_AFTER)
    return {(row.subject_id, row.user_id) for row in fresh}


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


def look_up(rows: Sequence[Notice]) -> Found:
    """What these notices are about, in the language of now. A query a kind, and one for the names of members."""
    called = {}
    for kind in {row.kind for row in rows} & house.notice_kinds.keys():
        called[kind] = house.notice_kinds[kind].called([row.subject_id for row in rows if row.kind == kind])
    return Found(called, {row.user_id: str(row.user) for row in team()})


def tell(rows: Sequence[Notice], role: str, found: Found | None = None) -> list[Told]:
    """Notices in words, for somebody in this role; without those whose subject is gone or no longer theirs to see.

    `found`: what was looked up for these and others; else it is looked up for those that this role may see.
    """
    kinds = house.notice_kinds
    rows = [row for row in rows if row.kind in kinds and may(role, kinds[row.kind].permission)]
    found = found or look_up(rows)
    told = []
    for row in rows:
        if row.subject_id in found.called.get(row.kind, {}):
            offered = kinds[row.kind]
            text = str(offered.says)
            if "%(who)s" in text:
                text %= {"who": found.names.get(row.by_id or 0, "–")}
            url = reverse(offered.leads_to, args=[row.subject_id])
            told.append(Told(row, text, found.called[row.kind][row.subject_id], offered.icon, url))
    return told


def forget_notices(before: datetime) -> None:
    """Notices from before this moment are of no use any more."""
    Notice.objects.filter(created_at__lt=before).delete()
