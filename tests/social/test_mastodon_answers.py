"""Answers on a server of the Mastodon family: once each, to who asked, never read by more people than what they answer."""

import os
import signal
import subprocess
import sys
from datetime import timedelta

import pytest
from django.conf import settings as django_settings
from django.core.cache import cache
from django.db import connection as database
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conversations.answers.handing_over import send_due
from conversations.answers.replying import reply_to, try_again
from conversations.channels import ChannelError, Outbox
from conversations.models import Connection, Mention, Reply
from conversations.visibility import WIDTHS, narrower
from social.connecting import poll_one
from social.networks import mastodon_api
from social.networks.cutting import cut_in_posts
from social.networks.mastodon import Mastodon
from social.networks.mastodon_reading import Us
from social.networks.mastodon_writing import API_NAMES, NAME, Measure, letters_of, posts_of, status_of
from tests.social.killing import Killed, arm_killing
from tests.social.mastodon_server import mention_of
from workspaces.current import working_in

US = Us("14715", "kettle.example")
ANNA = "anna@social.example"


@pytest.fixture
def asked(kettle, server, mastodon):
    """Somebody asks; their mention."""

    def ask(number=1, **facts):
        server.mentioned(number, **facts)
        with working_in(kettle):
            mastodon.refresh_from_db()
        poll_one(kettle, mastodon)
        with working_in(kettle):
            return Mention.objects.get(remote_id=str(100_000 + number))

    return ask


def answer(kettle, mention, ada, text="It does.", **facts):
    with working_in(kettle):
        return reply_to(mention, text, by=ada, **facts)


def hurry(kettle):
    """What waits, or is held by a worker that died, may leave now."""
    with working_in(kettle):
        Reply.objects.update(due_at=timezone.now() - timedelta(seconds=1))
        Reply.objects.filter(state="sending").update(leased_until=timezone.now() - timedelta(seconds=1))


def state(kettle, reply):
    with working_in(kettle):
        reply.refresh_from_db()
        return reply.state


def said(server):
    return [one["said"] for one in server.posted]


def test_an_answer_names_who_asked_and_keeps_the_warning_and_the_language(kettle, server, asked, ada):
    mention = asked(
        spoiler_text="tea, strong", language="de", visibility="unlisted",
        mentions=[mention_of("14715", "kettle"), mention_of("9", "bob@tea.example")],
    )  # fmt: skip
    reply = answer(kettle, mention, ada, "Ja, er passt.")
    send_due(kettle)

    assert said(server) == [
        {
            "status": f"@{ANNA} Ja, er passt.", "in_reply_to_id": "100001", "visibility": "unlisted",
            "spoiler_text": "tea, strong", "language": "de",
        }
    ]  # fmt: skip
    assert (state(kettle, reply), reply.remote_id) == ("sent", "109001")
    keys = [headers["Idempotency-Key"] for method, _path, headers, _raw in server.asked if method == "POST"]
    assert keys == [str(reply.key)]


def test_a_long_answer_is_a_chain_of_posts(kettle, server, asked, ada):
    text = " ".join(f"This is sentence {number} about the kettle and its spout." for number in range(20))
    reply = answer(kettle, asked(), ada, text)
    send_due(kettle)

    posts = said(server)
    assert [one["in_reply_to_id"] for one in posts] == ["100001", "109001", "109002"]
    assert all(len(one["status"]) <= 500 and one["status"].startswith(f"@{ANNA} ") for one in posts)
    assert " ".join(one["status"].removeprefix(f"@{ANNA} ") for one in posts) == text
    assert all(one["status"].endswith(".") for one in posts)
    assert (state(kettle, reply), reply.remote_id) == ("sent", "109003")


def test_what_answers_any_post_of_a_long_answer_comes_into_its_conversation(kettle, server, asked, ada):
    mention = asked()
    answer(kettle, mention, ada, "One sentence of words. " * 50)
    send_due(kettle)
    for number, post in enumerate(server.posted, start=2):
        again = asked(number, in_reply_to_id=post["id"], in_reply_to_account_id="14715")
        assert again.conversation_id == mention.conversation_id


def test_an_answer_longer_than_four_posts_is_said_so_and_nothing_leaves(kettle, server, asked, ada):
    reply = answer(kettle, asked(), ada, "word " * 700)
    send_due(kettle)
    assert (state(kettle, reply), "longer than 4 posts" in reply.last_error, said(server)) == ("failed", True, [])


