"""What a push service does not take for a passing reason comes to the browser later, while it is of use, and never twice."""

from collections import Counter
from datetime import timedelta

import pytest

from conversations.telling_members import GIVEN, LATE
from lib.clock import now
from lib.push.browsers import read_browser
from tests.conftest import join, make_user
from tests.messengers.pushing import PushService
from tests.workspaces.test_pushing_notices import browser_of, left, look, talk, tell  # noqa: F401
from workspaces.current import working_in
from workspaces.models import MemberBrowser, Role
from workspaces.notices.browsers import allow_browser, move_browser
from workspaces.notices.noticing import see
from workspaces.notices.pushing import TRIED_AFTER, ask_for_test

pytestmark = pytest.mark.django_db
BUSY = (503, {})


@pytest.fixture
def desk(kettle, ada, bob, talk, service, browser_of):  # noqa: F811
    """Bob's browser; he is told of something, and its service is busy."""
    made = browser_of(bob, kettle, "desk")
    service.answers = {"desk": BUSY}
    tell(kettle, bob, talk.pk, ada)
    return made


def waiting(workspace) -> list[int]:
    with working_in(workspace):
        return [len(one.waiting) for one in MemberBrowser.objects.order_by("pk")]


@pytest.mark.parametrize("how", [(500, {}), (503, {}), (429, {}), (408, {}), "cut"])
def test_it_comes_as_soon_as_the_service_takes_it_and_once(kettle, desk, service, look, how):  # noqa: F811
    service.answers = {} if how == "cut" else {"desk": how}
    service.cuts = {"desk"} if how == "cut" else set()
    assert look() == now() + TRIED_AFTER[0]
    tried = len(service.asked)
    assert look(seconds=29) == now() + timedelta(seconds=1)
    assert (tried, len(service.asked)) == (1, 1)

    service.answers, service.cuts = {}, set()
    assert look(seconds=1) is None
    look(minutes=5)

    assert len(service.asked) == 2
    shown = desk.read(service.asked[1].body)
    assert shown["title"] == "Ada Berg named you in a note of the inbox"
    assert "again" not in shown  # a service may have taken it without a word: it rings once
    assert service.asked[0].headers["Topic"] == service.asked[1].headers["Topic"]
    assert 3_500 < int(service.asked[1].headers["TTL"]) <= 3_600 - 40


def test_a_service_that_is_not_there_is_asked_again(kettle, desk, service, look, settings):  # noqa: F811
    away = PushService()
    away.close()
    settings.ECRM_PUSH_SERVICES = [*settings.ECRM_PUSH_SERVICES, away.url]
    with working_in(kettle):
        MemberBrowser.objects.update(endpoint=desk.endpoint.replace(service.url, away.url))
    assert look() == now() + TRIED_AFTER[0]

    service.answers = {}
    with working_in(kettle):
        MemberBrowser.objects.update(endpoint=desk.endpoint)
    look(seconds=30)

    assert service.counts == Counter({"desk": 1})


def test_what_one_browser_has_got_does_not_come_there_again(kettle, bob, desk, service, browser_of, look):  # noqa: F811
    browser_of(bob, kettle, "phone")
    look()
    service.answers = {}
    look(seconds=30)

    assert service.counts == Counter({"desk": 2, "phone": 1})


def test_of_three_those_that_it_took_do_not_come_again(kettle, ada, bob, desk, talk, service, look):  # noqa: F811
    tell(kettle, bob, talk.pk, ada, kind=GIVEN)
    tell(kettle, bob, talk.pk, ada, kind=LATE)
    said = iter([(201, {}), BUSY])
    plain = service.hear

    def hear(method, path, headers, raw):
        service.answers = {"desk": next(said, (201, {}))}
        return plain(method, path, headers, raw)

    service.hear = hear
    look()
    assert (len(service.asked), waiting(kettle)) == (2, [2])
    look(seconds=30)

    titles = [desk.read(one.body)["title"] for one in service.asked]
    assert len(titles) == 4
    assert titles[1:3] == [titles[1]] * 2
    assert len(set(titles)) == 3


def test_it_waits_longer_each_time_and_then_no_more(kettle, desk, service, look):  # noqa: F811
    moments = [look() - now()]
    while (again := look(seconds=moments[-1].total_seconds())) is not None:
        moments.append(again - now())

    assert moments == list(TRIED_AFTER)
    assert len(service.asked) == 1 + len(TRIED_AFTER)
    assert waiting(kettle) == [0]
    assert left(kettle) == {desk.endpoint}


