"""What members have not seen leaves for their browsers: sealed for each, once, in their language, whoever hangs or is gone."""

import threading
from collections import Counter
from datetime import timedelta

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from django.db import connection
from django.test.utils import CaptureQueriesContext

from contacts.noting import add_note as note_on
from conversations.models import Conversation
from conversations.telling_members import GIVEN, LATE, NAMED
from lib.clock import now
from lib.push import rounds
from lib.push.browsers import read_browser
from tests.conftest import join, make_user
from tests.factories.contacts import make_contact
from tests.factories.social import make_mention
from tests.messengers.pushing import CURVE, PushService, un64
from workspaces import agenda
from workspaces.current import open_workspace, working_in
from workspaces.models import AgendaItem, MemberBrowser, Membership, Notice, PushKeys, Role, User
from workspaces.notices import pushing
from workspaces.notices.browsers import allow_browser
from workspaces.notices.mailing import mail_notices
from workspaces.notices.noticing import PUSHED_AFTER, PUSHING, notify, see
from workspaces.notices.own_keys import public_key
from workspaces.notices.pushing import ask_for_test, push_notices

pytestmark = pytest.mark.django_db
AGENT = "Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537.36"


@pytest.fixture
def talk(kettle, bob):
    with working_in(kettle):
        return Conversation.objects.get(pk=make_mention("Does it drip?").conversation_id)


@pytest.fixture
def browser_of(service):
    """`browser_of(user, workspace, name)`: a browser at the push service that this member has allowed."""

    def go(user, workspace, name, at=service):
        made = at.browser(name)
        with working_in(workspace):
            public_key()
            membership = Membership.objects.get(workspace=workspace, user=user)
            made.row = allow_browser(membership, read_browser(made.json), agent=AGENT)
        return made

    return go


@pytest.fixture
def look(kettle, time_machine):
    """`look()`: ten seconds later the work is done."""

    def go(workspace=kettle, **passed):
        time_machine.move_to(now() + timedelta(**(passed or {"seconds": 10})), tick=False)
        return push_notices(workspace)

    return go


def tell(workspace, user, subject_id, by, kind=NAMED, occasion=""):
    with working_in(workspace):
        notify(kind, subject_id, [user.pk], by_id=by.pk, occasion=occasion)


def left(workspace) -> set[str]:
    with working_in(workspace):
        return set(MemberBrowser.objects.values_list("endpoint", flat=True))


def test_it_comes_to_each_browser_within_seconds_and_once(kettle, ada, bob, talk, service, browser_of, look):
    desk, phone = browser_of(bob, kettle, "desk"), browser_of(bob, kettle, "phone")
    browser_of(ada, kettle, "hers")
    tell(kettle, bob, talk.pk, ada)
    due_at = AgendaItem.objects.get(work=PUSHING).due_at
    assert timedelta() <= due_at - told_at(kettle) - PUSHED_AFTER < timedelta(seconds=2)

    assert push_notices(kettle) == told_at(kettle) + PUSHED_AFTER
    assert service.asked == []
    assert look() is None
    look()

    assert service.counts == Counter({"desk": 1, "phone": 1})
    bodies = {one.name: one.body for one in service.asked}
    shown = desk.read(bodies["desk"])
    assert phone.read(bodies["phone"]) == shown
    assert (shown["title"], shown["text"]) == ("Ada Berg named you in a note of the inbox", "Kettle & Co")
    assert "drip" not in str(shown)  # what people wrote stays in the product
    assert shown["again"] is True


def told_at(workspace):
    """The moment of the only notice."""
    with working_in(workspace):
        return Notice.objects.get().created_at


def test_a_click_leads_to_what_it_is_about_and_it_is_seen(kettle, ada, as_ada, bob, talk, service, browser_of, look, settings, mailoutbox):  # fmt: skip
    desk = browser_of(ada, kettle, "desk")
    tell(kettle, ada, talk.pk, bob)
    look()

    link = desk.read(service.asked[0].body)["link"]
    assert link.startswith(f"{settings.ECRM_URL}/w/kettle/notices/")
    assert as_ada.get(link.removeprefix(settings.ECRM_URL)).url == f"/w/kettle/inbox/{talk.pk}/"
    look(minutes=5)
    mail_notices(kettle)
    assert mailoutbox == []


