"""The stream runner: it pokes the poller, reads nothing itself, and lets go of what is not wanted."""

import time

import pytest

from conversations.models import Connection, Mention
from lib.clock import now
from lib.valkey import valkey
from social import streaming
from social.connecting import WORK, connect, poll_due, poll_one, set_active
from social.networks.mastodon_probing import stream_at
from social.stream_places import WANTED, hold, let_go, live_of, renew, want_stream, wanted_streams
from social.streaming import LONGEST_PAUSE, POKE_GAP, REFUSED_PAUSE, Runner
from social.tasks import is_of_threads
from tests.social.mastodon_server import OURS, TOKEN, MastodonServer
from tests.social.streams import EventServer, IdleServer, Inline
from workspaces.current import working_in
from workspaces.models import AgendaItem

pytestmark = pytest.mark.django_db
PAGE = "/w/kettle/inbox/connections/"


@pytest.fixture(autouse=True)
def nobody_streams(settings):
    settings.ECRM_FETCH_LOOPBACK = True
    valkey().delete(WANTED)


@pytest.fixture
def events():
    server = EventServer()
    yield server
    server.close()


@pytest.fixture
def mailbox():
    server = IdleServer()
    yield server
    server.close()


@pytest.fixture
def fediverse():
    server = MastodonServer()
    yield server
    server.close()


@pytest.fixture
def run():
    """`run.at[0]` is the runner's clock; `run.until(what)` lets it turn until that is so."""
    made = []

    def make(**more):
        at = [0.0]
        runner = Runner(clock=lambda: at[0], executor=Inline(), **more)
        runner.at = at
        made.append(runner)

        def until(what):
            ends_at = time.monotonic() + 20
            while not what():
                assert time.monotonic() < ends_at
                runner.step(0.05)

        runner.until = until
        return runner

    yield make
    for one in made:
        one.close()


def make_mastodon(kettle, fediverse, events):
    health = {"stream_url": events.url, "probed_at": now().isoformat()}
    with working_in(kettle):
        facts = {
            "url": fediverse.url,
            "settings": {"account_id": OURS, "acct": "kettle@kettle.example", "domain": "kettle.example"},
        }
        return connect("mastodon", by=None, name="Fedi", password=TOKEN, health=health, **facts)[0]


def make_mail(kettle, mailbox):
    settings = {"host": "127.0.0.1", "port": mailbox.port, "security": "none", "username": "me", "folder": "INBOX"}
    with working_in(kettle):
        return connect("mail", by=None, name="Post", password="open", settings=settings, is_public=False)[0]


def test_a_sign_pokes_the_poller_and_what_is_new_comes_in_by_it_once(kettle, fediverse, events, run):
    made = make_mastodon(kettle, fediverse, events)
    poll_due(kettle)  # the first look says that it can be heard
    assert wanted_streams(10) == [(kettle.pk, made.pk)]
    runner = run()
    runner.until(lambda: live_of(kettle.pk, [made.pk]) == {made.pk})
    assert f"Authorization: Bearer {TOKEN}" in events.heads[0]
    poll_due(kettle)  # whatever came while nobody listened
    with working_in(kettle):
        assert Connection.objects.get().due_at > now()

    fediverse.mentioned(1, "<p>Is it in stock?</p>")
    events.tell(b'event: notification\ndata: {"type":"mention"}\n\n')
    runner.at[0] += POKE_GAP

    def is_poked():
        with working_in(kettle):
            return Connection.objects.get().due_at <= now()

    runner.until(is_poked)
    with working_in(kettle):
        assert Mention.objects.count() == 0  # nothing of the stream itself is read
        assert AgendaItem.objects.filter(work=WORK, due_at__lte=now()).exists()
    poll_due(kettle)
    poll_due(kettle)
    with working_in(kettle):
        assert [one.text for one in Mention.objects.all()] == ["Is it in stock?"]


def test_a_mailbox_that_gets_something_pokes_too(kettle, mailbox, run):
    made, poked = make_mail(kettle, mailbox), []
    want_stream(kettle.pk, made.pk)
    runner = run(poke=poked.append)
    runner.until(lambda: len(poked) == 1)

    mailbox.tell(b"* 4 EXISTS\r\n")
    runner.at[0] += POKE_GAP

    runner.until(lambda: len(poked) == 2)
    assert poked == [(kettle.pk, made.pk)] * 2


