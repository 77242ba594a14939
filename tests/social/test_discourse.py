"""A Discourse forum: by polling and by webhook the same posts once; answers once although the forum knows no ids of ours."""

import hmac
import json
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from conversations.channels import ChannelError, Outbox
from conversations.models import Connection, Mention, SetAside
from social.connecting import connect, hook_link, poll_due, rotate_secret
from social.networks.discourse import Discourse, DiscourseForm
from social.secrets import brought_secrets
from tests.loopback import LoopbackApi
from workspaces.current import working_in

KEY = "forum-key"


def post(number, text="Which descaler?", *, username="ines", at=None, **facts):
    at = (at or timezone.now() - timedelta(minutes=1)).isoformat()
    return {
        "id": number, "name": "Ines", "username": username, "created_at": at, "updated_at": at, "raw": text, "version": 1,
        "cooked": f"<p>{text}</p>", "post_number": number, "post_type": 1, "topic_id": 7, "topic_slug": "descaling",
        "topic_title": "Descaling", "reply_to_post_number": None, "user_id": 11,
    } | facts  # fmt: skip


class Forum(LoopbackApi):
    """Pages of the posts among 50 ids, as older servers make them. `hangs`: number of a call → before or after its effect."""

    def __init__(self):
        self.posts, self.hangs, self.calls, self.answers = [], {}, 0, []
        super().__init__()

    def hear(self, method, path, headers, raw):
        self.calls += 1
        self.asked.append(f"{method} {path}")
        hangs = self.hangs.pop(self.calls, "")
        if hangs == "before":
            return None
        if headers.get("Api-Key") != KEY or headers.get("Api-Username") != "kettle":
            return 403, {"errors": ["The API username or key is invalid."], "error_type": "invalid_access"}, {}
        if self.answers:
            return self.answers.pop(0)
        parts = urlsplit(path)
        said = self.act(method, parts.path, parse_qs(parts.query), json.loads(raw) if raw else {})
        return None if hangs == "after" else (*said, {})

    def act(self, method, path, query, body):
        if method == "POST":
            number = max([one["id"] for one in self.posts], default=0) + 1
            made = post(number, body["raw"].strip(), username="kettle", at=timezone.now(), topic_id=body["topic_id"])
            self.posts.append(made | {"reply_to_post_number": body.get("reply_to_post_number")})
            return 200, made
        if path == "/posts.json":
            top = int(query.get("before", [max([one["id"] for one in self.posts if one["id"] != "two"], default=0)])[0])
            page = [one for one in self.posts if not isinstance(one["id"], int) or top - 50 < one["id"] <= top]
            return 200, {"latest_posts": sorted(page, key=lambda one: str(one["created_at"]), reverse=True)}
        if path.startswith("/posts/"):
            found = [one for one in self.posts if path == f"/posts/{one['id']}.json"]
            return (200, found[0]) if found else (404, {"errors": ["not found"], "error_type": "not_found"})
        who = query.get("username_filters", [""])[0]
        ids = set(query.get("post_ids[]", []))
        found = [one for one in self.posts if (one["username"] == who or str(one["id"]) in ids)]
        return 200, {"post_stream": {"posts": found[:20], "stream": [one["id"] for one in found]}}

    @property
    def ours(self):
        return [one["raw"] for one in self.posts if one["username"] == "kettle"]


@pytest.fixture
def forum(settings):
    settings.ECRM_FETCH_LOOPBACK = True
    forum = Forum()
    yield forum
    forum.close()


@pytest.fixture
def connected(kettle, forum):
    with working_in(kettle):
        connection, secret = connect(
            "discourse", by=None, name="Forum", url=forum.url, settings={"username": "kettle"}, secrets=[KEY]
        )
        return connection, secret, hook_link(connection)


def look(kettle, connection, times=1):
    for _time in range(times):
        with working_in(kettle):
            Connection.objects.filter(pk=connection.pk).update(due_at=timezone.now() - timedelta(seconds=1))
        poll_due(kettle)
    with working_in(kettle):
        connection.refresh_from_db()
        return list(Mention.objects.select_related("author", "conversation").order_by("published_at"))


