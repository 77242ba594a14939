"""X, against answers as its documentation writes them: v2 of its API, and the events of its webhook."""

import json
import random
from base64 import b64encode
from datetime import UTC, timedelta
from hashlib import sha256
from hmac import digest
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from conversations.channels import ChannelError, Outbox
from conversations.models import Connection, Conversation, Mention
from conversations.visibility import WIDTHS
from lib.graphemes import graphemes
from social.connecting import connect, hook_link, network_of, poll_due
from social.networks.x import XForm
from social.networks.x_reading import id_at
from social.networks.x_writing import LONGEST, posts_of, weigh
from social.secrets import brought_secrets
from tests.loopback import LoopbackApi
from workspaces.current import working_in

US, INES, CONSUMER = "2244994945", "1234567890", "consumer-secret"


def stamp(moment):
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def post(id_, text="@kettle Does the spout fit?", *, who=INES, at=None, parent="", **facts):
    """A post of v2; its id is a text of digits, as X makes them."""
    at = at or timezone.now() - timedelta(minutes=1)
    referenced = {"referenced_tweets": [{"type": "replied_to", "id": parent}]} if parent else {}
    return {
        "id": str(id_), "text": text, "author_id": who, "created_at": stamp(at), "lang": "en",
        "conversation_id": parent or str(id_), "edit_history_tweet_ids": [str(id_)],
    } | referenced | facts  # fmt: skip


def user(id_=INES, name="Ines Teal", username="ines"):
    return {"id": id_, "name": name, "username": username, "public_metrics": {"followers_count": 42}}


def event(id_, text="@kettle Does the spout fit?", *, who=INES, **facts):
    """A post as the webhook delivers it."""
    return {
        "id_str": str(id_), "text": text, "timestamp_ms": str(int(timezone.now().timestamp() * 1000) - 60_000),
        "created_at": "Wed Oct 10 20:19:24 +0000 2018", "lang": "en", "in_reply_to_status_id_str": None,
        "in_reply_to_user_id_str": None, "entities": {"user_mentions": [{"id_str": US}], "urls": []},
        "user": {"id_str": who, "name": "Ines Teal", "screen_name": "ines", "followers_count": 42},
    } | facts  # fmt: skip