def test_who_does_not_look_is_mailed_as_well(kettle, ada, bob, talk, browser_of, look, mailoutbox):
    browser_of(bob, kettle, "desk")
    tell(kettle, bob, talk.pk, ada)
    look()
    look(minutes=5)
    mail_notices(kettle)

    assert [one.to for one in mailoutbox] == [[bob.email]]


def test_the_key_is_the_workspaces_own_and_services_may_write_to_us(kettle, rival, ada, bob, eve, talk, service, browser_of, look, settings):  # fmt: skip
    settings.ECRM_URL = "https://crm.example"
    browser_of(bob, kettle, "desk")
    browser_of(eve, rival, "hers")
    tell(kettle, bob, talk.pk, ada)
    look()

    (asked,) = service.asked
    token, key = (part.strip().partition("=")[2] for part in asked.headers["Authorization"].split(" ", 1)[1].split(","))
    public = ec.EllipticCurvePublicKey.from_encoded_point(CURVE, un64(key))
    claims = jwt.decode(token, public, algorithms=["ES256"], audience=service.url)
    assert claims["sub"] == "https://crm.example"
    assert [asked.headers[name] for name in ("Content-Encoding", "TTL")] == ["aes128gcm", "3600"]
    with working_in(kettle):
        held = PushKeys.objects.get()
        assert (held.public, public_key()) == (key, key)
    with working_in(rival):
        assert PushKeys.objects.get().public != key


def test_what_was_seen_meanwhile_or_is_an_hour_old_does_not_leave(kettle, ada, bob, talk, service, browser_of, look):
    browser_of(bob, kettle, "desk")
    tell(kettle, bob, talk.pk, ada)
    with working_in(kettle):
        see(bob.pk)
    look()
    tell(kettle, bob, talk.pk, ada, kind=GIVEN)
    assert look(hours=1, seconds=1) is None

    assert service.asked == []


def test_what_was_told_before_the_first_browser_stays_where_it_is(kettle, ada, bob, talk, service, browser_of, look):
    tell(kettle, bob, talk.pk, ada)
    browser_of(bob, kettle, "desk")
    look()
    assert service.asked == []

    tell(kettle, bob, talk.pk, ada, kind=GIVEN)
    browser_of(bob, kettle, "phone")
    look()
    assert service.counts == Counter({"desk": 1, "phone": 1})


@pytest.mark.parametrize("how", ["inactive", "colleague", "subject"])
def test_who_may_not_see_it_any_more_gets_nothing(kettle, ada, bob, talk, service, browser_of, look, how):
    browser_of(bob, kettle, "desk")
    tell(kettle, bob, talk.pk if how != "subject" else talk.pk + 1_000, ada)
    if how == "inactive":
        User.objects.filter(pk=bob.pk).update(is_active=False)
    if how == "colleague":
        Membership.objects.filter(user=bob).update(role=Role.COLLEAGUE)
    look()

    assert service.asked == []


def test_three_come_one_by_one_and_more_as_one_in_the_members_language(
    kettle, ada, bob, talk, service, browser_of, look
):
    desk = browser_of(bob, kettle, "desk")
    for number in range(3):
        tell(kettle, bob, talk.pk, ada, occasion=number)
    look()
    assert [desk.read(one.body)["title"] for one in service.asked] == ["Ada Berg named you in a note of the inbox"] * 3
    service.asked.clear()

    User.objects.filter(pk=bob.pk).update(locale="de")
    for number in range(4):
        tell(kettle, bob, talk.pk, ada, occasion=10 + number)
    look()
    (one,) = [desk.read(one.body) for one in service.asked]
    assert (one["title"], one["link"][-18:]) == ("4 Sachen für Sie bei Kettle & Co", "/w/kettle/notices/")


def test_the_newest_about_one_subject_replaces_what_stands_there(kettle, ada, bob, talk, service, browser_of, look):
    desk = browser_of(bob, kettle, "desk")
    with working_in(kettle):
        note_on(make_contact("Greta"), "Ask @Bob", by=ada)
    tell(kettle, bob, talk.pk, ada)
    tell(kettle, bob, talk.pk, ada, kind=LATE)
    look()

    tags = [(desk.read(one.body)["tag"], one.headers["Topic"]) for one in service.asked]
    assert len(tags) == 3
    assert all(tag == topic and len(topic) <= 32 for tag, topic in tags)
    assert tags[1] == tags[2] != tags[0]
    assert desk.read(service.asked[2].body)["title"] == "An answer is late"


