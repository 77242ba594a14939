"""Facebook, Instagram and Threads, against payloads as Meta documents them."""

import hmac
import json
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from conversations.channels import ChannelError, ClosedError, Outbox, window_of
from conversations.models import Mention
from social.connecting import connect, hook_link, network_of
from social.networks.meta.facebook import Facebook
from social.networks.meta.graph import MetaForm
from social.networks.protocol import Listener
from tests.loopback import LoopbackApi
from workspaces.current import working_in

PAGE, SECRET, TOKEN = "1067280970047460", "app-secret", "page-token"
COMMENT = {
    "from": {"id": "4444", "name": "Ines Teal"}, "post": {"permalink_url": "https://www.facebook.com/kettle/posts/9"},
    "message": "The lid is loose", "post_id": f"{PAGE}_9", "comment_id": "9_77", "created_time": 1764200000,
    "item": "comment", "parent_id": f"{PAGE}_9", "verb": "add",
}  # fmt: skip


class Graph(LoopbackApi):
    """The Graph API: what is made stands in `made`, by its path; `hangs`: number of a call → before or after its effect."""

    def __init__(self):
        self.made, self.hangs, self.answers, self.calls = [], {}, [], 0
        self.photos, self.gone = {}, set()
        super().__init__()

    def hear(self, method, path, headers, raw):
        self.calls += 1
        hangs = self.hangs.pop(self.calls, "")
        if hangs == "before":
            return None
        assert headers["Authorization"] == f"Bearer {TOKEN}"
        assert TOKEN not in path
        if self.answers:
            return self.answers.pop(0)
        where = urlsplit(path).path
        if method == "GET":
            here = [one for one in self.made if one["path"] == where]
            if where.endswith("/conversations"):
                here = [{"messages": {"data": [one for one in self.made if one["path"].endswith("/messages")]}}]
            return 200, {"data": here}, {}
        if where.endswith("/photos"):
            id_ = str(501 + len(self.photos))
            self.photos[id_] = raw
            return None if hangs == "after" else (200, {"id": id_}, {})
        is_form = headers["Content-Type"] != "application/json"
        body = {name: one[0] for name, one in parse_qs(raw.decode()).items()} if is_form else json.loads(raw)
        text = body["message"]["text"] if not is_form else body.get("message", "")
        if not {body.get("attachment_id")} <= self.photos.keys() - self.gone | {None}:
            return 400, {"error": {"message": "Invalid parameter", "type": "OAuthException", "code": 100}}, {}
        id_ = f"{len(self.made) + 1}"
        now = timezone.now().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+0000")
        self.made.append({
            "path": where, "id": id_, "message": text, "text": text, "from": {"id": PAGE}, "created_time": now, "body": body,
        })  # fmt: skip
        return None if hangs == "after" else (200, {"id": id_, "message_id": id_, "recipient_id": "4444"}, {})


@pytest.fixture
def graph(settings):
    settings.ECRM_FETCH_LOOPBACK = True
    graph = Graph()
    yield graph
    graph.close()


def connected(kettle, network, endpoint="https://graph.example"):
    settings = {"account": PAGE, "endpoint": endpoint}
    with working_in(kettle):
        connection, secret = connect(network, by=None, name="Ours", settings=settings, secrets=[SECRET, TOKEN])
        url = hook_link(connection)
    return connection, secret, url[url.index("/hooks/") :]


def deliver(url, tree, *, secret=SECRET):
    raw = tree if isinstance(tree, bytes) else json.dumps(tree).encode()
    seal = f"sha256={hmac.digest(secret.encode(), raw, 'sha256').hex()}"
    return Client().post(url, raw, content_type="application/json", headers={"X-Hub-Signature-256": seal})


def page(*values, field="feed", messaging=()):
    entry = {"id": PAGE, "time": 1764200001, "changes": [{"field": field, "value": value} for value in values]}
    return {"object": "page", "entry": [entry | ({"messaging": list(messaging)} if messaging else {})]}


def rows(kettle):
    with working_in(kettle):
        return list(Mention.objects.select_related("author", "conversation").order_by("pk"))