class Server(LoopbackApi):
    """Tokens that are good once, mentions, our own posts; `hangs`: number of a call → before or after its effect."""

    def __init__(self):
        self.posts, self.made, self.gone, self.hangs, self.answers, self.calls = [], [], set(), {}, [], 0
        self.refresh, self.access, self.serial, self.size, self.queries = "refresh-0", "", 0, 100, []
        self.media, self.alts, self.shown, self.expired = {}, {}, [], set()
        super().__init__()

    def hear(self, method, path, headers, raw):
        self.calls += 1
        hangs = self.hangs.pop(self.calls, "")
        if hangs == "before":
            return None
        parts = urlsplit(path)
        query = {name: one[0] for name, one in parse_qs(parts.query).items()}
        if parts.path == "/token":
            return self.give_token(headers, parse_qs(raw.decode()))
        if not self.access or headers.get("Authorization") != f"Bearer {self.access}":
            return 401, {"title": "Unauthorized", "detail": "Unauthorized", "status": 401}, {}
        if self.answers:
            return self.answers.pop(0)
        if parts.path == "/media/upload":
            said = self.keep(raw)
        else:
            said = self.act(method, parts.path, query, json.loads(raw) if raw else {})
        limits = {"x-rate-limit-limit": "450", "x-rate-limit-remaining": "449", "x-rate-limit-reset": "1900000000"}
        return None if hangs == "after" else (*said, limits)

    def give_token(self, headers, form):
        assert headers["Authorization"] == "Basic aWQ6c2VjcmV0"
        if form["refresh_token"] != [self.refresh]:
            return 400, {"error": "invalid_request", "error_description": "Value passed for the token was invalid."}, {}
        self.serial += 1
        self.refresh, self.access = f"refresh-{self.serial}", f"access-{self.serial}"
        return 200, {"access_token": self.access, "refresh_token": self.refresh, "expires_in": 7200}, {}

    def keep(self, raw):
        """A picture, by the id that it gets; nobody sees it before a post names it."""
        id_ = str(7_001 + len(self.media))
        self.media[id_] = raw
        return 200, {"data": {"id": id_, "media_key": f"3_{id_}", "size": len(raw), "expires_after_secs": 86_400}}

    def act(self, method, path, query, body):
        if path == "/media/metadata":
            self.alts[body["id"]] = body["metadata"]["alt_text"]["text"]
            return 200, {"data": {"id": body["id"], "associated_metadata": body["metadata"]}}
        if method == "POST":
            return self.post(body)
        if path == "/tweets":
            asked = query["ids"].split(",")
            errors = [
                {"resource_id": one, "resource_type": "tweet", "type": "https://api.twitter.com/2/problems/resource-not-found"}
                for one in asked if one in self.gone
            ]  # fmt: skip
            rows = [one for one in self.posts if one["id"] in asked and one["id"] not in self.gone]
            return 200, {"data": rows, "includes": {"users": [user()]}} | ({"errors": errors} if errors else {})
        self.queries.append(query)
        rows = self.made if path == f"/users/{US}/tweets" else self.posts
        rows = sorted(rows, key=lambda one: one["created_at"], reverse=True)
        start = int(query.get("pagination_token", 0))
        page = rows[start : start + self.size]
        more = {"next_token": str(start + self.size)} if start + self.size < len(rows) else {}
        tree = {"meta": {"result_count": len(page), **more}}
        return 200, tree | ({"data": page, "includes": {"users": [user()]}} if page else {})

    def post(self, body):
        parent = body["reply"]["in_reply_to_tweet_id"]
        if parent in self.gone:
            return 403, {
                "detail": "You attempted to reply to a Tweet that is deleted or not visible to you.",
                "status": 403,
            }
        text = f"@ines {body['text']}".replace("https://kettle.example/spouts", "https://t.co/abc")
        if any(one["text"] == text for one in self.made):
            return 403, {"detail": "You are not allowed to create a Tweet with duplicate content.", "status": 403}
        links = [{"url": "https://t.co/abc", "expanded_url": "https://kettle.example/spouts"}]
        if ids := body.get("media", {}).get("media_ids", []):
            if not set(ids) <= self.media.keys() - self.expired:
                wrong = {"parameters": {"media.media_ids": ids}, "message": "Your media IDs are invalid."}
                return 400, {"errors": [wrong], "title": "Invalid Request", "status": 400}
            text, own = f"{text} https://t.co/pic", f"https://x.com/kettle/status/{9_000 + len(self.made)}/photo/1"
            links += [{"url": "https://t.co/pic", "expanded_url": own, "media_key": f"3_{one}"} for one in ids]
        self.shown.append([self.alts[one] for one in ids])
        made = post(9_000 + len(self.made), text, who=US, parent=parent, at=timezone.now(), entities={"urls": links})
        self.made.append(made)
        return 201, {"data": {"id": made["id"], "text": text}}


@pytest.fixture
def server(settings):
    settings.ECRM_FETCH_LOOPBACK = True
    server = Server()
    yield server
    server.close()


@pytest.fixture
def connected(kettle, server):
    return connection_to(kettle, server)


def connection_to(kettle, server, **more):
    settings = {"api": server.url, "tokens": f"{server.url}/token", "user_id": US, "username": "kettle"} | more
    secrets = ["id", "secret", "refresh-0", "", CONSUMER]
    with working_in(kettle):
        return connect("x", by=None, name="X", settings=settings, secrets=secrets)[0]


def look(kettle, connection, times=1):
    for _time in range(times):
        with working_in(kettle):
            Connection.objects.filter(pk=connection.pk).update(due_at=timezone.now() - timedelta(seconds=1))
        poll_due(kettle)
    with working_in(kettle):
        connection.refresh_from_db()
        return list(Mention.objects.select_related("author", "conversation").order_by("published_at", "pk"))


def outbox(mention_id="100", **facts):
    given = {
        "key": "k", "text": "It does.", "mention_id": mention_id, "mention_url": "", "thread": "", "network": "x",
        "is_public": True, "wire": {}, "created_at": timezone.now(),
    }  # fmt: skip
    return Outbox(**given | facts)