def deliver(url, secret, event, body, *, signature=None):
    raw = json.dumps(body).encode() if not isinstance(body, bytes) else body
    seal = signature or f"sha256={hmac.digest(secret.encode(), raw, 'sha256').hex()}"
    headers = {"X-Discourse-Event": event, "X-Discourse-Event-Signature": seal}
    return Client().post(url[url.index("/hooks/") :], raw, content_type="application/json", headers=headers)


def test_a_post_comes_in_with_its_topic_and_a_handle_of_its_forum_alone(kettle, forum, connected):
    forum.posts = [post(1, '[quote="bob, post:1"]Old[/quote]\nMy own <words>'), post(2, "Ours", username="kettle")]

    (row,) = look(kettle, connected[0])

    assert (row.text, row.remote_id, row.conversation.thread, row.conversation.title) == (
        "My own <words>", "post-1", "topic-7", "Descaling",
    )  # fmt: skip
    assert (row.author.handle, row.author.claimed_by) == ("ines@127.0.0.1", connected[0].pk)
    assert row.url == f"{forum.url}/t/descaling/7/1"
    assert (row.visibility, row.wire) == ("public", {"topic_id": 7, "post_number": 1})


def test_of_a_burst_across_holes_in_the_ids_none_is_lost(kettle, forum, connected):
    forum.posts = [post(1, at=timezone.now() - timedelta(days=2))]
    look(kettle, connected[0])
    start = timezone.now() - timedelta(minutes=30)
    numbers = [*range(200, 420), *range(700, 900)]  # 280 ids of private messages lie between
    forum.posts += [post(number, at=start + timedelta(seconds=number)) for number in numbers]

    rows = look(kettle, connected[0], 4)

    assert len(rows) == 421
    assert sum(row.is_silent for row in rows) == 1
    forum.asked.clear()
    look(kettle, connected[0])
    assert len([one for one in forum.asked if "/posts.json" in one]) == 1


def test_the_webhook_brings_the_same_post_edited_and_deleted(kettle, forum, connected):
    connection, secret, url = connected
    forum.posts = [post(5)]
    assert deliver(url, secret, "post_created", {"post": post(5)}).json()["new"] == 1
    assert len(look(kettle, connection)) == 1

    changed = post(5, "Which limescale remover?", version=2, updated_at=timezone.now().isoformat())
    assert deliver(url, secret, "post_edited", {"post": changed}).json()["changed"] == 1
    assert deliver(url, secret, "post_destroyed", {"post": changed}).json()["changed"] == 1
    assert deliver(url, secret, "post_created", {"post": post(5)}).json()["new"] == 0
    with working_in(kettle):
        assert Mention.objects.get().text == ""


def test_a_private_message_stays_private(kettle, connected):
    _connection, secret, url = connected

    deliver(url, secret, "post_created", {"post": post(5, topic_archetype="private_message")})

    with working_in(kettle):
        row = Mention.objects.select_related("conversation").get()
    assert (row.visibility, row.conversation.is_public) == ("direct", False)


def test_what_is_not_signed_or_no_post_is_refused(kettle, connected):
    _connection, secret, url = connected

    assert deliver(url, secret, "post_created", {"post": post(5)}, signature="sha256=00").status_code == 401
    assert deliver(url, "another", "post_created", {"post": post(5)}).status_code == 401
    assert deliver(url, secret, "post_created", b"<html>").status_code == 400
    assert deliver(url, secret, "ping", {"ping": "OK"}).json() == {"new": 0, "changed": 0, "known": 0, "refused": []}
    assert deliver(url, secret, "post_created", {"post": ["?"]}).json()["refused"][0]["index"] == 0
    with working_in(kettle):
        assert (Mention.objects.count(), SetAside.objects.count()) == (0, 1)


