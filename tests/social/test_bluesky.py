"""Bluesky: what mentions us comes in once, whoever renews the session, however much there is."""

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connections
from django.utils import timezone

from conversations.channels import ChannelError
from conversations.models import Connection, Conversation, Mention, SetAside
from social.connecting import connect, poll_due
from social.networks.bluesky import Bluesky, BlueskyForm
from social.networks.bluesky_identity import pds_of, resolve_handle
from social.networks.bluesky_session import Pds, sign_in
from social.networks.shapes import text_at
from social.secrets import secrets_of
from tests.social.pds import INES, PASSWORD, US, Server, post, stamp
from workspaces.current import working_in


@pytest.fixture
def server(settings):
    settings.ECRM_FETCH_LOOPBACK = True
    server = Server()
    yield server
    server.close()


@pytest.fixture
def sky(kettle, server):
    settings = {"handle": "kettle.bsky.social", "service": server.url}
    with working_in(kettle):
        return connect("bluesky", by=None, name="Our Bluesky", settings=settings, password=PASSWORD)[0]


def look(kettle, sky, times=1):
    """What stands in the inbox after so many looks."""
    for _time in range(times):
        with working_in(kettle):
            Connection.objects.filter(pk=sky.pk).update(due_at=timezone.now() - timedelta(seconds=1))
        poll_due(kettle)
    with working_in(kettle):
        sky.refresh_from_db()
        return list(Mention.objects.order_by("pk"))


def test_a_mention_comes_in_as_its_writer_meant_it(kettle, server, sky):
    look(kettle, sky)
    root = {"uri": f"at://{US}/app.bsky.feed.post/root", "cid": "bafyroot"}
    images = {"$type": "app.bsky.embed.images", "images": [{"alt": "A kettle that leaks"}, {"alt": ""}]}
    link = {
        "index": {"byteStart": 5, "byteEnd": 20},
        "features": [{"$type": "app.bsky.richtext.facet#link", "uri": "https://a.example/long"}],
    }
    server.posts = [
        post(1, "Sée a.example/lo…!", reply={"root": root, "parent": root}, embed=images, facets=[link], langs=["fr"])
    ]

    row = look(kettle, sky)[0]

    with working_in(kettle):
        row = Mention.objects.select_related("author", "conversation").get(pk=row.pk)
        assert row.text == "Sée https://a.example/long!\n[A kettle that leaks]"
        assert (row.remote_id, row.conversation.thread) == (f"at://{INES}/app.bsky.feed.post/1", root["uri"])
        assert (row.author.handle, row.author.name) == (INES, "Ines (@ines.bsky.social)")
        assert row.author.url == "https://bsky.app/profile/ines.bsky.social"
        assert row.url == f"https://bsky.app/profile/{INES}/post/1"
        assert (row.visibility, row.is_silent, row.author.claimed_by) == ("public", False, 0)
        assert row.wire == {"uri": row.remote_id, "cid": "bafy1", "root": root}


def test_a_new_handle_is_the_same_person(kettle, server, sky):
    server.posts = [post(1)]
    look(kettle, sky)
    server.posts.append(post(2, handle="ines.tea.example", at=timezone.now()))

    rows = look(kettle, sky)

    assert len({row.author_id for row in rows}) == 1
    with working_in(kettle):
        assert Mention.objects.last().author.name == "Ines (@ines.tea.example)"


def test_the_first_look_is_silent_and_of_the_last_30_days(kettle, server, sky):
    server.posts = [post(1, at=timezone.now() - timedelta(days=31)), post(2, at=timezone.now() - timedelta(days=29))]
    assert [(row.remote_id[-1], row.is_silent) for row in look(kettle, sky)] == [("2", True)]

    server.posts.append(post(3))
    assert [(row.remote_id[-1], row.is_silent) for row in look(kettle, sky)] == [("2", True), ("3", False)]


def test_a_long_past_is_brought_in_silently_over_several_looks(kettle, server, sky):
    start = timezone.now() - timedelta(days=20)
    server.posts = [post(number, at=start + timedelta(minutes=number)) for number in range(450)]

    rows = look(kettle, sky, 2)

    assert len(rows) == 450
    assert all(row.is_silent for row in rows)