def test_a_post_comes_in_as_its_writer_meant_it(kettle, server, connected):
    look(kettle, connected)
    links = [{"url": "https://t.co/x", "expanded_url": "https://tea.example/a"}]
    long = {"text": "@kettle a &lt; b &amp;amp; see https://t.co/x", "entities": {"urls": links}}
    server.posts = [
        post(100, "@kettle a &lt; b…", note_tweet=long, parent="7"),
        post(101, "Ours", who=US),
        post(102, "RT", referenced_tweets=[{"type": "retweeted", "id": "5"}]),
        post(103, lang="qme"),
    ]

    first, second = look(kettle, connected)

    assert first.text == "@kettle a < b &amp; see https://tea.example/a"
    assert (first.remote_id, first.conversation.thread, first.url) == ("100", "7", "https://x.com/i/status/100")
    assert (first.author.handle, first.author.name, first.author.claimed_by) == (INES, "Ines Teal (@ines)", 0)
    assert (first.author.url, first.reach, first.visibility) == ("https://x.com/ines", 42, "public")
    assert (first.is_silent, first.conversation.state, second.remote_id) == (False, "waiting", "103")


def test_a_burst_of_400_between_two_looks_loses_none_and_costs_each_page_once(kettle, server, connected):
    look(kettle, connected)
    server.posts = [post(100 + number, at=timezone.now() - timedelta(seconds=number)) for number in range(400)]

    rows = look(kettle, connected, times=2)

    assert len({row.remote_id for row in rows}) == 400
    with working_in(kettle):
        head = Connection.objects.get(pk=connected.pk).cursor["head"]
    server.queries.clear()
    look(kettle, connected)
    (asked,) = [one["since_id"] for one in server.queries[:1]]
    assert head
    assert id_at(timezone.now() - timedelta(minutes=11)) < asked < id_at(timezone.now() - timedelta(minutes=9))


def test_a_place_that_is_known_no_more_is_read_from_the_top(kettle, server, connected):
    look(kettle, connected)
    server.posts = [post(100 + number, at=timezone.now() - timedelta(seconds=number)) for number in range(600)]
    look(kettle, connected)
    server.answers = [(400, {"errors": [{"message": "Invalid pagination_token"}]}, {})]

    assert len(look(kettle, connected, times=2)) == 600


def test_an_edited_post_stays_one_and_a_deleted_one_goes(kettle, server, connected):
    look(kettle, connected)
    server.posts = [post(100), post(200)]
    look(kettle, connected)
    server.posts.append(
        post(101, "@kettle Does the lid fit?", at=timezone.now(), edit_history_tweet_ids=["100", "101"])
    )
    server.gone = {"200"}
    with working_in(kettle):
        row = Connection.objects.get(pk=connected.pk)
        row.cursor = {name: value for name, value in row.cursor.items() if name != "followed_at"}
        row.save()

    rows = {row.remote_id: row for row in look(kettle, connected)}

    assert {key: (row.text, row.deleted_at is None) for key, row in rows.items()} == {
        "100": ("@kettle Does the lid fit?", True),
        "200": ("", False),
    }


@pytest.mark.parametrize(
    "hangs", [{}, {1: "before"}, {1: "after"}, {2: "after"}, {1: "after", 2: "before"}, {3: "after"}]
)
def test_whenever_the_line_breaks_there_is_one_chain_of_answers(kettle, server, connected, hangs):
    look(kettle, connected)
    text = " ".join(f"{place}. Look at https://kettle.example/spouts, and take the wide one." for place in range(8))
    server.hangs = {server.calls + number: when for number, when in hangs.items()}

    for attempt in range(1, 8):
        try:
            network_of(connected).reply(outbox(text=text, attempt=attempt))
            break
        except ChannelError as error:
            if not error.again:
                raise

    assert len(server.made) == len(posts_of(outbox(text=text))) > 1
    parents = [one["referenced_tweets"][0]["id"] for one in server.made]
    assert parents == ["100", *[one["id"] for one in server.made[:-1]]]


def test_words_that_stand_there_are_found_when_x_says_that_they_are_double(kettle, server, connected):
    look(kettle, connected)
    network = network_of(connected)
    first = network.reply(outbox())

    assert network.reply(outbox()) == first
    assert len(server.made) == 1