def test_an_address_is_proven_by_the_word_that_was_entered_there(kettle):
    _connection, word, url = connected(kettle, "facebook")
    asked = {"hub.mode": "subscribe", "hub.verify_token": word, "hub.challenge": "1158201444"}

    answer = Client().get(url, asked)

    assert (answer.status_code, answer.content, answer["Content-Type"]) == (200, b"1158201444", "text/plain")
    for wrong in (
        {"hub.verify_token": "guess"},
        {"hub.mode": "no"},
        {"hub.challenge": "<script>"},
        {"hub.verify_token": "é"},
    ):
        assert Client().get(url, asked | wrong).status_code == 405


def test_a_comment_comes_in_changes_and_goes(kettle):
    _connection, _word, url = connected(kettle, "facebook")
    ours = COMMENT | {"from": {"id": PAGE, "name": "Kettle"}, "comment_id": "9_78"}
    like = {"item": "reaction", "verb": "add", "reaction_type": "love", "from": {"id": "5"}, "post_id": f"{PAGE}_9"}

    assert deliver(url, page(COMMENT, ours, like)).json()["new"] == 1
    (row,) = rows(kettle)
    assert (row.remote_id, row.text, row.author.handle, row.author.name) == (
        "9_77",
        "The lid is loose",
        "4444",
        "Ines Teal",
    )
    assert (row.conversation.thread, row.visibility) == (f"{PAGE}_9", "public")
    assert row.published_at == datetime.fromtimestamp(1764200000, tz=UTC)

    assert deliver(url, page(COMMENT | {"verb": "edited", "message": "Mended"})).json()["changed"] == 1
    assert deliver(url, page(COMMENT | {"verb": "remove"})).json()["changed"] == 1
    assert rows(kettle)[0].text == ""


def test_a_private_message_stays_private_and_is_answered_within_24_hours(kettle, graph):
    connection, _word, url = connected(kettle, "facebook", graph.url)
    at = int(timezone.now().timestamp() * 1000)
    message = {
        "sender": {"id": "4444"}, "recipient": {"id": PAGE}, "timestamp": at, "message": {"mid": "m_1", "text": "Psst"},
    }  # fmt: skip
    echo = message | {"message": {"mid": "m_2", "text": "Ours", "is_echo": True}}

    assert deliver(url, page(messaging=[message, echo, {"sender": {"id": "4"}, "read": {}}])).json()["new"] == 1

    (row,) = rows(kettle)
    assert (row.visibility, row.conversation.is_public, row.conversation.thread) == ("direct", False, "direct-4444")
    sent = answer_to(row, connection, visibility="direct")
    assert [one["body"] for one in graph.made] == [
        {"recipient": {"id": "4444"}, "messaging_type": "RESPONSE", "message": {"text": "It does!"}}
    ]
    assert sent == "1"
    with working_in(kettle):
        assert window_of(row).until.timestamp() == pytest.approx(at / 1000 + 86_400, abs=1)
    row.wire["at"] = at - 25 * 3_600_000
    with working_in(kettle):
        assert "24 hours" in window_of(row).why_closed
    with pytest.raises(ClosedError, match="24 hours"):
        answer_to(row, connection, visibility="direct")


def answer_to(row, connection, **facts):
    given = {
        "key": "k", "text": "It does!", "mention_id": row.remote_id, "mention_url": "", "thread": row.conversation.thread,
        "network": row.network, "is_public": True, "wire": row.wire, "created_at": timezone.now(),
    }  # fmt: skip
    return network_of(connection).reply(Outbox(**given | facts))


INSTAGRAM = {
    "object": "instagram",
    "entry": [
        {"id": PAGE, "time": 1764200001, "changes": [{"field": "comments", "value": {
            "id": "17865", "from": {"id": "232", "username": "ines.teal"}, "text": "Love it",
            "media": {"id": "123", "media_product_type": "FEED"},
        }}]},
        {"id": PAGE, "time": 1764200002, "field": "comments", "value": {
            "id": "17866", "from": {"id": "232", "username": "ines.teal"}, "text": "Really", "parent_id": "17865",
            "media": {"id": "123", "media_product_type": "FEED"},
        }},
    ],
}  # fmt: skip


def test_comments_on_instagram_stand_in_the_thread_of_their_picture(kettle, graph):
    connection, _word, url = connected(kettle, "instagram", graph.url)

    assert deliver(url, INSTAGRAM).json()["new"] == 2

    first, second = rows(kettle)
    assert first.conversation_id == second.conversation_id
    assert (first.author.name, first.author.handle) == ("@ines.teal", "232")
    answer_to(second, connection)
    assert [(one["path"], one["text"]) for one in graph.made] == [("/17866/replies", "It does!")]


