"""What members have not seen ten seconds after it was told leaves for their browsers, sealed for each, and comes there at
most once: what a push service did not take for a passing reason is tried a few times more.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from django.db.models import Min, QuerySet

from lib.clock import now
from lib.push.asking import Answer, Manner
from lib.push.keys import Proofs
from lib.push.rounds import Leaving, ask_all
from lib.push.sealing import Shown
from lib.sealing import SealBrokenError
from workspaces.current import working_in
from workspaces.models import MemberBrowser, Membership, Notice, Workspace
from workspaces.notices.browsers import browsers_of, forget_browsers
from workspaces.notices.noticing import PUSHED_AFTER, PUSHING, look_up, tell
from workspaces.notices.own_keys import own_proofs
from workspaces.notices.wording import member_language, shown_of, shown_test
from workspaces.permissions import team
from workspaces.tasks import hurry

OF_USE = timedelta(hours=1)  # nothing older leaves, and no service keeps it longer
TRIED_AFTER = tuple(
    timedelta(seconds=one) for one in (30, 120, 480, 1_200)
)  # together half of the time that it is of use
TEST_OF_USE = timedelta(minutes=1)
MOST_AT_ONCE = 200
ROUND_SECONDS = 5.0
log = structlog.get_logger(__name__)
Posts = list[tuple[bytes, Manner]]


@dataclass(frozen=True, slots=True)
class Going:
    """What leaves for one browser now, packed, in its order; and of each post the notices that it tells, none for a test."""

    browser: MemberBrowser
    posts: Posts
    of: list[list[int]]


@dataclass(slots=True)
class Theirs:
    """A member, one browser of theirs, what it is told now, and which notices of that its service did not take before."""

    membership: Membership
    browser: MemberBrowser
    rows: list[Notice]
    again: set[int]


def push_notices(workspace: Workspace) -> datetime | None:
    """The agenda's work; returns when the next is due.

    A browser shows it at most once: it counts as pushed before it leaves. What its service does not take for a passing
    reason is tried again while it is of use and unseen, after 30 seconds, 2, 8 and 20 minutes, or as long as Retry-After
    says; what never leaves stands in the product anyway, and is mailed. While push services are asked, no transaction is
    open; those that hang hold up this round for five seconds at most.
    """
    with working_in(workspace):
        going, proofs, next_at = _going(), _proofs(), _next_at()
    if going and proofs is not None:
        answers = ask_all([Leaving(one.browser, one.posts) for one in going], proofs, seconds=ROUND_SECONDS)
        with working_in(workspace):
            _hear(answers, going)
            next_at = _next_at()
    return next_at


def ask_for_test(user_id: int, pk: int) -> bool:
    """A notification to try it leaves for this browser of theirs within seconds. May be repeated. False where there is none."""
    asked = browsers_of(user_id).filter(pk=pk).update(test_asked_at=now())
    if asked:
        hurry(PUSHING)
    return bool(asked)


def _waiting() -> QuerySet[Notice]:
    """What is unseen, of use and was not pushed yet, of those who have a browser."""
    return _of_use().filter(pushed_at=None, user_id__in=MemberBrowser.objects.values("user_id"))


def _of_use() -> QuerySet[Notice]:
    return Notice.objects.filter(seen_at=None, created_at__gte=now() - OF_USE)


def _next_at() -> datetime | None:
    oldest = _waiting().aggregate(at=Min("created_at"))["at"]
    again = MemberBrowser.objects.filter(waiting__len__gt=0).aggregate(at=Min("again_at"))["at"]
    return min(filter(None, (oldest and oldest + PUSHED_AFTER, again)), default=None)


def _going() -> list[Going]:
    """What leaves for each browser; all of it counts as pushed. A constant number of statements, however many members.

    What is new for a browser whose service wants peace, or is away, waits with what waits there already.
    """
    moment = now()
    browsers = list(MemberBrowser.objects.order_by("-seen_at", "-pk").select_for_update())
    due = list(
        _waiting().filter(created_at__lte=moment - PUSHED_AFTER).order_by("pk").select_for_update()[:MOST_AT_ONCE]
    )
    Notice.objects.filter(pk__in=[row.pk for row in due]).update(pushed_at=moment)
    trying = {one.pk for one in browsers if one.test_asked_at and one.test_asked_at >= moment - TEST_OF_USE}
    waited = {one.pk: one.waiting for one in browsers}
    theirs = _theirs(browsers, due, moment)
    changed = [one for one in browsers if one.test_asked_at or one.waiting != waited[one.pk]]
    for one in changed:
        one.test_asked_at = None
    MemberBrowser.objects.bulk_update(changed, ["test_asked_at", "waiting"])
    return [one for one in _told(theirs, trying) if one.posts]


def _theirs(browsers: Sequence[MemberBrowser], due: Sequence[Notice], moment: datetime) -> list[Theirs]:
    """Each browser of those who work here. What it is told now waits there no more; if its time has not come, all waits."""
    again = {pk for one in browsers for pk in one.waiting}
    waited = {row.pk: row for row in _of_use().filter(pk__in=again)} if again else {}
    fresh = defaultdict[int, list[Notice]](list)
    for row in due:
        fresh[row.user_id].append(row)
    members = {one.user_id: one for one in team() if one.user.is_active}
    found = []
    for one in browsers:
        rows = [waited[pk] for pk in one.waiting if pk in waited and waited[pk].user_id == one.user_id]
        is_early = one.again_at is not None and one.again_at > moment
        one.waiting = [row.pk for row in (*rows, *fresh[one.user_id])][-MOST_AT_ONCE:] if is_early else []
        if one.user_id in members:
            told = [] if is_early else [*rows, *fresh[one.user_id]]
            found.append(Theirs(members[one.user_id], one, told, {row.pk for row in rows}))
    return found


def _told(theirs: Sequence[Theirs], trying: set[int]) -> Iterator[Going]:
    for group in _by_language(theirs).values():
        with member_language(group[0].membership.user):
            looked_up = look_up([row for one in group for row in one.rows])
            for one in group:
                going = Going(one.browser, [], [])
                told = tell(one.rows, one.membership.role, looked_up)
                shown = shown_of(told)
                parts = [[each] for each in told] if len(shown) == len(told) else [told]
                for (what, tag), part in zip(shown, parts, strict=True):
                    rows = [each.row for each in part]
                    going.posts.append(_pack(what, tag, [row for row in rows if row.pk in one.again]))
                    going.of.append([row.pk for row in rows])
                if one.browser.pk in trying:
                    going.posts.append(_pack(*shown_test(), []))
                    going.of.append([])
                yield going


def _by_language(theirs: Sequence[Theirs]) -> Mapping[str, list[Theirs]]:
    groups = defaultdict[str, list[Theirs]](list)
    for one in theirs:
        with member_language(one.membership.user) as code:
            groups[code].append(one)
    return groups


def _pack(shown: Shown, tag: str, again: Sequence[Notice]) -> tuple[bytes, Manner]:
    """What is tried `again` rings only where nothing of it stands: a service may have taken it and not said so."""
    since = now() - min(row.created_at for row in again) if again else timedelta()
    kept = max(1, int((OF_USE - since).total_seconds()))
    return shown.pack(tag, rings_again=not again), Manner(kept, topic=tag)


def _proofs() -> Proofs | None:
    try:
        return own_proofs()
    except SealBrokenError as error:
        log.warning("push_keys_sealed", error=str(error))
        return None


def _hear(answers: Sequence[Answer], going: Sequence[Going]) -> None:
    """Who is gone is forgotten. What may be taken later waits for its browser; the rest that did not leave is mailed later,
    like all that is not seen.
    """
    good_at = {one.asked.origin for one in answers if one.is_taken}
    forget_browsers({one.asked.digest: one.asked.seen_at for one in answers if one.is_gone(good_at)})
    lost = {one.asked.digest: one for one in answers if not one.is_taken}
    if lost:
        whys = sorted({str(one.status or one.why) for one in lost.values()})[:5]
        log.warning("notices_not_pushed", count=len(lost), why=whys)
    taken = Counter(one.asked.digest for one in answers if one.is_taken)
    _keep_for_later(
        {digest: one for digest, one in lost.items() if one.is_passing and not one.is_gone(good_at)},
        {one.browser.digest: [pk for of in one.of[taken[one.browser.digest] :] for pk in of] for one in going},
        {one.browser.digest: one.browser.user_id for one in going if one.browser.tries or one.browser.digest in lost},
    )


def _keep_for_later(passing: Mapping[str, Answer], left: Mapping[str, list[int]], whose: Mapping[str, int]) -> None:
    """Of each browser in `whose` (digest → member) what is `left` waits, where the failure passes; else its tries are over."""
    waits = defaultdict[str, float](float)
    for answer in passing.values():
        if answer.said is not None:
            waits[answer.asked.origin] = max(waits[answer.asked.origin], answer.said.wait or 0)
    rows = [
        row
        for row in MemberBrowser.objects.filter(digest__in=whose).select_for_update()
        if row.user_id == whose[row.digest]
    ]
    fresh = _told_lately([pk for row in rows if row.tries >= len(TRIED_AFTER) for pk in left[row.digest]])
    for row in rows:
        failed = passing.get(row.digest)
        if failed is None:
            row.tries, row.again_at = 0, now() if row.waiting else None
            continue
        asked_for = timedelta(seconds=min(waits[failed.asked.origin], OF_USE.total_seconds()))
        kept = [pk for pk in left[row.digest] if row.tries < len(TRIED_AFTER) or pk in fresh]
        if kept:
            step = TRIED_AFTER[min(row.tries, len(TRIED_AFTER) - 1)]
            row.waiting = [*kept, *row.waiting]
            row.again_at = max(now() + max(step, asked_for), row.again_at or now())
            row.tries = min(row.tries + failed.is_asked, len(TRIED_AFTER))
        else:
            row.tries, row.again_at = 0, now() + asked_for if asked_for else None
    MemberBrowser.objects.bulk_update(rows, ["waiting", "tries", "again_at"])


def _told_lately(pks: Sequence[int]) -> set[int]:
    """Those told since a service may have been away for all of its tries: these were not tried as often yet."""
    since = now() - sum(TRIED_AFTER, timedelta())
    return set(Notice.objects.filter(pk__in=pks, created_at__gt=since).values_list("pk", flat=True)) if pks else set()
