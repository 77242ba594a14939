"""A company page on LinkedIn, against answers as the Community Management API documents them."""

import json
from datetime import timedelta
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from django.utils import timezone

from conversations.channels import ChannelError, Outbox
from conversations.models import Connection, Mention
from conversations.visibility import WIDTHS
from social.connecting import connect, network_of, poll_due
from social.networks.linkedin import LinkedInForm
from social.networks.linkedin_api import VERSION, version_of_today
from social.networks.linkedin_polling import MOST_PAGES, PAGE_SIZE
from tests.loopback import LoopbackApi
from workspaces.current import working_in

US, INES, POST = "urn:li:organization:42", "urn:li:person:aB3-x", "urn:li:share:7000"
ACTIVITY = "urn:li:activity:6000"


def urn(id_):
    return f"urn:li:comment:({ACTIVITY},{id_})"


def comment(id_, text="Does the spout fit?", *, who=INES, at=None, parent="", answers=0, **facts):
    """https://learn.microsoft.com/linkedin/marketing/community-management/shares/comments-api"""
    when = int((at or timezone.now() - timedelta(minutes=1)).timestamp() * 1000)
    return {
        "id": str(id_), "commentUrn": urn(id_), "object": ACTIVITY, "actor": who, "message": {"attributes": [], "text": text},
        "created": {"actor": who, "time": when}, "lastModified": {"actor": who, "time": when},
        "commentsSummary": {"aggregatedTotalComments": answers, "totalFirstLevelComments": answers},
    } | ({"parentComment": parent} if parent else {}) | facts  # fmt: skip


class Server(LoopbackApi):
    """Posts with their comments; `hangs`: number of a call → before or after its effect."""

    def __init__(self):
        self.posts, self.comments, self.answers, self.hangs, self.calls = [POST], [], [], {}, 0
        self.names, self.token, self.paths = {}, "token", []
        super().__init__()

    def hear(self, method, path, headers, raw):
        self.calls += 1
        hangs = self.hangs.pop(self.calls, "")
        if hangs == "before":
            return None
        parts = urlsplit(path)
        self.paths.append(path)
        if parts.path == "/token":
            form = {name: one[0] for name, one in parse_qs(raw.decode()).items()}
            is_good = form["refresh_token"] == "refresh"
            good = {"access_token": "token", "expires_in": 5_184_000, "refresh_token": "refresh"}
            return (200, good, {}) if is_good else (400, {"error": "invalid_grant"}, {})
        if headers["Authorization"] != f"Bearer {self.token}":
            return 401, {"status": 401, "serviceErrorCode": 65600, "message": "Invalid access token"}, {}
        assert (headers["LinkedIn-Version"], headers["X-Restli-Protocol-Version"]) == (version_of_today(), "2.0.0")
        if self.answers:
            return self.answers.pop(0)
        query = {name: one[0] for name, one in parse_qs(parts.query).items()}
        said = self.act(method, parts.path, query, json.loads(raw) if raw else {})
        return None if hangs == "after" else said

    def act(self, method, path, query, body):
        if path == "/posts":
            assert query["author"] == US
            return 200, {"elements": [{"id": one, "author": US} for one in self.posts], "paging": {"start": 0}}, {}
        if path == "/socialMetadata":
            asked = query["ids"].removeprefix("List(").removesuffix(")").split(",")
            count = {"count": len(self.comments), "topLevelCount": 0}
            return 200, {"results": {unquote(one): {"commentSummary": count} for one in asked}, "errors": {}}, {}
        _empty, _actions, of, _comments, *one = path.split("/")
        if one:
            found = [row for row in self.comments if row["id"] == unquote(one[0])]
            return (200, found[0], {}) if found else (404, {"status": 404, "message": "Could not find entity"}, {})
        if method == "POST":
            return self.post(unquote(of), body)
        rows = [row for row in self.comments if row.get("parentComment", POST) == unquote(of)]
        if "projection" in query:
            if not self.names:
                return 403, {"status": 403, "message": "Not enough permissions to access deco: actor"}, {}
            rows = [row | {"actor~": self.names.get(row["actor"], {})} for row in rows]
        start, size = int(query["start"]), int(query["count"])
        return 200, {"elements": rows[start : start + size], "paging": {"start": start, "count": size}}, {}

    def post(self, of, body):
        assert (body["actor"], body["parentComment"], body["object"]) == (US, of, ACTIVITY)
        id_ = 9_000 + len(self.comments)
        self.comments.append(comment(id_, body["message"]["text"], who=US, parent=of, at=timezone.now()))
        return 201, self.comments[-1], {"x-restli-id": str(id_)}


@pytest.fixture
def server(settings):
    settings.ECRM_FETCH_LOOPBACK = True
    server = Server()
    yield server
    server.close()