@pytest.mark.parametrize(
    ("answer", "again", "words"),
    [
        (
            (403, {"detail": "You attempted to reply to a Tweet that is deleted or not visible to you."}, {}),
            False,
            "deleted",
        ),
        ((403, {"detail": "Your client app is not configured for this."}, {}), False, "plan"),
        ((402, {"title": "CreditsDepleted", "detail": "No credits."}, {}), False, "plan"),
        ((429, {"title": "Too Many Requests"}, {"x-rate-limit-reset": "@hour"}), True, "wait"),
        ((503, None, {}), True, "503"),
        ((201, {"data": {}}, {}), True, "something else"),
    ],
)
def test_a_refusal_is_said_in_words(kettle, server, connected, answer, again, words):
    look(kettle, connected)
    until = str(int((timezone.now() + timedelta(hours=1)).timestamp()))
    status, tree, headers = answer
    server.answers = [(status, tree, {name: value.replace("@hour", until) for name, value in headers.items()})]

    with pytest.raises(ChannelError, match=words) as caught:
        network_of(connected).reply(outbox())

    assert caught.value.again is again
    assert (3500 < caught.value.wait < 3700) == (status == 429)


def test_an_hour_that_x_asks_for_is_waited_and_a_plan_that_cannot_read_stops_it(kettle, server, connected):
    look(kettle, connected)
    until = str(int((timezone.now() + timedelta(hours=1)).timestamp()))
    server.answers = [(429, {"title": "Too Many Requests"}, {"x-rate-limit-reset": until})]
    look(kettle, connected)
    assert connected.due_at > timezone.now() + timedelta(minutes=55)
    assert connected.is_active

    server.answers = [(403, {"detail": "When authenticating requests you must use keys from an App in a Project."}, {})]
    look(kettle, connected)

    assert (connected.is_active, "plan" in connected.last_error, "Project" in connected.last_error) == (
        False,
        True,
        True,
    )


def test_a_refresh_token_is_good_once_and_the_next_one_is_kept(kettle, server, connected):
    look(kettle, connected)
    server.access = "other"  # the access token ended before its time
    look(kettle, connected)

    assert (server.serial, connected.failures, connected.is_active) == (2, 0, True)
    with working_in(kettle):
        held = brought_secrets(Connection.objects.get(pk=connected.pk))
    assert (held[:3], held[4]) == (["id", "secret", "refresh-2"], CONSUMER)


def test_who_renews_too_late_takes_what_the_first_one_was_given(kettle, server, connected):
    with working_in(kettle):
        late = network_of(Connection.objects.get(pk=connected.pk))
    look(kettle, connected)

    assert late.client.get("users/1/mentions").is_good
    assert server.serial == 1


def test_a_revoked_token_stops_it_in_words_and_a_page_instead_of_data_does_not(kettle, server, connected):
    look(kettle, connected)
    server.answers = [(200, "<html>", {})]
    server.access, server.refresh = "other", "revoked"
    look(kettle, connected)
    assert (connected.is_active, "X does not let us in" in connected.last_error) == (False, True)


def deliver(url, tree, *, secret=CONSUMER):
    raw = json.dumps(tree).encode()
    seal = "sha256=" + b64encode(digest(secret.encode(), raw, "sha256")).decode()
    return Client().post(url, raw, content_type="application/json", headers={"X-Twitter-Webhooks-Signature": seal})


@pytest.fixture
def hook(kettle, server):
    connection = connection_to(kettle, server, webhook=True)
    with working_in(kettle):
        url = hook_link(connection)
    return url[url.index("/hooks/") :]


def test_x_asks_whether_the_address_is_ours_and_is_answered_with_its_own_word_sealed(hook):
    answer = Client().get(hook, {"crc_token": "9b4507b3"})

    wanted = "sha256=" + b64encode(digest(CONSUMER.encode(), b"9b4507b3", sha256)).decode()
    assert (answer.status_code, answer.json()) == (200, {"response_token": wanted})
    assert Client().get(hook).status_code == Client().get(hook, {"crc_token": "\n"}).status_code == 405


