"""Answering on Bluesky: one post whatever dies on the way, in the thread of what it answers."""

from datetime import UTC, datetime, timedelta
from itertools import count
from uuid import uuid4

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from conversations.answers.handing_over import send_due
from conversations.answers.replying import reply_to
from conversations.channels import ChannelError, Outbox
from conversations.models import Mention, Reply
from lib.graphemes import count_graphemes
from social.connecting import connect, poll_due
from social.networks.bluesky import Bluesky
from social.networks.bluesky_records import LETTERS, facets_of, fits, record_key
from social.networks.cutting import cut_in_posts
from tests.examples import examples
from tests.social.pds import INES, PASSWORD, US, Server, post
from workspaces.current import working_in

WRITTEN = datetime(2026, 11, 27, 12, 0, 0, 123456, tzinfo=UTC)
numbers = count(1)
LONG = " ".join(f"This is sentence number {number} of a long answer about kettles." for number in range(12))


@pytest.fixture
def server(settings):
    settings.ECRM_FETCH_LOOPBACK = True
    server = Server()
    server.posts = [post(1)]
    yield server
    server.close()


@pytest.fixture
def sky(kettle, server):
    settings = {"handle": "kettle.bsky.social", "service": server.url}
    with working_in(kettle):
        return connect("bluesky", by=None, name="Our Bluesky", settings=settings, password=PASSWORD)[0]


def row(server, text="It does!", **facts):
    one = server.posts[0]
    given = {
        "key": "2f1c7a", "text": text, "mention_id": one["uri"], "mention_url": "", "thread": one["uri"], "network": "bluesky",
        "is_public": True, "visibility": "public", "language": "en", "wire": {"uri": one["uri"], "cid": one["cid"]},
        "created_at": WRITTEN,
    }  # fmt: skip
    return Outbox(**given | facts)


def test_an_answer_stands_in_the_thread_with_links_and_names(server, sky):
    root = {"uri": f"at://{US}/app.bsky.feed.post/root", "cid": "bafyroot"}
    server.posts = [post(1, reply={"root": root, "parent": root})]
    text = "Schön, @ines.bsky.social! See https://kettle.example/a_(b). #Tea @nobody.example"

    uri = Bluesky(sky).reply(row(server, text))

    found = server.records[uri]
    one = server.posts[0]
    assert found["reply"] == {"root": root, "parent": {"uri": one["uri"], "cid": one["cid"]}}
    assert (found["text"], found["langs"], found["createdAt"]) == (text, ["en"], "2026-11-27T12:00:00.123Z")
    raw = text.encode()
    told = [(raw[f["index"]["byteStart"] : f["index"]["byteEnd"]].decode(), f["features"][0]) for f in found["facets"]]
    kind = "app.bsky.richtext.facet#"
    assert told == [
        ("@ines.bsky.social", {"$type": kind + "mention", "did": INES}),
        ("https://kettle.example/a_(b)", {"$type": kind + "link", "uri": "https://kettle.example/a_(b)"}),
        ("#Tea", {"$type": kind + "tag", "tag": "Tea"}),
    ]


def test_a_long_answer_is_a_thread_cut_where_sentences_end(server, sky):
    first = Bluesky(sky).reply(row(server, LONG))

    found = [server.records[uri] for uri in server.created]
    assert (first, len(found)) == (server.created[0], 3)
    assert " ".join(one["text"] for one in found) == LONG
    assert all(one["text"].endswith(".") and count_graphemes(one["text"]) <= 300 for one in found)
    assert [one["reply"]["parent"]["uri"] for one in found] == [server.posts[0]["uri"], *server.created[:2]]
    assert {one["reply"]["root"]["uri"] for one in found} == {server.posts[0]["uri"]}
    assert server.created == sorted(server.created)


def test_what_is_longer_than_four_posts_is_not_begun(server, sky):
    with pytest.raises(ChannelError, match="too long") as caught:
        Bluesky(sky).reply(row(server, "word " * 400))
    assert (caught.value.again, server.created) == (False, [])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda server, one: one["viewer"].update(replyDisabled=True), "does not let us answer"),
        (lambda server, one: one["author"]["viewer"].update(blockedBy=True), "blocks us"),
        (lambda server, one: server.blocked.add(one["uri"]), "blocks us"),
        (lambda server, one: server.gone.add(one["uri"]), "was deleted"),
    ],
)
def test_what_cannot_be_answered_is_said_and_not_tried_again(server, sky, change, words):
    change(server, server.posts[0])

    with pytest.raises(ChannelError, match=words) as caught:
        Bluesky(sky).reply(row(server))
    assert (caught.value.again, server.created) == (False, [])