def connection_to(kettle, server, *, secrets=None):
    settings = {"api": server.url, "tokens": f"{server.url}/token", "organization": "42"}
    secrets = secrets or ["id", "secret", "refresh"]
    with working_in(kettle):
        return connect("linkedin", by=None, name="L", settings=settings, secrets=secrets)[0]


@pytest.fixture
def connected(kettle, server):
    return connection_to(kettle, server)


def look(kettle, connection, times=1):
    for _time in range(times):
        with working_in(kettle):
            Connection.objects.filter(pk=connection.pk).update(due_at=timezone.now() - timedelta(seconds=1))
        poll_due(kettle)
    with working_in(kettle):
        connection.refresh_from_db()
        return list(Mention.objects.select_related("author", "conversation").order_by("published_at", "pk"))


def outbox(row, **facts):
    given = {
        "key": "k", "text": "It does.", "mention_id": row.remote_id, "mention_url": "", "thread": "", "network": "linkedin",
        "is_public": True, "wire": row.wire, "created_at": timezone.now(),
    }  # fmt: skip
    return Outbox(**given | facts)


def test_comments_come_in_with_what_answers_them_and_without_ours(kettle, server, connected):
    look(kettle, connected)
    server.comments = [
        comment(1, answers=2), comment(2, "Ours", who=US, parent=urn(1)), comment(3, "And the lid?", parent=urn(1)),
        comment(4, at=timezone.now() - timedelta(days=400)),
    ]  # fmt: skip

    first, second = look(kettle, connected)

    assert (first.remote_id, first.text, first.author.handle) == (urn(1), "Does the spout fit?", INES.lower())
    assert (first.author.name, first.author.claimed_by, first.visibility) == ("LinkedIn member", 0, "public")
    assert first.url.startswith(f"https://www.linkedin.com/feed/update/{ACTIVITY}?commentUrn=urn%3Ali%3Acomment")
    assert (first.is_silent, first.conversation.state) == (False, "waiting")
    assert (second.text, second.conversation.thread) == ("And the lid?", urn(1))
    assert first.conversation == second.conversation


def test_names_are_shown_where_the_app_may_see_them_and_asked_for_once_where_not(kettle, server, connected):
    look(kettle, connected)
    server.comments = [comment(1)]
    look(kettle, connected)
    server.comments.append(comment(2))
    server.paths.clear()
    look(kettle, connected)
    assert not any("projection" in path for path in server.paths)

    server.names = {INES: {"localizedFirstName": "Ines", "localizedLastName": "Teal"}}
    other = connection_to(kettle, server)
    with working_in(kettle):
        Connection.objects.exclude(pk=other.pk).update(is_active=False)
    rows = look(kettle, other)
    assert {row.author.name for row in rows if row.connection_id == other.pk} == {"Ines Teal"}


def test_only_posts_with_another_number_of_comments_are_read(kettle, server, connected):
    server.posts, server.comments = [POST, "urn:li:ugcPost:2"], [comment(1)]
    look(kettle, connected)
    server.paths.clear()

    look(kettle, connected)

    assert [urlsplit(path).path for path in server.paths if "/comments" in path] == []
    assert len(server.paths) == 1


@pytest.mark.parametrize("count", [400, MOST_PAGES * PAGE_SIZE + 150])
def test_a_burst_between_two_looks_loses_none(kettle, server, connected, count):
    look(kettle, connected)
    server.comments = [comment(number) for number in range(count)]

    first = look(kettle, connected)
    assert len(first) == min(count, MOST_PAGES * PAGE_SIZE)
    rows = look(kettle, connected)

    assert len({row.remote_id for row in rows}) == count
    assert not any(row.is_silent for row in rows)


def test_what_lay_there_before_asks_for_no_answer(kettle, server, connected):
    server.comments = [comment(1), comment(2, at=timezone.now() - timedelta(days=40))]

    (row,) = look(kettle, connected)

    assert (row.remote_id, row.is_silent) == (urn(1), True)


def test_edits_and_deletes_are_followed(kettle, server, connected):
    look(kettle, connected)
    server.comments = [comment(1), comment(2)]
    look(kettle, connected)
    later = int((timezone.now() + timedelta(seconds=5)).timestamp() * 1000)
    server.comments = [comment(1, "Does the lid fit?", lastModified={"time": later})]

    rows = {row.remote_id: row for row in look(kettle, connected, times=2)}

    assert (rows[urn(1)].text, rows[urn(2)].text) == ("Does the lid fit?", "")
    assert (rows[urn(1)].deleted_at is None, rows[urn(2)].deleted_at is None) == (True, False)