THREADS = {
    "app_id": "123456", "topic": "moderate", "target_id": "78901", "time": 1723226877, "subscription_id": "234567",
    "has_uid_field": False,
    "values": {
        "field": "replies",
        "value": {
            "id": "8901234", "username": "test_username", "text": "Reply", "media_type": "TEXT_POST",
            "permalink": "https://www.threads.net/@test_username/post/Pp", "replied_to": {"id": "567890"},
            "root_post": {"id": "123456", "owner_id": "123456", "username": "test_username_2"}, "shortcode": "Pp",
            "timestamp": "2026-08-07T10:33:16+0000",
        },
    },
}  # fmt: skip


def test_an_answer_on_threads_is_answered_by_making_and_publishing(kettle, graph):
    connection, _word, url = connected(kettle, "threads", graph.url)

    assert deliver(url, THREADS).json()["new"] == 1

    (row,) = rows(kettle)
    assert (row.text, row.author.handle, row.conversation.thread) == ("Reply", "test_username", "123456")
    answer_to(row, connection)
    made, published = graph.made
    assert (made["path"], made["body"]["reply_to_id"]) == ("/me/threads", "8901234")
    assert (published["path"], published["body"]) == (f"/{PAGE}/threads_publish", {"creation_id": "1"})


@pytest.mark.parametrize(
    "hangs", [{}, {1: "before"}, {1: "after"}, {1: "after", 2: "before"}, {1: "before", 3: "after"}]
)
@pytest.mark.parametrize("visibility", ["public", "direct"])
def test_whenever_the_line_breaks_there_is_one_answer(kettle, graph, hangs, visibility):
    connection, _word, url = connected(kettle, "facebook", graph.url)
    at = int(timezone.now().timestamp() * 1000)
    message = {"sender": {"id": "4"}, "recipient": {"id": PAGE}, "timestamp": at, "message": {"mid": "m", "text": "?"}}
    deliver(url, page(COMMENT) if visibility == "public" else page(messaging=[message]))
    (row,) = rows(kettle)
    graph.hangs = dict(hangs)

    for attempt in range(1, 6):
        try:
            assert answer_to(row, connection, attempt=attempt, visibility=visibility) == "1"
            break
        except ChannelError as error:
            if not error.again:
                raise
    assert [one["text"] for one in graph.made] == ["It does!"]


@pytest.mark.parametrize(
    ("code", "again", "words"),
    [(190, False, "access token"), (4, True, "wait"), (2, True, "boom"), (100, False, "boom"), (368, False, "boom")],
)
def test_a_refusal_is_said_in_words(kettle, graph, code, again, words):
    connection, _word, url = connected(kettle, "facebook", graph.url)
    deliver(url, page(COMMENT))
    graph.answers = [(400, {"error": {"message": "boom", "type": "OAuthException", "code": code}}, {})]

    with pytest.raises(ChannelError, match=words) as caught:
        answer_to(rows(kettle)[0], connection)

    assert caught.value.again is again


def test_what_happens_at_another_page_of_the_same_app_is_not_ours(kettle):
    _connection, _word, url = connected(kettle, "facebook")
    tree = page(COMMENT)
    tree["entry"][0]["id"] = "99"

    assert deliver(url, tree).json() == {"new": 0, "changed": 0, "known": 0, "refused": []}


def test_a_forged_delivery_is_refused_and_a_broken_value_alone(kettle):
    _connection, word, url = connected(kettle, "facebook")

    assert deliver(url, page(COMMENT), secret=word).status_code == 401
    assert deliver(url, b"{").status_code == 400
    broken = COMMENT | {"created_time": "soon", "comment_id": "9_79"}
    answer = deliver(url, page(broken, COMMENT, COMMENT | {"comment_id": None}, 7)).json()
    assert (answer["new"], len(answer["refused"])) == (1, 2)


def test_what_needs_keys_says_so_where_it_is_added(as_ada):
    text = as_ada.get("/w/kettle/inbox/connections/").text

    assert text.count("Needs your keys") == 8
    assert (Facebook.needs_keys, Listener.needs_keys) == (True, False)
    given = MetaForm({"name": "Page", "account": " 12 ", "app_secret": "a", "token": "b"})
    assert given.is_valid()
    assert given.facts()["secrets"] == ["a", "b"]
    assert not MetaForm({"name": "Page", "account": "kettle", "app_secret": "a", "token": "b"}).is_valid()