def attempts(server, sky, text, hangs, **facts):
    """Answer until it goes through; the line breaks at these calls: their number → before or after the effect."""
    server.hangs = {}
    Bluesky(sky).reply(row(server, "Signed in.", key="first"))
    sky.refresh_from_db()
    server.created.clear()
    server.hangs = {server.calls + number: when for number, when in hangs.items()}
    for attempt in range(1, 12):
        try:
            return Bluesky(sky).reply(row(server, text, attempt=attempt, **facts)), attempt
        except ChannelError as error:
            if not error.again:
                raise
    raise AssertionError("never sent")


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("call", range(1, 5))
def test_whenever_the_line_breaks_there_is_one_post_each(kettle, server, sky, call, when):
    with working_in(kettle):
        first, attempt = attempts(server, sky, LONG, {call: when})

    assert attempt == 2
    assert (first, len(server.created), len(set(server.created))) == (server.created[0], 3, 3)
    assert " ".join(server.records[uri]["text"] for uri in server.created) == LONG


def test_every_line_breaks_and_there_is_still_one_post_each(kettle, server, sky):
    with working_in(kettle):
        attempts(server, sky, LONG, {number: ("before", "after")[number % 2] for number in (1, 3, 6, 10, 15, 17)})

    assert len(server.created) == len(set(server.created)) == 3


@given(hangs=st.dictionaries(st.integers(1, 24), st.sampled_from(["before", "after"]), max_size=9))
@hypothesis_settings(
    max_examples=examples(50),
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_however_lines_break_there_is_one_post_each(kettle, server, sky, hangs):
    with working_in(kettle):
        attempts(server, sky, LONG, hangs, created_at=WRITTEN + timedelta(seconds=next(numbers)))

    assert len(server.created) == len(set(server.created)) == 3
    assert " ".join(server.records[uri]["text"] for uri in server.created) == LONG


def test_what_is_begun_is_ended_although_the_parent_was_deleted_meanwhile(kettle, server, sky):
    with working_in(kettle):
        Bluesky(sky).reply(row(server, LONG))
        last = server.created.pop()
        del server.records[last]
        server.gone.add(server.posts[0]["uri"])

        Bluesky(sky).reply(row(server, LONG, attempt=2))

    assert last in server.records


def test_a_worker_that_dies_before_it_notes_the_answer_sends_it_once(kettle, ada, server, sky):
    poll_due(kettle)
    with working_in(kettle):
        reply = reply_to(Mention.objects.get(), "It does!", by=ada, key=uuid4())
    send_due(kettle)
    with working_in(kettle):
        reply.refresh_from_db()
        assert (reply.state, reply.remote_id) == ("sent", server.created[0])
        long_ago = timezone.now() - timedelta(
            seconds=1
        )  # as if it had died with the post made and nothing written down
        Reply.objects.update(state="sending", remote_id="", leased_until=long_ago, due_at=long_ago, sent_at=None)

    send_due(kettle)

    with working_in(kettle):
        reply.refresh_from_db()
    assert (reply.state, reply.remote_id, len(server.created)) == ("sent", server.created[0], 1)


def test_a_like_is_one_like_however_often_it_is_sent(server, sky):
    first = Bluesky(sky).like(row(server))

    assert Bluesky(sky).like(row(server, attempt=2)) == first
    assert server.created == [first]
    assert server.records[first]["subject"] == {"uri": server.posts[0]["uri"], "cid": "bafy1"}


def test_a_key_is_the_same_each_time_and_sorts_by_time():
    keys = [record_key("a", WRITTEN, place) for place in range(4)]

    assert keys == [record_key("a", WRITTEN, place) for place in range(4)] == sorted(keys)
    assert record_key("b", WRITTEN) != keys[0]
    assert all(len(key) == 13 and set(key) <= set(LETTERS) and key[0] in LETTERS[:16] for key in keys)
    assert record_key("a", WRITTEN + timedelta(seconds=1)) > keys[-1]


PIECES = st.sampled_from(
    ["word ", "Ende. ", "\n\n", "é", "👩‍👩‍👧‍👦", "https://a.example/b ", "x" * 290, "。", "🇩🇪", " "]
)


@given(st.lists(PIECES, max_size=60).map("".join))
@hypothesis_settings(max_examples=examples(60), deadline=None)
def test_posts_fit_and_hold_every_word_in_order(text):
    posts = cut_in_posts(text, fits)

    assert all(fits(one) and one.strip() for one in posts)
    assert "".join("".join(posts).split()) == "".join(text.split())


@given(st.text(alphabet=st.sampled_from("a@#.é👍 h:/ts"), max_size=80))
@hypothesis_settings(max_examples=examples(60), deadline=None)
def test_facets_lie_within_the_text_and_do_not_overlap(text):
    raw, end = text.encode(), 0
    for facet in facets_of(text, lambda _handle: INES):
        place = facet["index"]
        assert end <= place["byteStart"] < place["byteEnd"] <= len(raw)
        raw[place["byteStart"] : place["byteEnd"]].decode()
        end = place["byteEnd"]
