"""The demo's echo network: its people write to us, and answer our answer once."""

import threading
import time

import pytest

from backstage.demo.echo_network import EchoNetwork, serve
from backstage.demo.talk import connect_echo
from backstage.dev.product import echo_facts
from conversations.answers.handing_over import send_due
from conversations.answers.replying import reply_to
from conversations.models import Conversation, Mention, Reply, WatchedQuery
from lib.clock import now
from lib.valkey import valkey
from social.connecting import network_of, poll_one
from social.stream_places import WANTED
from social.streaming import POKE_GAP, Runner
from social.watching import look_for_watched
from tests.social.streams import Inline
from workspaces.current import working_in

TOKEN = "a token of the demo"


@pytest.fixture
def clock():
    """Seconds that pass when we say so."""
    return [time.time() - 300]


@pytest.fixture
def echo(settings, tmp_path, monkeypatch, clock):
    settings.ECRM_FETCH_LOOPBACK = True
    server = serve(0, TOKEN, tmp_path / "echo.said", lambda: clock[0])
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    monkeypatch.setenv("ECRM_ECHO_URL", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("ECRM_ECHO_TOKEN", TOKEN)
    yield server
    server.shutdown()
    server.server_close()


def test_the_whole_loop_they_write_we_answer_they_answer_once(kettle, ada, echo, clock):
    with working_in(kettle):
        connection = connect_echo(ada)

    def look(seconds):
        clock[0] += seconds
        with working_in(kettle):
            connection.refresh_from_db()
        return poll_one(kettle, connection).new

    assert look(0) == []  # they begin to write when we look
    came = look(60)
    assert [(one.visibility, one.is_silent) for one in came] == [
        ("public", False),
        ("direct", False),
        ("unlisted", False),
    ]
    with working_in(kettle):
        reply_to(came[1], "It leaves today by courier.", by=ada)
    send_due(kettle)
    thanks = look(10)
    with working_in(kettle):
        assert Reply.objects.get().state == "sent"
        assert [(one.visibility, one.conversation_id) for one in thanks] == [("direct", came[1].conversation_id)]
        assert Conversation.objects.get(pk=came[1].conversation_id).state == "waiting"
        reply_to(Mention.objects.get(pk=thanks[0].pk), "Good.", by=ada)
    send_due(kettle)
    assert look(60) == []


def test_what_was_said_outlives_the_network(tmp_path):
    moments = iter(range(1_000_000, 2_000_000, 100))
    first = EchoNetwork(tmp_path / "said", "http://x.example", lambda: next(moments))
    first.answer("GET", "/api/v1/notifications", b"")
    before = first.answer("GET", "/api/v1/notifications?min_id=0", b"")[1]
    second = EchoNetwork(tmp_path / "said", "http://x.example", lambda: next(moments))
    assert [one["id"] for one in second.answer("GET", "/api/v1/notifications?min_id=0", b"")[1]] == [
        one["id"] for one in before
    ]
    assert len(before) == 3


def test_who_writes_to_nobody_is_found_by_the_demos_listener(kettle, ada, echo, clock):
    with working_in(kettle):
        connection = connect_echo(ada)
    poll_one(kettle, connection)
    clock[0] += 60

    with working_in(kettle):
        WatchedQuery.objects.update(due_at=now())
    look_for_watched(kettle, connection, network_of)

    with working_in(kettle):
        (found,) = Mention.objects.exclude(found_by="")
        assert (found.found_by, found.is_silent, found.author.name) == ("#tea", True, "Mei Tanaka")
        reply_to(found, "Eight hours is what we do, too.", by=ada)
    send_due(kettle)
    clock[0] += 10
    with working_in(kettle):
        connection.refresh_from_db()
    assert "anybody reads this" in [one.text for one in poll_one(kettle, connection).new][-1]


@pytest.mark.parametrize(
    "raw", [b"", b"[]", b"{", b'{"status": "x", "visibility": "loud"}', b'{"status": "x", "in_reply_to_id": "9"}']
)
def test_what_it_does_not_understand_it_refuses(tmp_path, raw):
    network = EchoNetwork(tmp_path / "said", "http://x.example")
    assert network.answer("POST", "/api/v1/statuses", raw)[0] in {404, 422}


def test_its_port_and_token_are_kept_and_only_a_demo_has_them(tmp_path):
    demo = {"ECRM_DEMO": "1", "ECRM_FETCH_LOOPBACK": "1"}
    first = echo_facts(tmp_path, demo)
    assert first["ECRM_ECHO_URL"].startswith("http://127.0.0.1:")
    assert echo_facts(tmp_path, demo) == first
    assert (tmp_path / "echo.json").stat().st_mode & 0o077 == 0
    assert echo_facts(tmp_path, demo | {"ECRM_DEMO": "0"}) == echo_facts(tmp_path, {"ECRM_DEMO": "1"}) == {}


def test_without_a_network_the_demo_is_connected_to_none(inside, ada, monkeypatch):
    monkeypatch.delenv("ECRM_ECHO_URL", raising=False)
    assert connect_echo(ada) is None


def test_the_demo_is_live_what_they_write_pokes_us(kettle, ada, echo, clock):
    valkey().delete(WANTED)
    with working_in(kettle):
        connection = connect_echo(ada)
    poll_one(kettle, connection)
    poked, at = [], [0.0]
    runner = Runner(clock=lambda: at[0], executor=Inline(), poke=poked.append)

    def until(count):
        ends_at = time.monotonic() + 20
        while len(poked) < count:
            assert time.monotonic() < ends_at
            runner.step(0.05)

    until(1)  # it is open
    clock[0] += 60  # by then they have written
    at[0] += POKE_GAP
    until(2)
    runner.close()
    assert set(poked) == {(kettle.pk, connection.pk)}
