"""YouTube and Google's reviews, against answers as Google documents them."""

import json
from datetime import UTC, timedelta
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from django.utils import timezone

from conversations.channels import ChannelError, Outbox
from conversations.models import Connection, Mention, SetAside
from social.connecting import connect, network_of, poll_due
from social.networks.google_reviews import GoogleReviewsForm
from social.networks.youtube import YouTubeForm
from tests.loopback import LoopbackApi
from workspaces.current import working_in

US, PLACE = "UCkettle00000000", "accounts/1/locations/2"


def stamp(moment):
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def comment(id_, text="Which kettle is that?", *, who="UCines", at=None, parent=""):
    at = stamp(at or timezone.now() - timedelta(minutes=1))
    snippet = {
        "videoId": "v1", "textDisplay": text, "textOriginal": text, "authorDisplayName": "@ines",
        "authorChannelId": {"value": who}, "publishedAt": at, "updatedAt": at,
    }  # fmt: skip
    return {"kind": "youtube#comment", "id": id_, "snippet": snippet | ({"parentId": parent} if parent else {})}


def thread(id_, *replies, **facts):
    top = {"channelId": US, "videoId": "v1", "topLevelComment": comment(id_, **facts), "totalReplyCount": len(replies)}
    return {"kind": "youtube#commentThread", "id": id_, "snippet": top, "replies": {"comments": list(replies)}}


def review(id_, stars="TWO", text="It leaks", *, at=None, updated=None):
    at = at or timezone.now() - timedelta(minutes=1)
    return {
        "name": f"{PLACE}/reviews/{id_}", "reviewId": id_, "reviewer": {"displayName": "Ines T."}, "starRating": stars,
        "comment": text, "createTime": stamp(at), "updateTime": stamp(updated or at),
    }  # fmt: skip