def test_a_delivery_brings_what_names_us_once_and_a_forged_one_nothing(kettle, server, hook):
    tree = {
        "for_user_id": US,
        "tweet_create_events": [
            event(100), event(101, who=US), event(102, retweeted_status={}), event(103, entities={"user_mentions": []}),
            event(104, user={}), event(105, extended_tweet={"full_text": "@kettle All of it", "entities": {"user_mentions": [{"id_str": US}]}}),
        ],
    }  # fmt: skip

    answers = [deliver(hook, tree).json() for _time in range(2)]

    assert [(one["new"], one["known"], len(one["refused"])) for one in answers] == [(2, 0, 1), (0, 2, 1)]
    assert deliver(hook, tree, secret="other").status_code == 401
    assert deliver(hook, tree | {"for_user_id": "5"}).json()["known"] == 0
    with working_in(kettle):
        assert list(Mention.objects.order_by("remote_id").values_list("text", flat=True)) == [
            "@kettle Does the spout fit?", "@kettle All of it",
        ]  # fmt: skip


def test_what_came_by_webhook_is_not_heard_again_by_a_look_and_a_delete_wins(kettle, server, hook):
    with working_in(kettle):
        connection = Connection.objects.get()
    look(kettle, connection)
    deliver(hook, {"for_user_id": US, "tweet_create_events": [event(100), event(200)]})
    deliver(hook, {"for_user_id": US, "tweet_delete_events": [{"status": {"id": "200", "user_id": INES}}]})
    server.posts = [post(100), post(200)]

    rows = look(kettle, connection)

    assert {row.remote_id: row.deleted_at is None for row in rows} == {"100": True, "200": False}
    with working_in(kettle):
        assert Conversation.objects.count() == 2


def test_without_its_secret_a_connection_takes_no_webhooks(kettle, server, connected):
    with working_in(kettle):
        url = hook_link(connected)
    assert deliver(url[url.index("/hooks/") :], {"for_user_id": US}).status_code == 404


@pytest.mark.parametrize(
    ("text", "weight"),
    [
        ("abc", 3), ("", 0), ("äöü", 3), ("ก", 1), ("茶", 2), ("👩‍👩‍👧‍👦", 2), ("🇩🇪🫖", 4), ("“Tea” – yes…", 13), ("e\u0301", 1),
        ("https://kettle.example/" + "a" * 200, 23), ("See kettle.example/a", 27), ("Mr. Teal, 3.5 l", 15),
    ],
)  # fmt: skip
def test_letters_weigh_what_they_weigh_at_x(text, weight):
    assert weigh(text) == weight


def test_a_long_answer_is_cut_in_posts_that_fit_and_lose_no_word():
    chance = random.Random(7)
    for _time in range(40):
        words = ["".join(chance.choices("aä茶🫖.", k=chance.randint(1, 30))) for _word in range(chance.randint(1, 40))]
        text = " ".join(words)
        try:
            posts = posts_of(outbox(text=text))
        except ChannelError:
            assert weigh(text) > LONGEST * 2
            continue
        assert all(weigh(one) <= LONGEST for one in posts)
        assert [one for one in graphemes("".join(posts)) if one.strip()] == [
            one for one in graphemes(text) if one.strip()
        ]


def test_the_form_takes_a_name_as_people_write_it_and_a_secret_only_for_webhooks():
    keys = {"name": "X", "client_id": "id", "client_secret": "s", "refresh_token": "r", "user_id": f" {US} "}

    form = XForm(keys | {"username": " @kettle "})
    assert form.is_valid(), form.errors
    assert form.facts()["settings"] == {"user_id": US, "username": "kettle", "acct": "kettle"}
    assert form.facts()["secrets"] == ["id", "s", "r"]
    with_hook = XForm(keys | {"username": "kettle", "consumer_secret": "c"})
    assert with_hook.is_valid()
    assert (with_hook.facts()["settings"]["webhook"], with_hook.facts()["secrets"][4]) == (True, "c")
    assert not XForm(keys | {"username": "kettle", "user_id": "kettle"}).is_valid()


@pytest.mark.parametrize("is_public", [True, False])
@pytest.mark.parametrize("visibility", [*WIDTHS, ""])
def test_what_is_for_fewer_is_never_posted_for_everybody(kettle, server, connected, visibility, is_public):
    look(kettle, connected)
    row = outbox(visibility=visibility, is_public=is_public)
    is_for_all = is_public and visibility in {"public", "unlisted", ""}

    if is_for_all:
        network_of(connected).reply(row)
    else:
        with pytest.raises(ChannelError, match="for fewer"):
            network_of(connected).reply(row)

    assert len(server.made) == is_for_all