def test_of_a_burst_between_two_looks_none_is_lost(kettle, server, sky):
    server.posts = [post(0, at=timezone.now() - timedelta(hours=1))]
    look(kettle, sky)
    start = timezone.now() - timedelta(minutes=30)
    server.posts += [post(number, at=start + timedelta(seconds=number)) for number in range(1, 501)]

    assert len(look(kettle, sky)) == 401
    assert sky.due_at <= timezone.now()  # there is more: at once
    server.posts += [post(number, at=timezone.now()) for number in range(501, 511)]  # meanwhile others write
    rows = look(kettle, sky, 4)

    assert {row.remote_id.rpartition("/")[2] for row in rows} == {str(number) for number in range(511)}
    assert sum(row.is_silent for row in rows) == 1
    assert timezone.now() + timedelta(seconds=25) < sky.due_at < timezone.now() + timedelta(seconds=61)


def test_any_rhythm_of_writing_and_looking_loses_nothing(kettle, server, sky):
    look(kettle, sky)
    chance, number = random.Random(7), 0
    for _turn in range(6):
        for _post in range(chance.choice([0, 3, 120, 430])):
            number += 1
            late = timedelta(minutes=chance.choice([0, 0, 0, 3]))  # some writers' clocks are slow
            server.posts.append(post(number, at=timezone.now() - late + timedelta(milliseconds=number)))
        look(kettle, sky)

    assert len(look(kettle, sky, 4)) == number


def test_pages_that_its_server_emptied_afterwards_do_not_end_the_look(kettle, server, sky):
    look(kettle, sky)
    server.posts = [post(1)]
    place = stamp(timezone.now())
    server.answers["app.bsky.notification.listNotifications"] = [(200, {"notifications": [], "cursor": place}, {})]

    assert len(look(kettle, sky)) == 1


def test_one_poisoned_post_does_not_keep_the_others_out(kettle, server, sky):
    look(kettle, sky)
    broken = [post(2) | {"uri": 7}, post(3) | {"author": "Ines"}, post(4) | {"record": None, "indexedAt": "soon"}]
    server.posts = [post(1), *broken, post(5, langs="de", reply=[], facets={"a": 1}, embed=[1])]

    rows = look(kettle, sky)

    assert [row.remote_id[-1] for row in rows] == ["1", "5"]
    with working_in(kettle):
        assert SetAside.objects.count() == 3


def test_a_post_that_is_dated_in_the_future_hides_nothing_that_comes_after(kettle, server, sky):
    look(kettle, sky)
    server.posts = [post(1, at=timezone.now() + timedelta(days=400))]
    look(kettle, sky)
    server.posts.append(post(2, at=timezone.now()))

    assert "2" in {row.remote_id[-1] for row in look(kettle, sky)}


def test_a_deleted_post_goes_and_one_that_is_only_hidden_stays(kettle, server, sky):
    look(kettle, sky)
    server.posts = [post(1, "Gone soon"), post(2, "Blocks us"), post(3, "Stays"), post(4, "Changes")]
    look(kettle, sky)
    server.gone, server.blocked = {server.posts[0]["uri"]}, {server.posts[1]["uri"]}
    server.posts[3]["record"]["text"] = "Changed"

    rows = {row.remote_id[-1]: row for row in look(kettle, sky)}

    assert rows["1"].deleted_at is not None
    assert [rows[one].text for one in "1234"] == ["", "Blocks us", "Stays", "Changed"]
    assert [rows[one].deleted_at for one in "234"] == [None, None, None]


def test_those_who_wait_are_followed_in_turn(kettle, server, sky):
    look(kettle, sky)
    server.posts = [post(number) for number in range(60)]
    look(kettle, sky)
    server.gone = {one["uri"] for one in server.posts}

    rows = look(kettle, sky, 4)

    assert all(row.deleted_at for row in rows)


def test_it_signs_in_once_and_renews_when_the_session_runs_out(kettle, server, sky):
    look(kettle, sky, 3)
    assert server.logins == 1

    server.expire()
    look(kettle, sky, 2)

    assert (server.logins, server.counts["com.atproto.server.refreshSession"]) == (1, 1)
    assert PASSWORD not in str(bytes(sky.sealed_secret))