class Google(LoopbackApi):
    """Tokens, comments and reviews; `hangs`: number of a call → before or after its effect."""

    def __init__(self):
        self.threads, self.reviews, self.made, self.put, self.hangs, self.answers = [], [], [], [], {}, []
        self.calls, self.tokens, self.is_revoked, self.size = 0, 0, False, 100
        super().__init__()

    def hear(self, method, path, headers, raw):
        self.calls += 1
        hangs = self.hangs.pop(self.calls, "")
        if hangs == "before":
            return None
        parts = urlsplit(path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.path == "/token":
            return self.give_token(parse_qs(raw.decode()))
        if headers["Authorization"] != f"Bearer access-{self.tokens}":
            return 401, {"error": {"code": 401, "message": "Invalid Credentials"}}, {}
        if self.answers:
            return self.answers.pop(0)
        said = self.act(method, unquote(parts.path), query, json.loads(raw) if raw else {})
        return None if hangs == "after" else (200, said, {})

    def give_token(self, form):
        if self.is_revoked or form["refresh_token"] != ["refresh"]:
            return 400, {"error": "invalid_grant", "error_description": "Token has been expired or revoked."}, {}
        self.tokens += 1
        return 200, {"access_token": f"access-{self.tokens}", "expires_in": 3599, "token_type": "Bearer"}, {}

    def act(self, method, path, query, body):
        if path == "/commentThreads":
            return self.page(
                self.threads, query, "items", lambda one: one["snippet"]["topLevelComment"]["snippet"]["publishedAt"]
            )
        if path.endswith("/reviews"):
            return self.page(self.reviews, query, "reviews", lambda one: one["updateTime"])
        if method == "PUT":
            self.put.append((path, body))
            return body
        if method == "POST":
            said = body["snippet"]
            self.made.append(
                comment(f"{said['parentId']}.{len(self.made)}", said["textOriginal"], who=US, at=timezone.now())
            )
            return self.made[-1]
        return {"items": self.made}

    def page(self, rows, query, name, key):
        rows, start = sorted(rows, key=key, reverse=True), int(query.get("pageToken", 0))
        more = {"nextPageToken": str(start + self.size)} if start + self.size < len(rows) else {}
        return {name: rows[start : start + self.size], **more}


@pytest.fixture
def google(settings):
    settings.ECRM_FETCH_LOOPBACK = True
    google = Google()
    yield google
    google.close()


def connected(kettle, google, network):
    settings = {"api": google.url, "tokens": f"{google.url}/token", "channel": US, "location": PLACE}
    with working_in(kettle):
        return connect(network, by=None, name="G", settings=settings, secrets=["id", "secret", "refresh"])[0]


def look(kettle, connection, times=1):
    for _time in range(times):
        with working_in(kettle):
            Connection.objects.filter(pk=connection.pk).update(due_at=timezone.now() - timedelta(seconds=1))
        poll_due(kettle)
    with working_in(kettle):
        connection.refresh_from_db()
        return list(Mention.objects.select_related("author", "conversation").order_by("pk"))


def answer(connection, row, **facts):
    given = {
        "key": "k", "text": "The red one.", "mention_id": row.remote_id, "mention_url": "", "thread": "", "network": row.network,
        "is_public": True, "wire": row.wire, "created_at": timezone.now(),
    }  # fmt: skip
    return network_of(connection).reply(Outbox(**given | facts))


def test_comments_come_in_with_what_answers_them(kettle, google):
    connection = connected(kettle, google, "youtube")
    look(kettle, connection)
    ours, theirs = comment("t1.1", "Ours", who=US, parent="t1"), comment("t1.2", "And blue?", who="UCbob", parent="t1")
    google.threads = [thread("t1", ours, theirs), thread("t2", who=US)]

    first, second = look(kettle, connection)

    assert [(one.remote_id, one.text) for one in (first, second)] == [
        ("t1", "Which kettle is that?"),
        ("t1.2", "And blue?"),
    ]
    assert {one.conversation.thread for one in (first, second)} == {"t1"}
    assert (first.author.handle, first.author.name, first.author.claimed_by) == ("ucines", "@ines", 0)
    assert second.url == "https://www.youtube.com/watch?v=v1&lc=t1.2"
    assert google.tokens == 1


def test_of_a_burst_none_is_lost(kettle, google):
    connection = connected(kettle, google, "youtube")
    look(kettle, connection)
    google.size, start = 10, timezone.now() - timedelta(minutes=30)
    google.threads = [thread(f"t{number}", at=start + timedelta(seconds=10 * number)) for number in range(95)]

    assert len(look(kettle, connection, 4)) == 95


def test_a_token_that_ran_out_is_renewed_and_one_that_was_revoked_is_told(kettle, google):
    connection = connected(kettle, google, "youtube")
    look(kettle, connection, 2)
    google.tokens += 1  # what we hold is good no more

    look(kettle, connection)
    assert (google.tokens, connection.last_error) == (3, "")

    google.tokens, google.is_revoked = 9, True
    look(kettle, connection)
    assert not connection.is_active
    assert "does not let us in any more" in connection.last_error


def test_a_quota_that_is_used_up_waits(kettle, google):
    connection = connected(kettle, google, "youtube")
    refused = {"error": {"code": 403, "message": "quota", "errors": [{"reason": "quotaExceeded"}]}}
    google.answers = [(403, refused, {})]

    look(kettle, connection)

    assert connection.is_active
    assert connection.due_at > timezone.now() + timedelta(minutes=55)


@pytest.mark.parametrize("hangs", [{}, {2: "before"}, {2: "after"}, {2: "after", 3: "before"}])
def test_whenever_the_line_breaks_there_is_one_answer_below_the_comment(kettle, google, hangs):
    connection = connected(kettle, google, "youtube")
    google.threads = [thread("t1", comment("t1.2", "And blue?", who="UCbob", parent="t1"))]
    row = look(kettle, connection)[1]
    google.hangs = {google.calls - 1 + number: when for number, when in hangs.items()}

    for attempt in range(1, 6):
        try:
            answer(connection, row, attempt=attempt)
            break
        except ChannelError as error:
            if not error.again:
                raise
    assert [(one["id"], one["snippet"]["textOriginal"]) for one in google.made] == [("t1.0", "The red one.")]


def test_a_review_comes_in_with_its_stars_and_follows_its_writer(kettle, google):
    connection = connected(kettle, google, "google_reviews")
    look(kettle, connection)
    google.reviews = [review("r1"), review("r2", "FIVE", ""), {"reviewId": "r3"}]
    google.reviews[2] |= {"updateTime": "soon"}

    rows = {row.remote_id: row for row in look(kettle, connection)}

    assert {key: (row.rating, row.text) for key, row in rows.items()} == {"r1": (2, "It leaks"), "r2": (5, "★★★★★")}
    assert (rows["r1"].author.name, rows["r1"].author.claimed_by) == ("Ines T.", connection.pk)
    google.reviews[0] |= {"comment": "Mended!", "starRating": "FOUR", "updateTime": stamp(timezone.now())}
    look(kettle, connection)
    with working_in(kettle):
        row = Mention.objects.get(remote_id="r1")
        assert (row.text, row.rating) == ("Mended!", 4)
        assert SetAside.objects.count() == 1


def test_a_review_holds_one_answer_however_often_it_is_given(kettle, google):
    connection = connected(kettle, google, "google_reviews")
    google.reviews = [review("r1")]
    (row,) = look(kettle, connection)

    assert answer(connection, row) == answer(connection, row, attempt=2) == "r1/reply"

    assert set(map(str, google.put)) == {str((f"/{PLACE}/reviews/r1/reply", {"comment": "The red one."}))}
    google.answers = [(404, {"error": {"message": "Requested entity was not found."}}, {})]
    with pytest.raises(ChannelError, match="deleted") as caught:
        answer(connection, row)
    assert not caught.value.again


def test_the_forms_ask_for_keys_and_keep_them_apart():
    keys = {"name": "G", "client_id": " id ", "client_secret": "s", "refresh_token": "r"}

    form = YouTubeForm(keys | {"channel": US})
    assert form.is_valid(), form.errors
    assert form.facts() == {"name": "G", "settings": {"channel": US}, "is_public": True, "secrets": ["id", "s", "r"]}
    assert GoogleReviewsForm(keys | {"location": PLACE}).is_valid()
    assert not GoogleReviewsForm(keys | {"location": "../x"}).is_valid()