def test_a_burst_is_one_look_and_one_for_what_came_meanwhile(kettle, fediverse, events, run):
    made, poked = make_mastodon(kettle, fediverse, events), []
    want_stream(kettle.pk, made.pk)
    runner = run(poke=poked.append)
    runner.until(lambda: len(poked) == 1)

    for _each in range(50):
        events.tell(b"event: notification\n\n")
    runner.until(lambda: runner.places[kettle.pk, made.pk].has_news)
    runner.step(0)
    assert len(poked) == 1

    runner.at[0] += POKE_GAP
    runner.until(lambda: len(poked) == 2)


def test_what_is_paused_is_dropped_at_the_next_look_and_its_line_closed(
    kettle, ada, fediverse, events, run, django_capture_on_commit_callbacks
):
    made = make_mastodon(kettle, fediverse, events)
    want_stream(kettle.pk, made.pk)
    runner = run(poke=lambda _place: None)
    runner.until(lambda: live_of(kettle.pk, [made.pk]))

    with django_capture_on_commit_callbacks(execute=True), working_in(kettle):
        set_active(made, False, by=ada)
    runner.at[0] += 2
    runner.step(0)

    assert runner.places == {}
    assert live_of(kettle.pk, [made.pk]) == set()
    runner.until(lambda: not events.lines)


def test_what_was_paused_unnoticed_is_not_opened(kettle, fediverse, events, run):
    made = make_mastodon(kettle, fediverse, events)
    want_stream(kettle.pk, made.pk)
    with working_in(kettle):
        Connection.objects.update(is_active=False)
    want_stream(987_654, 1)  # nobody lives there
    runner = run()

    runner.step(0)

    assert (runner.places, wanted_streams(10), events.heads) == ({}, [], [])


def test_one_runner_hears_a_connection_and_another_when_it_has_gone(kettle, fediverse, events, run):
    made = make_mastodon(kettle, fediverse, events)
    want_stream(kettle.pk, made.pk)
    first, second = run(poke=lambda _place: None), run(poke=lambda _place: None)
    first.step(0)
    second.step(0)
    assert (len(first.places), len(second.places)) == (1, 0)

    first.close()
    second.at[0] += 2
    second.step(0)

    assert len(second.places) == 1


def test_what_another_took_over_is_dropped(kettle, fediverse, events, run):
    made = make_mastodon(kettle, fediverse, events)
    place = (kettle.pk, made.pk)
    want_stream(*place)
    runner = run(poke=lambda _place: None)
    runner.step(0)
    let_go(place, runner.name)
    assert hold(place, "another")

    runner.at[0] += 10
    runner.step(0)

    assert runner.places == {}
    assert renew(place, "another")
    let_go(place, "another")


def test_a_line_that_breaks_is_opened_again_later_each_time_and_after_a_good_one_soon(kettle, fediverse, events, run):
    made = make_mastodon(kettle, fediverse, events)
    place = (kettle.pk, made.pk)
    want_stream(*place)
    events.status = 503
    runner = run(poke=lambda _place: None)
    pauses = []
    for _each in range(12):
        runner.step(0)
        one = runner.places[place]
        pauses.append(one.again_at - runner.at[0])
        runner.at[0] = one.again_at
    assert all(1 <= one <= 1.5 * LONGEST_PAUSE for one in pauses)
    assert pauses[-1] >= 0.5 * LONGEST_PAUSE
    assert pauses[0] <= 3

    events.status = 200
    runner.step(0)
    runner.at[0] += 61
    runner.places[place].heard_at = runner.at[0]
    events.hang_up()
    runner.until(lambda: runner.places[place].line is None)
    assert runner.places[place].again_at - runner.at[0] <= 3
    assert live_of(kettle.pk, [made.pk]) == set()


def test_who_says_nothing_for_long_is_gone(kettle, fediverse, events, run):
    made = make_mastodon(kettle, fediverse, events)
    want_stream(kettle.pk, made.pk)
    runner = run(poke=lambda _place: None)
    runner.step(0)
    assert runner.places[kettle.pk, made.pk].line is not None

    runner.at[0] += 91
    runner.step(0)

    assert runner.places[kettle.pk, made.pk].line is None