@pytest.mark.parametrize("hangs", [{}, {1: "before"}, {1: "after"}, {1: "after", 2: "before"}])
def test_whenever_the_line_breaks_there_is_one_answer(kettle, server, connected, hangs):
    look(kettle, connected)
    server.comments = [comment(1, answers=1), comment(2, parent=urn(1))]
    row = look(kettle, connected)[-1]
    server.hangs = {server.calls + number: when for number, when in hangs.items()}

    for attempt in range(1, 6):
        try:
            found = network_of(connected).reply(outbox(row, attempt=attempt))
            break
        except ChannelError as error:
            if not error.again:
                raise

    ours = [one for one in server.comments if one["actor"] == US]
    assert [(one["commentUrn"], one["parentComment"]) for one in ours] == [(found, urn(1))]


@pytest.mark.parametrize(
    ("answer", "again", "words"),
    [
        ((404, {"message": "Could not find entity"}, {}), False, "deleted"),
        ((403, {"message": "Not enough permissions"}, {}), False, "Not enough"),
        ((426, {"message": "Requested version 20240101 is not active"}, {}), False, "version"),
        ((429, {"message": "Resource level throttle limit reached"}, {"Retry-After": "3600"}), True, "wait"),
        ((502, None, {}), True, "502"),
        ((400, {"message": "Unable to parse"}, {}), False, "Unable"),
    ],
)
def test_a_refusal_is_said_in_words(kettle, server, connected, answer, again, words):
    look(kettle, connected)
    server.comments = [comment(1)]
    (row,) = look(kettle, connected)
    server.answers = [answer]

    with pytest.raises(ChannelError, match=words) as caught:
        network_of(connected).reply(outbox(row))

    assert caught.value.again is again
    assert (3500 < caught.value.wait < 3700) == (answer[0] == 429)


def test_an_answer_that_is_too_long_stays_here_and_says_how_long_it_may_be(kettle, server, connected):
    server.comments = [comment(1)]
    (row,) = look(kettle, connected)

    with pytest.raises(ChannelError, match="1250") as caught:
        network_of(connected).reply(outbox(row, text="a" * 1_251))

    assert caught.value.again is False


def test_an_access_token_is_used_until_its_end_which_the_page_tells_before(kettle, server, as_ada):
    until = int((timezone.now() + timedelta(days=6, hours=1)).timestamp())
    connection = connection_to(kettle, server, secrets=["", "", "", json.dumps({"token": "token", "until": until})])
    look(kettle, connection)
    assert connection.note == "The access token ends in 6 days: enter a new one before."
    assert connection.note in as_ada.get("/w/kettle/inbox/connections/").text

    server.token = "another"
    look(kettle, connection)

    assert (connection.is_active, "Enter a new one" in connection.last_error) == (False, True)


def test_a_refused_refresh_token_stops_it_in_words(kettle, server):
    connection = connection_to(kettle, server, secrets=["id", "secret", "wrong"])
    look(kettle, connection)
    assert (connection.is_active, "LinkedIn does not let us in any more" in connection.last_error) == (False, True)


@pytest.mark.parametrize(("days", "version"), [(0, VERSION), (400, "202702")])
def test_a_version_that_is_about_to_end_is_left_for_one_of_three_months_ago(monkeypatch, days, version):
    moment = timezone.datetime(2026, 4, 10, tzinfo=timezone.get_current_timezone()) + timedelta(days=days)
    monkeypatch.setattr("social.networks.linkedin_api.now", lambda: moment)
    assert version_of_today() == version


def test_the_form_wants_one_way_in():
    page = {"name": "L", "organization": " urn:li:organization:42 "}

    assert "access token" in str(LinkedInForm(page).errors["token"])
    assert not LinkedInForm(page | {"client_id": "id", "client_secret": "s"}).is_valid()
    assert not LinkedInForm(page | {"token": "t", "organization": "kettle"}).is_valid()
    by_token = LinkedInForm(page | {"token": " t "})
    assert by_token.is_valid()
    assert by_token.facts()["settings"] == {"organization": "42"}
    assert json.loads(by_token.facts()["secrets"][3])["token"] == "t"
    renewed = LinkedInForm(page | {"client_id": "id", "client_secret": "s", "refresh_token": "r"})
    assert renewed.is_valid()
    assert renewed.facts()["secrets"] == ["id", "s", "r"]


@pytest.mark.parametrize("is_public", [True, False])
@pytest.mark.parametrize("visibility", [*WIDTHS, ""])
def test_what_is_for_fewer_is_never_posted_for_everybody(kettle, server, connected, visibility, is_public):
    look(kettle, connected)
    server.comments = [comment(1)]
    (mention,) = look(kettle, connected)
    row = outbox(mention, visibility=visibility, is_public=is_public)
    is_for_all = is_public and visibility in {"public", "unlisted", ""}

    if is_for_all:
        network_of(connected).reply(row)
    else:
        with pytest.raises(ChannelError, match="for fewer"):
            network_of(connected).reply(row)

    assert len([one for one in server.comments if one["actor"] == US]) == is_for_all