def test_an_answer_whose_receipt_was_lost_is_found_and_not_posted_again(kettle, server, asked, ada):
    server.drops_answers = 1
    reply = answer(kettle, asked(), ada, "It does: https://kettle.example/spouts/of-all-sizes & “more”.")
    send_due(kettle)
    assert state(kettle, reply) == "waiting"

    hurry(kettle)
    send_due(kettle)

    assert (state(kettle, reply), reply.remote_id, len(server.posted)) == ("sent", "109001", 1)


def test_a_chain_that_broke_in_the_middle_goes_on_where_it_broke(kettle, server, asked, ada):
    reply = answer(kettle, asked(), ada, "One sentence of words. " * 50)
    server.drops_answers = 1
    for _ in range(5):
        hurry(kettle)
        send_due(kettle)
        server.drops_answers = int(len(server.posted) == 1)
    assert (state(kettle, reply), [one["in_reply_to_id"] for one in said(server)]) == (
        "sent",
        ["100001", "109001", "109002"],
    )


def test_the_same_words_to_somebody_else_are_another_answer(kettle, server, asked, ada):
    first, second = asked(1), asked(2)
    answer(kettle, first, ada)
    send_due(kettle)
    server.drops_answers = 0
    reply = answer(kettle, second, ada)
    with working_in(kettle):
        Reply.objects.filter(pk=reply.pk).update(attempts=1)
    send_due(kettle)
    assert [one["in_reply_to_id"] for one in said(server)] == ["100001", "100002"]


def test_a_failed_answer_tried_again_by_hand_looks_first(kettle, server, asked, ada):
    reply = answer(kettle, asked(), ada)
    server.drops_answers = 1
    send_due(kettle)
    with working_in(kettle):
        Reply.objects.update(state="failed", created_at=timezone.now() - timedelta(minutes=5))
        try_again(reply, by=ada)
    send_due(kettle)
    assert (state(kettle, reply), len(server.posted)) == ("sent", 1)


@pytest.mark.parametrize(
    ("quirk", "words"),
    [
        ((404, {"error": "Record not found"}, {}), "deleted there"),
        ((422, {"error": "Validation failed: Text is too long"}, {}), "Text is too long"),
        ((401, {"error": "The access token was revoked"}, {}), "sign in again"),
        ((403, {"error": "This action is outside the authorized scopes"}, {}), "outside the authorized scopes"),
    ],
)
def test_what_the_server_refuses_for_good_comes_back_with_its_reason(kettle, server, asked, ada, quirk, words):
    mention = asked()
    server.quirk = lambda method, _path: quirk if method == "POST" else None
    reply = answer(kettle, mention, ada)
    send_due(kettle)
    assert (state(kettle, reply), words in reply.last_error) == ("failed", True)


def test_a_server_that_asks_us_to_wait_gets_the_answer_later(kettle, server, asked, ada):
    mention = asked()
    server.quirk = lambda method, _path: (429, None, {"Retry-After": "120"}) if method == "POST" else None
    reply = answer(kettle, mention, ada)
    send_due(kettle)
    assert state(kettle, reply) == "waiting"
    assert timedelta(seconds=110) < reply.due_at - timezone.now() <= timedelta(seconds=120)


@pytest.fixture
def kill(monkeypatch):
    """Arm it: the next worker dies at its nth request to a Mastodon server."""
    return arm_killing(monkeypatch, mastodon_api)


ANSWERS = 100 if os.environ.get("ECRM_FAULTS_PEOPLE") else 5  # ten deaths each; `make faults`: 1,000
STEPS = [
    (1, True),
    (2, True),
    (2, False),
    (0, True),
    (1, False),
    (2, False),
    (0, False),
    (1, True),
    (2, True),
    (0, True),
]


def test_a_worker_that_dies_at_any_step_leaves_one_post_each(kettle, server, asked, ada, kill):
    deaths = 0
    for number in range(1, ANSWERS + 1):
        cache.clear()  # five minutes pass: the server's 300 requests are there again
        reply = answer(kettle, asked(number), ada, f"It does, {number}. " * 45)
        for at, before in STEPS[number % 10 :] + STEPS[: number % 10]:
            kill(at, before)
            hurry(kettle)
            with pytest.raises(Killed):
                send_due(kettle)
            deaths += 1
            assert state(kettle, reply) == "sending"
        kill(99, before=True)
        hurry(kettle)
        send_due(kettle)
        assert state(kettle, reply) == "sent"

    parents = [one["in_reply_to_id"] for one in said(server)]
    assert deaths == 10 * ANSWERS
    assert parents[::2] == [f"{100_000 + number}" for number in range(1, ANSWERS + 1)]
    assert parents[1::2] == [one["id"] for one in server.posted][::2]