def test_a_lost_session_costs_one_log_in(kettle, server, sky):
    look(kettle, sky)
    server.expire(refreshes=True)

    look(kettle, sky, 3)

    assert (server.logins, sky.last_error) == (2, "")


def test_a_revoked_app_password_stops_the_connection_in_plain_words(kettle, server, sky):
    look(kettle, sky)
    server.expire(refreshes=True)
    server.password = "another"

    look(kettle, sky, 3)

    assert server.logins == 2  # once, and not again each minute
    assert not sky.is_active
    assert "does not accept the app password" in sky.last_error


@pytest.mark.django_db(transaction=True)
def test_of_two_who_renew_at_once_the_newer_session_stays(kettle, server, sky):
    look(kettle, sky)
    server.expire()

    def ask(_number):
        try:
            return Pds(Connection(pk=sky.pk, workspace_id=sky.workspace_id, sealed_secret=sky.sealed_secret)).get(
                "app.bsky.feed.getPosts", uris=["at://x"]
            )
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        assert all(said.is_good for said in pool.map(ask, range(4)))
    look(kettle, sky)

    kept = secrets_of(sky)
    assert (server.logins, len(kept), kept[0]) == (1, 2, PASSWORD)
    assert sky.last_error == ""


def test_too_many_requests_wait_as_long_as_it_says(kettle, server, sky):
    look(kettle, sky)
    until = int(timezone.now().timestamp()) + 900
    said = (429, {"error": "RateLimitExceeded"}, {"ratelimit-reset": str(until)})
    server.answers["app.bsky.notification.listNotifications"] = [said]

    look(kettle, sky)

    assert timedelta(minutes=14) < sky.due_at - timezone.now() < timedelta(minutes=16)
    assert sky.is_active


def test_what_is_left_of_the_quota_is_kept_for_its_page(kettle, server, sky):
    server.headers = {"ratelimit-limit": "3000", "ratelimit-remaining": "2998", "ratelimit-reset": "1790000000"}

    look(kettle, sky)

    assert sky.health["software"] == "Bluesky"
    assert sky.health["quota"] == {"of": 3000, "left": 2998, "reset_at": 1790000000}


def test_a_page_instead_of_an_answer_is_said(kettle, server, sky):
    look(kettle, sky)
    server.answers["app.bsky.notification.listNotifications"] = [(502, "Bad gateway", {}), (200, None, {})]

    look(kettle, sky)
    assert "does not work right now" in sky.last_error
    look(kettle, sky)
    assert sky.last_error == ""


def test_a_handle_leads_to_the_account_and_its_server(server):
    assert resolve_handle(server.url, "ines.bsky.social") == INES
    assert pds_of(INES, directory=server.url) == server.url


def test_the_form_lets_in_whom_bluesky_lets_in(kettle, server):
    given = {"name": "Ours", "handle": " @Kettle.bsky.social ", "password": PASSWORD, "service": server.url}
    form = BlueskyForm(given)
    assert form.is_valid(), form.errors
    with working_in(kettle):
        connection, secret = connect("bluesky", by=None, **form.facts())
        kept = secrets_of(connection)
    assert (secret, kept[0], connection.settings["handle"]) == ("", PASSWORD, "kettle.bsky.social")
    look(kettle, connection)
    assert server.logins == 1  # the form's session is the first look's

    wrong = BlueskyForm(given | {"password": "no"})
    assert not wrong.is_valid()
    assert "does not accept the app password" in str(wrong.errors["password"])
    assert not BlueskyForm(given | {"handle": "kettle"}).is_valid()


def test_a_server_that_says_nonsense_is_a_failure_in_words(server):
    server.answers["com.atproto.server.createSession"] = [(200, ["?"], {})]

    with pytest.raises(ChannelError, match="something else"):
        sign_in("kettle.bsky.social", PASSWORD, service=server.url)


def test_what_waits_is_open_conversations_alone(kettle, server, sky):
    look(kettle, sky)
    server.posts = [post(1)]
    look(kettle, sky)
    with working_in(kettle):
        Conversation.objects.update(state=Conversation.State.DONE)
    before = server.counts["app.bsky.feed.getPosts"]

    look(kettle, sky, 2)

    assert server.counts["app.bsky.feed.getPosts"] == before
    assert text_at({"a": [1]}, "a", 0) == "1"
    assert Bluesky(sky).capabilities().likes
