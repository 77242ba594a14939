"""What members have not seen ten seconds after it was told leaves for their browsers, at most once, sealed for each."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
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
TEST_OF_USE = timedelta(minutes=1)
MOST_AT_ONCE = 200
ROUND_SECONDS = 5.0
log = structlog.get_logger(__name__)
Posts = list[tuple[bytes, Manner]]


@dataclass(slots=True)
class Theirs:
    """A member who has something due, and their browsers."""

    membership: Membership
    browsers: list[MemberBrowser]
    rows: list[Notice]


def push_notices(workspace: Workspace) -> datetime | None:
    """The agenda's work; returns when the next is due.

    It leaves at most once: it counts as pushed before it leaves, for what it says stands in the product anyway. While
    push services are asked, no transaction is open; those that hang hold up this round for five seconds at most.
    """
    with working_in(workspace):
        leaving, proofs = _leaving(), _proofs()
        oldest = _waiting().aggregate(at=Min("created_at"))["at"]
    if leaving and proofs is not None:
        answers = ask_all(leaving, proofs, seconds=ROUND_SECONDS)
        with working_in(workspace):
            _hear(answers)
    return oldest + PUSHED_AFTER if oldest else None


def ask_for_test(user_id: int, pk: int) -> bool:
    """A notification to try it leaves for this browser of theirs within seconds. May be repeated. False where there is none."""
    asked = browsers_of(user_id).filter(pk=pk).update(test_asked_at=now())
    if asked:
        hurry(PUSHING)
    return bool(asked)


def _waiting() -> QuerySet[Notice]:
    """What is unseen and of use, of those who have a browser."""
    wanting = MemberBrowser.objects.values("user_id")
    return Notice.objects.filter(seen_at=None, pushed_at=None, created_at__gte=now() - OF_USE, user_id__in=wanting)


def _leaving() -> list[Leaving]:
    """What leaves for each browser; all of it counts as pushed. A constant number of statements, however many members."""
    due = list(
        _waiting().filter(created_at__lte=now() - PUSHED_AFTER).order_by("pk").select_for_update()[:MOST_AT_ONCE]
    )
    Notice.objects.filter(pk__in=[row.pk for row in due]).update(pushed_at=now())
    tests = list(MemberBrowser.objects.exclude(test_asked_at=None).select_for_update())
    MemberBrowser.objects.filter(pk__in=[one.pk for one in tests]).update(test_asked_at=None)
    trying = {one.pk for one in tests if one.test_asked_at and one.test_asked_at >= now() - TEST_OF_USE}
    return [Leaving(browser, posts) for browser, posts in _posts(due, trying) if posts]


def _posts(due: Sequence[Notice], trying: set[int]) -> list[tuple[MemberBrowser, Posts]]:
    found: list[tuple[MemberBrowser, Posts]] = []
    for group in _by_language(_theirs(due)).values():
        with member_language(group[0].membership.user):
            looked_up = look_up([row for one in group for row in one.rows])
            for one in group:
                posts = [_pack(*said) for said in shown_of(tell(one.rows, one.membership.role, looked_up))]
                test = [_pack(*shown_test())]
                found += [(browser, posts + test * (browser.pk in trying)) for browser in one.browsers]
    return found


def _theirs(due: Sequence[Notice]) -> list[Theirs]:
    """Each member who works here and has a browser, with what is due for them."""
    browsers, rows = defaultdict[int, list[MemberBrowser]](list), defaultdict[int, list[Notice]](list)
    for one in MemberBrowser.objects.order_by("-seen_at", "-pk"):
        browsers[one.user_id].append(one)
    for row in due:
        rows[row.user_id].append(row)
    return [
        Theirs(one, browsers[one.user_id], rows[one.user_id])
        for one in team()
        if one.user_id in browsers and one.user.is_active
    ]


def _by_language(theirs: Sequence[Theirs]) -> Mapping[str, list[Theirs]]:
    groups = defaultdict[str, list[Theirs]](list)
    for one in theirs:
        with member_language(one.membership.user) as code:
            groups[code].append(one)
    return groups


def _pack(shown: Shown, tag: str) -> tuple[bytes, Manner]:
    return shown.pack(tag, rings_again=True), Manner(int(OF_USE.total_seconds()), topic=tag)


def _proofs() -> Proofs | None:
    try:
        return own_proofs()
    except SealBrokenError as error:
        log.warning("push_keys_sealed", error=str(error))
        return None


def _hear(answers: Sequence[Answer]) -> None:
    """Who is gone is forgotten. What did not leave is mailed later, like all that is not seen."""
    good_at = {one.asked.origin for one in answers if one.is_taken}
    forget_browsers({one.asked.digest: one.asked.seen_at for one in answers if one.is_gone(good_at)})
    lost = [one for one in answers if not one.is_taken]
    if lost:
        log.warning("notices_not_pushed", count=len(lost), why=sorted({str(one.status or one.why) for one in lost})[:5])