def test_a_new_webhook_secret_leaves_the_api_key(kettle, forum, connected):
    connection, secret, url = connected
    with working_in(kettle):
        fresh = rotate_secret(connection, by=None)
        assert brought_secrets(connection) == [KEY]

    assert deliver(url, fresh, "ping", {}).status_code == deliver(url, secret, "ping", {}).status_code == 200
    forum.posts = [post(1)]
    assert len(look(kettle, connection)) == 1


def test_a_deleted_post_goes_although_nobody_tells(kettle, forum, connected):
    look(kettle, connected[0])
    forum.posts = [post(1), post(2)]
    look(kettle, connected[0])
    del forum.posts[0]

    rows = look(kettle, connected[0], 2)

    assert [row.deleted_at is not None for row in rows] == [True, False]


def test_one_poisoned_post_does_not_keep_the_others_out(kettle, forum, connected):
    look(kettle, connected[0])
    forum.posts = [
        post(1),
        post("two"),
        post(3, topic_id=[]),
        post(4, created_at="yesterday"),
        post(5, cooked=7, raw=None),
    ]

    rows = look(kettle, connected[0])

    assert {row.remote_id for row in rows} == {"post-1", "post-5"}
    with working_in(kettle):
        assert SetAside.objects.count() == 3


def test_a_revoked_key_stops_the_connection_in_words(kettle, forum, connected, monkeypatch):
    look(kettle, connected[0])
    forum.answers = [(403, {"errors": ["invalid"], "error_type": "invalid_access"}, {})]

    look(kettle, connected[0])

    assert (connected[0].is_active, connected[0].last_error) == (
        False, "The forum does not accept the API key. Make a new one and enter it here.",
    )  # fmt: skip


def row(text="Use vinegar.", **facts):
    given = {
        "key": "k1", "text": text, "mention_id": "post-1", "mention_url": "", "thread": "topic-7", "network": "discourse",
        "is_public": True, "wire": {"topic_id": 7, "post_number": 1}, "created_at": timezone.now(),
    }  # fmt: skip
    return Outbox(**given | facts)


@pytest.mark.parametrize("before", [0, 30])
@pytest.mark.parametrize(
    "hangs", [{}, {1: "before"}, {1: "after"}, {1: "after", 2: "before"}, {1: "after", 3: "after"}]
)
def test_whenever_the_line_breaks_there_is_one_post(forum, connected, hangs, before):
    long_ago = timezone.now() - timedelta(days=1)
    forum.posts = [post(number, "Use vinegar.", username="kettle", at=long_ago) for number in range(2, 2 + before)]
    forum.hangs = dict(hangs)

    for attempt in range(1, 6):
        try:
            id_ = Discourse(connected[0]).reply(row(attempt=attempt))
            break
        except ChannelError as error:
            if not error.again:
                raise

    assert id_ == f"post-{forum.posts[-1]['id']}"
    assert len(forum.ours) == before + 1
    assert forum.posts[-1]["reply_to_post_number"] == 1


@pytest.mark.parametrize(
    ("said", "again", "words"),
    [
        ((422, {"action": "create_post", "errors": ["Body is too short"]}, {}), False, "too short"),
        ((404, {"errors": ["The requested URL could not be found."]}, {}), False, "does not let us"),
        ((429, {"errors": ["slow down"]}, {"Retry-After": "20"}), True, "wait"),
        ((502, None, {}), True, "does not work"),
    ],
)
def test_a_refusal_is_said_in_words(forum, connected, said, again, words):
    forum.answers = [said]

    with pytest.raises(ChannelError, match=words) as caught:
        Discourse(connected[0]).reply(row())

    assert caught.value.again is again


def test_the_form_lets_in_whom_the_forum_lets_in(forum):
    given = {"name": "Forum", "url": forum.url, "username": "kettle", "password": KEY}

    assert DiscourseForm(given).is_valid()
    assert "does not accept" in str(DiscourseForm(given | {"password": "no"}).errors["password"])
