"""Reddit's inbox, against listings as its documentation writes them."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.utils import timezone

from conversations.channels import ChannelError, Outbox
from conversations.models import Connection, Mention
from social.connecting import connect, network_of, poll_due
from social.networks.reddit import RedditForm
from tests.loopback import LoopbackApi
from workspaces.current import working_in


def thing(name, body="Is the kettle loud?", *, author="ines", kind="t1", at=None, **facts):
    seconds = (at or timezone.now() - timedelta(minutes=1)).timestamp()
    is_comment = kind == "t1"
    data = {
        "name": name, "id": name[3:], "author": author, "body": body, "created_utc": seconds, "was_comment": is_comment,
        "subject": "comment reply", "parent_id": "t3_post9" if is_comment else None, "subreddit": "tea" if is_comment else None,
        "context": "/r/tea/comments/post9/kettles/c1/?context=3" if is_comment else "", "first_message_name": None,
    }  # fmt: skip
    return {"kind": kind, "data": data | facts}


class Server(LoopbackApi):
    """Tokens, the inbox, what we wrote; `hangs`: number of a call → before or after its effect."""

    def __init__(self):
        self.inbox, self.made, self.hangs, self.answers, self.calls = [], [], {}, [], 0
        super().__init__()

    def hear(self, method, path, headers, raw):
        self.calls += 1
        hangs = self.hangs.pop(self.calls, "")
        if hangs == "before":
            return None
        parts, form = urlsplit(path), {name: one[0] for name, one in parse_qs(raw.decode()).items()}
        if parts.path == "/token":
            assert headers["Authorization"] == "Basic aWQ6c2VjcmV0"
            return 200, {"access_token": "access", "expires_in": 86400, "token_type": "bearer"}, {}
        assert headers["Authorization"] == "Bearer access"
        if self.answers:
            return self.answers.pop(0)
        if method == "GET":
            rows = self.inbox if parts.path == "/message/inbox" else self.made
            rows = sorted(rows, key=lambda one: str(one["data"]["created_utc"]), reverse=True)
            return 200, {"kind": "Listing", "data": {"children": rows, "after": None}}, {}
        self.made.append(
            thing(
                f"t1_ours{len(self.made)}", form["text"], author="kettle", parent_id=form["thing_id"], at=timezone.now()
            )
        )
        said = {"json": {"errors": [], "data": {"things": [self.made[-1]]}}}
        return None if hangs == "after" else (200, said, {})


@pytest.fixture
def reddit(settings):
    settings.ECRM_FETCH_LOOPBACK = True
    server = Server()
    yield server
    server.close()


@pytest.fixture
def connected(kettle, reddit):
    settings = {"api": reddit.url, "tokens": f"{reddit.url}/token", "username": "Kettle"}
    with working_in(kettle):
        return connect("reddit", by=None, name="R", settings=settings, secrets=["id", "secret", "refresh"])[0]


def look(kettle, connection):
    with working_in(kettle):
        Connection.objects.filter(pk=connection.pk).update(due_at=timezone.now() - timedelta(seconds=1))
    poll_due(kettle)
    with working_in(kettle):
        connection.refresh_from_db()
        return list(Mention.objects.select_related("author", "conversation").order_by("pk"))


def test_comments_are_public_and_messages_private(kettle, reddit, connected):
    look(kettle, connected)
    reddit.inbox = [
        thing("t1_a"), thing("t4_b", "Psst", kind="t4"), thing("t1_c", author="kettle"), thing("t4_d", author="[deleted]"),
        thing("t1_e", created_utc="soon", author=7),
    ]  # fmt: skip

    rows = {row.remote_id: row for row in look(kettle, connected)}

    assert {key: row.visibility for key, row in rows.items()} == {"t1_a": "public", "t4_b": "direct"}
    assert (rows["t1_a"].conversation.thread, rows["t4_b"].conversation.thread) == ("t3_post9", "direct-t4_b")
    assert (rows["t1_a"].author.handle, rows["t1_a"].author.claimed_by) == ("ines", 0)
    assert rows["t1_a"].url == "https://www.reddit.com/r/tea/comments/post9/kettles/c1/?context=3"


@pytest.mark.parametrize("hangs", [{}, {1: "before"}, {1: "after"}, {1: "after", 2: "before"}])
def test_whenever_the_line_breaks_there_is_one_answer(kettle, reddit, connected, hangs):
    reddit.inbox = [thing("t1_a")]
    (row,) = look(kettle, connected)
    reddit.hangs = {reddit.calls + number: when for number, when in hangs.items()}

    for attempt in range(1, 6):
        try:
            answer(connected, row, attempt=attempt)
            break
        except ChannelError as error:
            if not error.again:
                raise
    assert [(one["data"]["body"], one["data"]["parent_id"]) for one in reddit.made] == [("Not at all.", "t1_a")]


def answer(connection, row, **facts):
    given = {
        "key": "k", "text": "Not at all.", "mention_id": row.remote_id, "mention_url": "", "thread": "", "network": "reddit",
        "is_public": True, "wire": {}, "created_at": timezone.now(),
    }  # fmt: skip
    return network_of(connection).reply(Outbox(**given | facts))


@pytest.mark.parametrize(
    ("errors", "again", "words"),
    [
        ([["RATELIMIT", "Take a break for 5 minutes.", "ratelimit"]], True, "break"),
        ([["THREAD_LOCKED", "locked"]], False, "locked"),
    ],
)
def test_a_refusal_is_said_in_words(kettle, reddit, connected, errors, again, words):
    reddit.inbox = [thing("t1_a")]
    (row,) = look(kettle, connected)
    reddit.answers = [(200, {"json": {"errors": errors}}, {})]

    with pytest.raises(ChannelError, match=words) as caught:
        answer(connected, row)

    assert caught.value.again is again


def test_the_form_takes_a_name_as_people_write_it():
    keys = {"name": "R", "client_id": "id", "client_secret": "s", "refresh_token": "r"}

    form = RedditForm(keys | {"username": " /u/kettle "})
    assert form.is_valid(), form.errors
    assert form.facts()["settings"] == {"username": "kettle"}
    assert not RedditForm(keys | {"username": "no name"}).is_valid()