def test_who_is_killed_before_it_left_leaves_it_never_twice(
    kettle, ada, bob, talk, service, browser_of, look, monkeypatch
):
    browser_of(bob, kettle, "desk")
    tell(kettle, bob, talk.pk, ada)

    def killed(*_args, **_options):
        raise SystemExit

    monkeypatch.setattr(pushing, "ask_all", killed)
    with pytest.raises(SystemExit):
        look()
    monkeypatch.undo()
    look()

    assert service.asked == []
    with working_in(kettle):
        assert Notice.objects.get().pushed_at is not None


def test_who_is_killed_after_it_left_does_not_push_it_again(
    kettle, ada, bob, talk, service, browser_of, look, monkeypatch
):
    browser_of(bob, kettle, "desk")
    tell(kettle, bob, talk.pk, ada)

    def killed(*_heard):
        raise SystemExit

    monkeypatch.setattr(pushing, "_hear", killed)
    with pytest.raises(SystemExit):
        look()
    monkeypatch.undo()
    look()

    assert service.counts == Counter({"desk": 1})


def test_no_workspace_is_open_while_services_are_asked(kettle, ada, bob, talk, service, browser_of, look, monkeypatch):
    browser_of(bob, kettle, "desk")
    tell(kettle, bob, talk.pk, ada)
    open_ones, plain = [], pushing.ask_all

    def ask(*args, **options):
        open_ones.append(open_workspace())
        return plain(*args, **options)

    monkeypatch.setattr(pushing, "ask_all", ask)
    look()

    assert (open_ones, len(service.asked)) == ([None], 1)


@pytest.mark.parametrize("status", [404, 410])
def test_a_browser_that_is_gone_is_forgotten(kettle, ada, bob, talk, service, browser_of, look, status):
    desk = browser_of(bob, kettle, "desk")
    browser_of(bob, kettle, "old")
    service.answers = {"old": (status, {})}
    tell(kettle, bob, talk.pk, ada)
    look()

    assert left(kettle) == {desk.endpoint}


def test_nothing_more_is_asked_for_a_browser_that_took_nothing(kettle, ada, bob, talk, service, browser_of, look):
    browser_of(bob, kettle, "desk")
    service.always = (410, {})
    for number in range(3):
        tell(kettle, bob, talk.pk, ada, occasion=number)
    look()

    assert (len(service.asked), left(kettle)) == (1, set())


def test_where_nobody_has_a_browser_nothing_is_due(kettle, ada, bob, talk):
    tell(kettle, bob, talk.pk, ada)
    assert not AgendaItem.objects.filter(work=PUSHING).exists()


@pytest.mark.parametrize("status", [400, 401, 403])
def test_a_browser_of_another_key_is_forgotten_where_ours_is_good(
    kettle, ada, bob, talk, service, browser_of, look, status
):
    desk, phone = browser_of(bob, kettle, "desk"), browser_of(bob, kettle, "phone")
    service.always = (status, {})
    tell(kettle, bob, talk.pk, ada)
    look()
    assert left(kettle) == {desk.endpoint, phone.endpoint}

    service.always, service.answers = None, {"desk": (status, {})}
    tell(kettle, bob, talk.pk, ada, kind=GIVEN)
    look()
    assert left(kettle) == {phone.endpoint}


def test_who_allowed_it_again_meanwhile_keeps_it(kettle, ada, bob, talk, service, browser_of, look, monkeypatch):
    browser_of(bob, kettle, "desk")
    service.answers = {"desk": (410, {})}
    tell(kettle, bob, talk.pk, ada)
    plain = pushing.ask_all

    def ask(*args, **options):
        answers = plain(*args, **options)
        allow_again(kettle)
        return answers

    monkeypatch.setattr(pushing, "ask_all", ask)
    look()

    assert len(left(kettle)) == 1


def allow_again(workspace):
    with working_in(workspace):
        MemberBrowser.objects.update(seen_at=now() + timedelta(seconds=1))


class Hanging(PushService):
    """It takes a request and says nothing until it is let go."""

    def __init__(self) -> None:
        self.go, self.ended = threading.Event(), 0
        super().__init__()

    def hear(self, method, path, headers, raw):
        super().hear(method, path, headers, raw)
        self.ended += not self.go.wait(30)


@pytest.fixture
def hanging(settings):
    found = Hanging()
    settings.ECRM_PUSH_SERVICES = [*settings.ECRM_PUSH_SERVICES, found.url]
    settings.ECRM_FETCH_LOOPBACK = True
    yield found
    found.go.set()
    found.close()