WORKER = """
import django, os, sys
django.setup()
from django.conf import settings
settings.ECRM_FETCH_LOOPBACK = True
from django.db import connection
connection.settings_dict["NAME"] = sys.argv[1]
from conversations.answers.handing_over import send_due
from workspaces.models import Workspace
send_due(Workspace.objects.get(slug="kettle"))
"""


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_while_the_server_holds_what_it_stored_leaves_one_post(kettle, server, asked, ada):
    reply = answer(kettle, asked(), ada)
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "ecrm.settings", "SECRET_KEY": django_settings.SECRET_KEY}
    server.may_go_on.clear()
    worker = subprocess.Popen(
        [sys.executable, "-c", WORKER, database.settings_dict["NAME"]], env=environment, cwd=django_settings.BASE_DIR
    )
    assert server.stored.wait(60), "the worker never reached the wire"
    worker.send_signal(signal.SIGKILL)
    assert worker.wait(60) == -signal.SIGKILL
    server.may_go_on.set()
    assert state(kettle, reply) == "sending"
    hurry(kettle)
    send_due(kettle)

    assert (state(kettle, reply), len(server.posted)) == ("sent", 1)


NAMES = ["@bob@tea.example", "@bob", "@@bob", "@anna@social.example", "@anna", "mail anna@tea.example", "https://x.example/@bob", "(@eve)"]  # fmt: skip
WORDS = st.lists(st.sampled_from([*NAMES, "yes", ".", "@", "x" * 480, "\u200b", "/"]), min_size=1, max_size=9)


def outbox(text="It does.", **facts):
    given = {"key": "k", "mention_id": "1", "mention_url": "", "thread": "1", "network": "mastodon", "is_public": True}
    return Outbox(text=text, **given | {"handle": ANNA} | facts)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from([*WIDTHS, "odd", ""]), st.sampled_from([*WIDTHS, "", "odd"]), WORDS, st.booleans())
def test_an_answer_is_never_read_by_more_than_what_it_answers(given_, asked_for, words, has_wire):
    row = outbox(
        " ".join(words), visibility=narrower(asked_for, given_) if not has_wire else asked_for,
        wire={"visibility": given_, "acct": ANNA} if has_wire else {},
    )  # fmt: skip
    try:
        posts = posts_of(row, US, Measure())
    except ChannelError:
        return
    wide = list(API_NAMES.values())
    for text in posts:
        told = status_of(row, text, "1")["visibility"]
        assert wide.index(told) >= (WIDTHS.index(given_) if given_ in WIDTHS else 3)
        named = {US.full(one[0]) for one in NAME.finditer(text)}
        assert text.startswith(f"@{ANNA} ")
        if told in {"private", "direct"}:
            assert named == {ANNA}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(min_size=1, max_size=900), st.integers(60, 300))
def test_cutting_loses_no_letter_and_every_piece_fits(text, room):
    text, measure = text.strip(), Measure()
    pieces = cut_in_posts(text, lambda part: measure.count(part) <= room)
    assert "".join("".join(pieces).split()) == "".join(text.split())
    assert all(measure.count(one) <= room and one for one in pieces)


def test_a_link_counts_as_the_server_says_and_is_never_cut():
    link = f"https://kettle.example/{'a' * 300}"
    assert Measure().count(f"See {link}") == 27
    assert Measure(500, 0).count(f"See {link}") == 4 + len(link)
    assert all(
        link in one or "https" not in one
        for one in cut_in_posts(f"{'Word. ' * 70}{link} {'Word. ' * 70}", lambda part: Measure().count(part) <= 450)
    )


def test_words_are_known_again_as_servers_write_them():
    assert letters_of("@anna@social.example Yes, it’s fine! 👍") == letters_of(
        "@anna Yes, it&#39;s fine!".replace("&#39;", "'")
    )
    assert letters_of("👍") != letters_of("👎")


def test_a_like_is_told_the_server_and_again_changes_nothing(kettle, server, asked):
    mention = asked()
    with working_in(kettle):
        network = Mastodon(mention.connection)
    network.like(outbox(mention_id=mention.remote_id))
    network.like(outbox(mention_id=mention.remote_id))
    assert (network.capabilities().likes, set(server.favourites)) == (True, {"100001"})
    with pytest.raises(ChannelError, match="deleted there"):
        network.like(outbox(mention_id="5"))


def test_what_one_post_takes_is_what_the_server_says(kettle, server, mastodon):
    assert (Mastodon(mastodon).capabilities().longest, Mastodon(mastodon).capabilities().posts) == (500, 4)
    with working_in(kettle):
        bare = Connection(network="mastodon", url="https://x.example")
        assert (Mastodon(bare).capabilities().longest, Mastodon(bare).us.domain) == (500, "x.example")