def test_who_does_not_offer_it_is_left_alone_for_an_hour(kettle, fediverse, events, run):
    made = make_mastodon(kettle, fediverse, events)
    want_stream(kettle.pk, made.pk)
    events.status = 404
    runner = run()

    runner.step(0)

    assert runner.places[kettle.pk, made.pk].again_at >= REFUSED_PAUSE / 2


def test_no_more_lines_than_it_may_hold(kettle, fediverse, events, run):
    made = [make_mastodon(kettle, fediverse, events) for _each in range(3)]
    for one in made:
        want_stream(kettle.pk, one.pk)
    runner = run(most=2, poke=lambda _place: None)

    runner.step(0)

    assert len(runner.places) == 2


def test_without_valkey_it_goes_on_with_what_it_has(kettle, fediverse, events, run, monkeypatch):
    import redis

    made, poked = make_mastodon(kettle, fediverse, events), []
    want_stream(kettle.pk, made.pk)
    runner = run(poke=poked.append)
    runner.until(lambda: poked)

    def down(*_):
        raise redis.ConnectionError

    monkeypatch.setattr(streaming, "wanted_streams", down)
    events.tell(b"event: notification\n\n")
    runner.at[0] += 3
    runner.until(lambda: len(poked) == 2)


def test_it_ends_when_it_is_told_and_lets_go(kettle, fediverse, events, run):
    made = make_mastodon(kettle, fediverse, events)
    want_stream(kettle.pk, made.pk)
    runner = run(poke=lambda _place: None)
    runner.step(0)
    runner.end()

    runner.run()

    assert runner.places == {}
    assert hold((kettle.pk, made.pk), "the next")
    let_go((kettle.pk, made.pk), "the next")


def test_a_sign_during_a_look_is_another_look(kettle, fediverse, events, monkeypatch):
    made = make_mastodon(kettle, fediverse, events)
    poll_due(kettle)
    with working_in(kettle):
        connection = Connection.objects.get(pk=made.pk)
    real = streaming.network_of(connection).poll.__func__

    def poked_meanwhile(self, cursor):
        page = real(self, cursor)
        with working_in(kettle):
            Connection.objects.update(due_at=now())  # what `poke_place` does
        return page

    monkeypatch.setattr(type(streaming.network_of(connection)), "poll", poked_meanwhile)
    poll_one(kettle, connection)

    with working_in(kettle):
        assert Connection.objects.get().due_at <= now()


def test_one_whose_server_asked_us_to_wait_is_not_poked(kettle, fediverse, events):
    made = make_mastodon(kettle, fediverse, events)
    later = now().replace(year=2040)
    with working_in(kettle):
        Connection.objects.update(failures=2, due_at=later)

    streaming.poke_place((kettle.pk, made.pk))

    with working_in(kettle):
        assert Connection.objects.get().due_at == later


def test_its_page_says_whether_it_is_live(as_ada, kettle, fediverse, events, run):
    made = make_mastodon(kettle, fediverse, events)
    assert "Not live now" in as_ada.get(PAGE).text
    want_stream(kettle.pk, made.pk)
    run(poke=lambda _place: None).step(0)

    assert "Live: its news come by themselves" in as_ada.get(PAGE).text


@pytest.mark.parametrize(
    ("said", "server", "where"),
    [
        ("wss://streaming.mastodon.example", "https://mastodon.example", "https://streaming.mastodon.example"),
        ("wss://mastodon.example", "https://mastodon.example", "https://mastodon.example"),
        ("wss://mastodon.example.evil.example", "https://mastodon.example", ""),
        ("wss://evilmastodon.example", "https://mastodon.example", ""),
        ("file:///etc/passwd", "https://mastodon.example", ""),
        ("wss://mastodon.example:nonsense", "https://mastodon.example", ""),
        (7, "https://mastodon.example", ""),
        ("ws://127.0.0.1:4000", "http://127.0.0.1:3000", "http://127.0.0.1:4000"),
    ],
)
def test_our_token_goes_to_the_server_and_its_own_parts_alone(said, server, where):
    assert stream_at(said, server) == where


def test_only_a_worker_of_threads_streams():
    from celery.concurrency.prefork import TaskPool as Forking
    from celery.concurrency.thread import TaskPool as Threads

    assert (is_of_threads(Threads.__new__(Threads)), is_of_threads(Forking.__new__(Forking))) == (True, False)
    assert not is_of_threads(None)
