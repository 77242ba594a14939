"""Mentions come in from a server of the Mastodon family: each once, none skipped, as narrow as they were."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from conversations.models import Connection, Conversation, Mention, PublicAuthor, SetAside
from social import host_budget
from social.connecting import poll_one
from tests.social.mastodon_server import OURS, TOKEN, account, mention_of, status
from workspaces.current import working_in


@pytest.fixture
def look(kettle, mastodon):
    """Look once more; what was stored."""

    def again():
        with working_in(kettle):
            mastodon.refresh_from_db()
        return poll_one(kettle, mastodon)

    return again


def now_of(kettle, connection):
    with working_in(kettle):
        return Connection.objects.get(pk=connection.pk)


def ids(kettle, **facts):
    with working_in(kettle):
        return list(Mention.objects.filter(**facts).order_by("published_at", "pk").values_list("remote_id", flat=True))


def test_the_first_look_brings_the_last_30_days_without_asking_for_answers(kettle, server, mastodon, look):
    moment = timezone.now()
    for number in range(1, 100):
        server.mentioned(number, at=moment - timedelta(days=40) + timedelta(hours=number * 9))

    found = look()

    assert (len(found.new), found.poison) == (73, [])
    assert all(one.is_silent for one in found.new)
    assert now_of(kettle, mastodon).cursor["min_id"] == "99"


def test_what_comes_later_waits_for_us(kettle, server, mastodon, look):
    look()
    server.mentioned(7)

    found = look()

    assert [(one.remote_id, one.is_silent) for one in found.new] == [("100007", False)]
    with working_in(kettle):
        assert Conversation.objects.get().state == "waiting"
    due = now_of(kettle, mastodon).due_at - timezone.now()
    assert timedelta(seconds=25) < due <= timedelta(seconds=60)


@pytest.mark.parametrize("quirk", [False, True])
def test_a_burst_of_400_between_two_looks_loses_none(kettle, server, look, quirk):
    """Also on a server that gives the newest for `min_id`, where Mastodon gives the oldest."""
    server.takes_min_for_since = quirk
    server.mentioned(95)
    look()
    for number in range(96, 496):
        server.mentioned(number)

    assert len(look().new) == 400
    assert len(look().new) == 0
    assert len(set(ids(kettle))) == 401


def test_more_than_a_look_takes_is_read_by_the_next_one_at_once(kettle, server, mastodon, look):
    look()
    for number in range(1, 501):
        server.mentioned(number)

    assert len(look().new) == 480
    assert now_of(kettle, mastodon).due_at <= timezone.now()
    assert len(look().new) == 20


def test_a_first_look_longer_than_a_look_stays_silent_to_its_end_and_what_is_new_does_not(kettle, server, look):
    for number in range(1, 501):
        server.mentioned(number, at=timezone.now() - timedelta(hours=2))

    first = look()
    server.mentioned(501)
    second, third = look(), look()

    assert [len(one.new) for one in (first, second, third)] == [480, 1, 20]
    assert (second.new[0].is_silent, third.new[0].is_silent) == (False, True)


def test_a_mention_is_kept_with_all_that_an_answer_needs(kettle, server, look):
    look()
    server.mentioned(
        1,
        '<p><span class="h-card"><a href="https://kettle.example/@kettle">@<span>kettle</span></a></span> a &lt; b?</p>',
        visibility="private",
        spoiler_text="tea, strong",
        language="de",
        mentions=[mention_of(OURS, "kettle"), mention_of("9", "bob@tea.example"), mention_of("634458", "anna@social.example")],
        media_attachments=[{"type": "image", "url": "https://social.example/a.png", "description": "A kettle <3"}],
    )  # fmt: skip

    look()

    with working_in(kettle):
        row = Mention.objects.get()
        assert (row.text, row.visibility, row.warning, row.network, row.reach) == (
            "@kettle a < b?\nA kettle <3 https://social.example/a.png", "followers", "tea, strong", "mastodon", 42,
        )  # fmt: skip
        assert (row.wire["acct"], row.wire["account"], row.wire["others"]) == ("anna@social.example", "634458", ["bob@tea.example"])  # fmt: skip
        assert (row.author.handle, row.author.url, row.author.claimed_by) == ("anna@social.example", "https://social.example/@anna", 0)  # fmt: skip
        assert row.conversation.is_public is False


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("public", "public"),
        ("unlisted", "unlisted"),
        ("private", "followers"),
        ("direct", "direct"),
        ("local", "direct"),
        (None, "direct"),
    ],
)
def test_who_can_read_it_is_kept_and_what_we_do_not_know_is_the_narrowest(kettle, server, look, theirs, ours):
    look()
    server.mentioned(1, visibility=theirs)
    assert [one.visibility for one in look().new] == [ours]


def test_a_handle_of_its_own_server_gets_the_servers_name(kettle, server, look):
    look()
    server.mentioned(1, by=account("Ines", "77"))
    look()
    with working_in(kettle):
        assert PublicAuthor.objects.get().handle == "ines@kettle.example"


def test_our_own_words_and_other_news_are_no_mentions(kettle, server, look):
    look()
    server.mentioned(1, by=account("kettle", OURS))
    server.mentioned(2)
    server.notifications[-1]["type"] = "favourite"
    assert look().new == []


def test_an_answer_to_what_we_know_comes_into_its_thread(kettle, server, look):
    look()
    first = server.mentioned(1)
    look()
    server.mentioned(2, in_reply_to_id=first["id"])
    server.mentioned(3, in_reply_to_id="555")
    look()
    with working_in(kettle):
        assert sorted(Conversation.objects.values_list("thread", flat=True)) == ["100001", "100003"]


def test_edits_and_deletes_of_open_mentions_are_followed(kettle, server, look):
    look()
    moment = timezone.now()
    kept, edited, gone = (server.mentioned(number) for number in (1, 2, 3))
    look()
    server.statuses[edited["id"]] |= {"content": "<p>Does the lid fit?</p>", "edited_at": (moment + timedelta(seconds=9)).isoformat()}  # fmt: skip
    del server.statuses[gone["id"]]

    look()

    with working_in(kettle):
        rows = {one.remote_id: one for one in Mention.objects.all()}
        assert (rows[edited["id"]].text, rows[gone["id"]].text) == ("Does the lid fit?", "")
        assert [rows[one["id"]].deleted_at is None for one in (kept, edited, gone)] == [True, True, False]


def without(status, relationships=None):
    """The server does not show this status any more, as if it had never been."""

    def quirk(_method, path):
        if path == f"/api/v1/statuses/{status['id']}":
            return 404, {"error": "Record not found"}, {}
        return relationships if "relationships" in path else None

    return quirk


def unseen(kettle):
    with working_in(kettle):
        row = Mention.objects.get()
        return row.text, row.deleted_at is not None, bool(row.wire.get("unseen"))


@pytest.mark.parametrize("blocked_by", [True, None])
def test_who_blocks_us_or_is_suspended_has_deleted_nothing(as_ada, kettle, server, look, blocked_by):
    look()
    made = server.mentioned(1)
    look()
    server.quirk, server.blocked_by = without(made), blocked_by
    look()
    look()

    assert unseen(kettle) == ("Does the spout fit?", False, True)
    with working_in(kettle):
        where = f"/w/kettle/inbox/{Conversation.objects.get().pk}/"
    assert "It can no longer be seen there." in as_ada.get(where).text

    server.quirk = lambda *_: None
    look()
    assert unseen(kettle) == ("Does the spout fit?", False, False)
    assert "It can no longer be seen there." not in as_ada.get(where).text


def test_what_an_account_that_is_gone_had_written_is_deleted(kettle, server, look):
    look()
    made = server.mentioned(1)
    look()
    server.quirk, server.accounts_gone = without(made), True

    look()

    assert unseen(kettle) == ("", True, False)


@pytest.mark.parametrize(
    "said",
    [
        (404, {"error": "Not found"}, {}),
        (403, {"error": "This action is outside the authorized scopes"}, {}),
        (200, [{"id": "634458", "blocked_by": None}], {}),
        (200, [{"id": "1", "blocked_by": False}], {}),
        (200, ["?"], {}),
    ],
)
def test_where_the_server_does_not_tell_who_blocks_us_the_words_stay(kettle, server, look, said):
    look()
    made = server.mentioned(1)
    look()
    server.quirk = without(made, said)

    look()

    assert unseen(kettle) == ("Does the spout fit?", False, True)


def test_a_server_that_breaks_at_the_second_look_changes_nothing(kettle, server, look):
    look()
    made = server.mentioned(1)
    look()
    server.quirk = without(made, (503, None, {}))

    look()

    assert unseen(kettle) == ("Does the spout fit?", False, False)


def test_a_page_instead_of_not_found_deletes_nothing(kettle, server, look):
    look()
    server.mentioned(1)
    look()
    server.quirk = lambda _method, path: (404, None, {}) if path.startswith("/api/v1/statuses/") else None
    look()
    assert ids(kettle, deleted_at=None) == ["100001"]


@pytest.mark.parametrize(
    ("answer", "words", "is_active"),
    [
        ((401, {"error": "The access token was revoked"}, {}), "does not know our token any more (401)", False),
        (
            (403, {"error": "This action is outside the authorized scopes"}, {}),
            "does not allow this to our token",
            False,
        ),
        ((403, None, {}), "answered 403", True),
        ((500, None, {}), "answered 500", True),
        ((200, "<html>", {}), "answers with a page instead of data", True),
        (None, "does not answer as it should", True),
    ],
)
def test_trouble_is_said_in_words(kettle, server, mastodon, look, answer, words, is_active):
    look()
    server.mentioned(1)
    server.quirk = lambda _method, path: _hang_up(answer) if path.startswith("/api/v1/notifications") else None
    look()
    found = now_of(kettle, mastodon)
    assert (words in found.last_error, found.is_active, found.failures) == (True, is_active, 1)

    server.quirk = lambda *_: None
    assert len(look().new) == 1


def _hang_up(answer):
    if answer is None:
        raise ConnectionAbortedError
    return answer


@pytest.mark.parametrize(
    ("headers", "least", "most"),
    [({"Retry-After": "3600"}, 3590, 3601), ({}, 290, 301), ({"X-RateLimit-Reset": "soon"}, 290, 301), ({"reset": 120}, 110, 122)],
)  # fmt: skip
def test_a_server_that_asks_us_to_wait_is_left_alone_so_long(kettle, server, mastodon, look, headers, least, most):
    if "reset" in headers:
        moment = timezone.now() + timedelta(seconds=headers["reset"])
        headers = {"X-RateLimit-Reset": moment.isoformat()}
    server.quirk = lambda *_: (429, {"error": "Too many requests"}, headers)
    look()
    wait = (now_of(kettle, mastodon).due_at - timezone.now()).total_seconds()
    assert least <= wait <= most


def test_health_says_what_is_left_how_late_it_comes_and_what_the_server_cannot_do(kettle, server, mastodon, look):
    server.instance = {
        "version": "2.7.2 (compatible; Pixelfed 0.12.3)",
        "configuration": {"statuses": {"max_characters": 5000}},
    }
    with working_in(kettle):
        mastodon.health = {}
        mastodon.save()
    look()
    server.mentioned(1, at=timezone.now() - timedelta(seconds=9))
    look()

    found = now_of(kettle, mastodon)

    assert (found.health["software"], found.health["longest"], found.health["cannot"]) == ("Pixelfed", 5000, ["search", "stream"])  # fmt: skip
    assert (found.health["quota"]["left"], found.health["quota"]["of"]) == (281, 300)
    assert 9 <= found.health["lag_seconds"] < 30


def test_a_server_that_names_no_limit_is_read_all_the_same(kettle, server, mastodon, look):
    server.limits = False
    server.mentioned(1)
    look()
    assert (ids(kettle), now_of(kettle, mastodon).health["quota"]) == (["100001"], {})


def test_a_host_that_several_connections_ask_is_asked_no_more_than_it_allows(
    kettle, server, mastodon, look, monkeypatch
):
    look()
    monkeypatch.setattr(host_budget, "FOR_LOOKS", 0)
    server.mentioned(1)
    before = len(server.asked)

    look()

    found = now_of(kettle, mastodon)
    assert (len(server.asked), found.failures, "as often as it allows" in found.note) == (before, 0, True)
    assert found.due_at > timezone.now()


HURT = [
    {"status": None},
    {"status": {}},
    {"status": []},
    {"status": status(100002, account=7)},
    {"status": status(100002, by=account("a b c"))},
    {"status": status(100002, created_at="2026-13-45")},
    {"status": status(100002, created_at="2026-11-27T10:00:00")},
    {"status": status(100002, created_at=17)},
    {"status": status(100002, id={"a": 1})},
    {"status": status(100002, content="\ud800")},
    {"status": status(100002, card=json.loads("[" * 70 + "]" * 70))},
]


@pytest.mark.parametrize("hurt", HURT, ids=range(len(HURT)))
def test_an_item_that_cannot_be_read_is_set_aside_and_its_neighbours_are_kept(kettle, server, mastodon, look, hurt):
    look()
    for number in (1, 2, 3):
        server.mentioned(number)
    server.notifications[1] |= hurt

    look()

    assert ids(kettle) == ["100001", "100003"]
    with working_in(kettle):
        assert SetAside.objects.count() == 1
    assert now_of(kettle, mastodon).cursor["min_id"] == "3"


ODD = {"display_name": ["x"], "followers_count": "many", "url": 7, "uri": None, "language": {"a": 1}, "spoiler_text": 3}


def test_odd_facts_of_a_status_are_left_out_and_the_status_is_kept(kettle, server, look):
    look()
    author = account(display_name=7, followers_count=10**30, url=[])
    server.mentioned(
        1, by=author, **ODD, mentions="all", media_attachments=[7, {"url": 9, "description": []}], in_reply_to_id=[]
    )
    server.mentioned(2, "<p>a\0b</p>")
    look()
    with working_in(kettle):
        assert sorted(Mention.objects.values_list("text", flat=True)) == ["Does the spout fit?", "ab"]


def test_the_form_signs_in_before_it_keeps_anything(as_ada, kettle, server):
    where, given = "/w/kettle/inbox/connections/mastodon/add/", {"mastodon-name": "Fedi", "mastodon-server": server.url}

    refused = as_ada.post(where, given | {"mastodon-token": "wrong"})
    assert (refused.status_code, "does not know our token" in refused.text) == (422, True)
    assert as_ada.post(where, given | {"mastodon-server": "no server", "mastodon-token": TOKEN}).status_code == 422
    assert as_ada.post(where, given | {"mastodon-token": TOKEN}).status_code == 302

    with working_in(kettle):
        made = Connection.objects.get()
        assert (made.url, made.settings["acct"], made.health["software"]) == (server.url, "kettle@kettle.example", "Mastodon")  # fmt: skip
        assert TOKEN not in f"{made.settings}{made.health}{bytes(made.sealed_secret)!r}"


def test_a_server_that_is_none_of_the_family_is_told_in_words(as_ada, server):
    server.quirk = lambda *_: (200, "<html>", {})
    given = {"mastodon-name": "Fedi", "mastodon-server": server.url, "mastodon-token": TOKEN}
    answer = as_ada.post("/w/kettle/inbox/connections/mastodon/add/", given)
    assert (answer.status_code, "Is it a server of the Mastodon family?" in answer.text) == (422, True)


def test_a_server_that_sends_us_elsewhere_never_sees_the_token(as_ada, server, kettle):
    there = type(server)()
    server.quirk = lambda _method, path: (301, None, {"Location": there.url + path})
    given = {"mastodon-name": "Fedi", "mastodon-server": server.url, "mastodon-token": TOKEN}
    answer = as_ada.post("/w/kettle/inbox/connections/mastodon/add/", given)
    there.close()
    assert (answer.status_code, "sends us to" in answer.text) == (422, True)
    assert [one for one in (*server.asked, *there.asked) if "Authorization" in one[2]] == []


def test_a_connection_whose_token_was_revoked_goes_on_where_it_stopped(as_ada, kettle, server, mastodon, look):
    look()
    server.quirk = lambda *_: (401, {"error": "The access token was revoked"}, {})
    look()
    page = as_ada.get("/w/kettle/inbox/connections/").text
    assert ("Sign in again" in page, "sign in again" in page) == (True, True)
    server.quirk = lambda *_: None
    server.mentioned(1)
    where = f"/w/kettle/inbox/connections/{mastodon.pk}/sign-in/"

    assert as_ada.post(where, {f"again-{mastodon.pk}-token": "wrong"}).status_code == 422
    assert as_ada.post(where, {f"again-{mastodon.pk}-token": TOKEN}).status_code == 302

    assert now_of(kettle, mastodon).is_active
    assert [(one.remote_id, one.is_silent) for one in look().new] == [("100001", False)]


def test_another_accounts_token_does_not_take_over_a_connection(as_ada, kettle, server, mastodon):
    with working_in(kettle):
        Connection.objects.update(settings={"account_id": "9"})
    answer = as_ada.post(f"/w/kettle/inbox/connections/{mastodon.pk}/sign-in/", {f"again-{mastodon.pk}-token": TOKEN})
    assert (answer.status_code, "This token is of @kettle@kettle.example" in answer.text) == (422, True)


def test_only_who_may_connect_signs_in_and_only_where_one_signs_in(as_ada, as_eve, member, kettle, server, mastodon):
    where = f"/w/kettle/inbox/connections/{mastodon.pk}/sign-in/"
    assert (as_eve.post(where).status_code, member("analyst").post(where).status_code) == (404, 403)
    with working_in(kettle):
        Connection.objects.update(network="feed")
    assert as_ada.post(where).status_code == 404


def test_the_page_shows_what_the_server_said_of_itself(as_ada, kettle, server, mastodon, look):
    look()
    server.mentioned(1, at=timezone.now() - timedelta(seconds=40))
    look()
    with working_in(kettle):
        found = Connection.objects.get()
        Connection.objects.update(health=found.health | {"cannot": ["search"]})
    page = " ".join(as_ada.get("/w/kettle/inbox/connections/").text.split())
    assert "@kettle@kettle.example" in page
    assert "Mastodon 4.3.1" in page
    assert "281 of 300 requests left" in page
    assert "Cannot search posts" in page
    assert "seconds from post to inbox" in page