def test_a_service_that_hangs_holds_up_nobody_elses_browser(
    kettle, ada, bob, talk, service, hanging, browser_of, look, monkeypatch
):
    monkeypatch.setattr(rounds, "ANSWERED_WITHIN", 0.3)
    people = [join(kettle, make_user(f"m{number}@kettle.example", f"M {number}"), Role.MARKETER) for number in range(3)]
    for number in range(8):
        browser_of(bob, kettle, f"h{number}", at=hanging)
    for number, one in enumerate(people):
        browser_of(one, kettle, f"p{number}")
    for one in [bob, *people]:
        tell(kettle, one, talk.pk, ada)
    look()

    assert service.counts == Counter({"p0": 1, "p1": 1, "p2": 1})
    assert len(hanging.asked) <= rounds.OF_ONE_SERVICE
    assert len(left(kettle)) == 11


def test_a_round_ends_in_its_time_whatever_hangs(kettle, ada, bob, talk, hanging, browser_of, look, monkeypatch):
    monkeypatch.setattr(pushing, "ROUND_SECONDS", 0.3)
    monkeypatch.setattr(rounds, "ANSWERED_WITHIN", 600.0)
    browser_of(bob, kettle, "desk", at=hanging)
    tell(kettle, bob, talk.pk, ada)

    assert look() == now() + pushing.TRIED_AFTER[0]
    assert (len(hanging.asked), hanging.ended) == (1, 0)


def test_a_service_that_wants_us_to_wait_is_left_alone(kettle, ada, bob, talk, service, browser_of, look):
    for number in range(9):
        browser_of(bob, kettle, f"b{number}")
    service.always = (429, {"Retry-After": "60"})
    tell(kettle, bob, talk.pk, ada)
    look()

    assert 1 <= len(service.asked) <= rounds.OF_ONE_SERVICE
    assert len(left(kettle)) == 9


def test_many_cost_as_many_statements_as_one(kettle, ada, bob, talk, service, browser_of, look):
    people = [join(kettle, make_user(f"m{number}@kettle.example", f"M {number}"), Role.MARKETER) for number in range(9)]
    for number, one in enumerate([bob, *people]):
        browser_of(one, kettle, f"b{number}")

    def statements(members, occasion):
        for one in members:
            tell(kettle, one, talk.pk, ada, occasion=occasion)
        with CaptureQueriesContext(connection) as queries:
            look()
        return len(queries)

    assert statements([bob], 1) == statements(people, 2)
    assert len(service.asked) == 10


def test_of_very_many_the_rest_comes_with_the_next_look(kettle, ada, bob, talk, service, browser_of, look, monkeypatch):
    monkeypatch.setattr(pushing, "MOST_AT_ONCE", 2)
    browser_of(bob, kettle, "desk")
    for number in range(3):
        tell(kettle, bob, talk.pk, ada, occasion=number)

    assert look() <= now()
    assert look() is None
    assert len(service.asked) == 3


def test_a_test_comes_to_the_browser_that_it_is_asked_for_once(kettle, ada, bob, service, browser_of, look):
    desk, hers = browser_of(bob, kettle, "desk"), browser_of(ada, kettle, "hers")
    browser_of(bob, kettle, "phone")
    with working_in(kettle):
        assert not ask_for_test(bob.pk, hers.row.pk)
        assert ask_for_test(bob.pk, desk.row.pk)
    agenda.do_work(kettle, PUSHING)
    look()

    assert service.counts == Counter({"desk": 1})
    assert desk.read(service.asked[0].body)["title"] == "It works: notifications of Kettle & Co come to this browser"


def test_a_test_that_waited_for_minutes_does_not_come(kettle, bob, service, browser_of, look):
    desk = browser_of(bob, kettle, "desk")
    with working_in(kettle):
        MemberBrowser.objects.filter(pk=desk.row.pk).update(test_asked_at=now())
    look(minutes=2)

    assert service.asked == []


def test_a_key_of_another_secret_pushes_nothing_and_is_replaced(
    kettle, ada, bob, talk, service, browser_of, look, settings
):
    browser_of(bob, kettle, "desk")
    with working_in(kettle):
        before = public_key()
    settings.SECRET_KEY = "another one, and the old one is lost"
    tell(kettle, bob, talk.pk, ada)
    look()
    assert service.asked == []

    with working_in(kettle):
        assert public_key() != before
    assert left(kettle) == set()