def test_what_is_told_late_while_a_service_is_away_is_tried_longer_than_what_was_told_before(
    kettle,
    ada,
    bob,
    desk,
    talk,  # noqa: F811
    service,
    look,  # noqa: F811
):
    again = look()
    for _try in range(3):
        again = look(seconds=(again - now()).total_seconds())
    tell(kettle, bob, talk.pk, ada, kind=GIVEN)
    again = look(seconds=(again - now()).total_seconds())

    assert waiting(kettle) == [1]
    assert again == now() + TRIED_AFTER[-1]
    service.answers = {}
    assert look(seconds=(again - now()).total_seconds()) is None
    assert "gave you" in desk.read(service.asked[-1].body)["title"]
    assert waiting(kettle) == [0]


def test_what_is_new_while_a_service_wants_peace_waits_with_the_rest(kettle, ada, bob, desk, talk, service, look):  # noqa: F811
    service.answers = {"desk": (429, {"Retry-After": "600"})}
    assert look() == now() + timedelta(minutes=10)
    tell(kettle, bob, talk.pk, ada, kind=GIVEN)
    assert look() == now() + timedelta(minutes=10) - timedelta(seconds=10)
    assert (len(service.asked), waiting(kettle)) == (1, [2])

    service.answers = {}
    assert look(minutes=10) is None
    assert len(service.asked) == 3


def test_all_browsers_of_a_service_wait_as_long_as_it_says(kettle, ada, bob, desk, talk, service, browser_of, look):  # noqa: F811
    for number in range(8):
        browser_of(bob, kettle, f"b{number}")
    service.always = (429, {"Retry-After": "600"})
    look()
    asked = len(service.asked)
    look(minutes=9)
    assert len(service.asked) == asked

    service.always, service.answers = None, {}
    look(minutes=1)
    assert waiting(kettle) == [0] * 9
    assert len(service.asked) == asked + 9


def test_who_saw_it_meanwhile_is_not_told_again(kettle, bob, desk, service, look):  # noqa: F811
    look()
    with working_in(kettle):
        see(bob.pk)
    service.answers = {}
    look(seconds=30)

    assert len(service.asked) == 1
    assert waiting(kettle) == [0]


def test_after_an_hour_it_is_of_no_use(kettle, desk, service, look):  # noqa: F811
    service.answers = {"desk": (429, {"Retry-After": "86400"})}
    assert look() == now() + timedelta(hours=1)
    service.answers = {}
    assert look(hours=1) is None

    assert len(service.asked) == 1


@pytest.mark.parametrize("status", [400, 403, 413])
def test_what_is_refused_for_good_is_not_tried_again(kettle, desk, service, look, status):  # noqa: F811
    service.answers = {"desk": (status, {})}
    assert look() is None
    assert waiting(kettle) == [0]


def test_a_browser_that_goes_to_another_member_brings_nothing_along(kettle, desk, service, look):  # noqa: F811
    look()
    carl = make_user("carl@kettle.example", "Carl")
    service.answers = {}

    join(kettle, carl, Role.MARKETER)
    with working_in(kettle):
        allow_browser(carl.memberships.get(workspace=kettle), read_browser(desk.json), agent="")
    look(seconds=30)

    assert len(service.asked) == 1


def test_a_browser_that_moved_takes_along_what_waits(kettle, desk, service, look):  # noqa: F811
    look()

    moved = service.browser("moved")
    with working_in(kettle):
        assert move_browser(read_browser(desk.json), read_browser(moved.json))
    look(seconds=1)

    assert service.counts == Counter({"desk": 1, "moved": 1})


def test_a_test_that_works_lets_what_waits_follow_at_once(kettle, bob, desk, service, look):  # noqa: F811
    look()
    service.answers = {}
    with working_in(kettle):
        ask_for_test(bob.pk, MemberBrowser.objects.get().pk)
    assert look(seconds=1) == now()
    assert look(seconds=1) is None

    titles = [desk.read(one.body)["title"] for one in service.asked[1:]]
    assert titles[0].startswith("It works")
    assert titles[1].startswith("Ada Berg named you")
