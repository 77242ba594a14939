"""Hashtags and words: what is found comes once, asks for no answer, and waits as soon as it turns out to speak to us."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from conversations.answers.handing_over import send_due
from conversations.answers.replying import reply_to
from conversations.authors.authoring import make_contact
from conversations.channels import ChannelError
from conversations.models import Connection, Conversation, Forward, Mention, Reply, SetAside, WatchedQuery
from social import host_budget
from social.connecting import connect, network_of, poll_due
from social.networks.mastodon import Mastodon
from social.networks.x_reading import id_at
from social.watching import MOST, CannotWatchError, found_lately, look_for_watched, unwatch, watch
from tests.social import pds, test_x
from tests.social.mastodon_server import OURS, TOKEN, account, status
from touchpoints.models import CorrectedFact, Touchpoint
from workspaces.current import working_in
from workspaces.models import Event

BOTH = ("hashtag", "words")
PAGE = "/w/kettle/inbox/connections/{}/listeners/"


class Tooting:
    """Mastodon: posts with a hashtag, and the same post as a mention of us."""

    network = "mastodon"

    def __init__(self, server, connection):
        self.server, self.connection = server, connection

    def write(self, number, *, at=None, is_ours=False, words="<p>A fine #tea</p>"):
        by = account("kettle", OURS) if is_ours else account()
        made = status(100_000 + number, words, at=at, by=by, tags=[{"name": "Tea"}])
        self.server.statuses[made["id"]] = made
        self.server.tagged.append(made)
        return made["id"]

    def mention(self, id_):
        self.server.mentioned(int(id_) - 100_000, status=self.server.statuses[id_])

    def edit(self, id_, words):
        self.server.statuses[id_] |= {"content": f"<p>{words}</p>", "edited_at": timezone.now().isoformat()}

    def delete(self, id_):
        self.server.tagged.remove(self.server.statuses.pop(id_))


class Skying:
    """Bluesky."""

    network = "bluesky"

    def __init__(self, server, connection):
        self.server, self.connection = server, connection

    def write(self, number, *, at=None, is_ours=False, words="A fine #tea"):
        who = {"did": pds.US, "handle": "kettle.bsky.social"} if is_ours else {}
        made = pds.post(number, words, at=at, **who)
        self.server.tagged.append(made)
        return made["uri"]

    def mention(self, id_):
        self.server.posts += [one for one in self.server.tagged if one["uri"] == id_]

    def edit(self, id_, words):
        for one in self.server.tagged:
            if one["uri"] == id_:
                one["record"]["text"] = words

    def delete(self, id_):
        self.server.gone = self.server.gone | {id_}
        self.server.tagged = [one for one in self.server.tagged if one["uri"] != id_]


class Xing:
    """X."""

    network = "x"

    def __init__(self, server, connection):
        self.server, self.connection = server, connection

    def write(self, number, *, at=None, is_ours=False, words="A fine #tea"):
        made = test_x.post(100_000 + number, words, at=at, who=test_x.US if is_ours else test_x.INES)
        self.server.found.append(made)
        return made["id"]

    def mention(self, id_):
        self.server.posts += [one for one in self.server.found if one["id"] == id_]

    def edit(self, id_, words):
        (before,) = [one for one in self.server.found if one["id"] == id_]
        later = str(int(id_) + 1)
        made = test_x.post(1, words, at=timezone.now(), edit_history_tweet_ids=[id_, later]) | {"id": later}
        self.server.found = [one for one in self.server.found if one is not before] + [made]

    def delete(self, id_):
        self.server.gone.add(id_)
        self.server.found = [one for one in self.server.found if one["id"] != id_]


class XServer(test_x.Server):
    """Searches, too."""

    def __init__(self):
        self.found = []
        super().__init__()

    def act(self, method, path, query, body):
        if path == "/tweets":
            kept, self.posts = self.posts, [*self.posts, *self.found]
            try:
                return super().act(method, path, query, body)
            finally:
                self.posts = kept
        if path != "/tweets/search/recent":
            return super().act(method, path, query, body)
        assert query["query"].endswith(" -is:retweet")
        if query["since_id"] < id_at(timezone.now() - timedelta(days=7)):
            return 400, {"errors": [{"message": "'since_id' must be a tweet id created after 7 days ago"}]}
        kept, self.posts = self.posts, self.found
        try:
            return super().act(method, path, query, body)
        finally:
            self.posts = kept


@pytest.fixture(params=["mastodon", "bluesky", "x"])
def place(request, kettle, settings):
    """A connection that listens to #tea, and its server."""
    settings.ECRM_FETCH_LOOPBACK = True
    if request.param == "mastodon":
        made = Tooting(request.getfixturevalue("server"), request.getfixturevalue("mastodon"))
    elif request.param == "bluesky":
        server = pds.Server()
        account_ = {"handle": "kettle.bsky.social", "acct": "kettle.bsky.social", "service": server.url}
        with working_in(kettle):
            row = connect("bluesky", by=None, name="Sky", settings=account_, secrets=[pds.PASSWORD])[0]
        made = Skying(server, row)
    else:
        server = XServer()
        made = Xing(server, test_x.connection_to(kettle, server))
    look(kettle, made.connection)
    listen(kettle, made.connection)
    yield made
    if request.param != "mastodon":
        made.server.close()


@pytest.fixture
def tooting(kettle, server, mastodon):
    look(kettle, mastodon)
    return Tooting(server, mastodon)


def listen(kettle, connection, query="tea", kind="hashtag"):
    with working_in(kettle):
        return watch(connection, kind, query, finds=BOTH, by=None)


def look(kettle, connection, times=1):
    for _time in range(times):
        with working_in(kettle):
            soon = timezone.now() - timedelta(seconds=1)
            Connection.objects.filter(pk=connection.pk).update(due_at=soon)
            WatchedQuery.objects.update(due_at=soon)
        poll_due(kettle)
    with working_in(kettle):
        connection.refresh_from_db()
        rows = Mention.objects.select_related("author", "conversation").order_by("published_at", "pk")
        return [row for row in rows if row.twin_of_id is None]


def watched(kettle):
    with working_in(kettle):
        return WatchedQuery.objects.get()


def test_what_is_found_asks_for_no_answer_and_says_what_found_it(kettle, place, as_ada):
    id_ = place.write(1)

    (row,) = look(kettle, place.connection)

    assert (row.remote_id, row.found_by, row.is_silent, row.network) == (id_, "#tea", True, place.network)
    assert (row.conversation.state, row.conversation.due_at) == ("done", None)
    with working_in(kettle):
        assert not Event.objects.filter(type="mention.received").exists()
        assert found_lately(place.connection) == {"#tea": 1}
    page = as_ada.get("/w/kettle/inbox/?only=found").text
    assert "found by #tea" in page
    assert "A fine #tea" not in as_ada.get("/w/kettle/inbox/?queue=waiting").text
    assert "found by #tea" in as_ada.get(f"/w/kettle/inbox/{row.conversation_id}/").text


def test_a_burst_of_400_between_two_looks_loses_none(kettle, place):
    look(kettle, place.connection)
    ids = {place.write(number, at=timezone.now() - timedelta(seconds=450 - number)) for number in range(400)}

    rows = look(kettle, place.connection, times=5)

    assert {row.remote_id for row in rows} == ids
    assert len(rows) == 400


def test_one_that_slept_for_weeks_goes_on_where_its_network_still_can(kettle, place):
    with working_in(kettle):
        WatchedQuery.objects.update(cursor={"head": (timezone.now() - timedelta(days=20)).isoformat()})
    id_ = place.write(1)

    assert [row.remote_id for row in look(kettle, place.connection)] == [id_]
    assert watched(kettle).failures == 0


def test_our_own_posts_are_left_out(kettle, place):
    place.write(1, is_ours=True)
    assert look(kettle, place.connection) == []
    assert watched(kettle).looked_at is not None


def test_a_find_that_turns_out_to_speak_to_us_waits_in_the_same_conversation(kettle, place):
    id_ = place.write(1)
    look(kettle, place.connection)
    place.mention(id_)

    (row,) = look(kettle, place.connection)

    assert (row.is_silent, row.conversation.state, row.found_by) == (False, "waiting", "#tea")
    with working_in(kettle):
        assert Conversation.objects.count() == 1
        assert Event.objects.filter(type="mention.received").count() == 1
    (row,) = look(kettle, place.connection, times=2)
    with working_in(kettle):
        assert Event.objects.filter(type="mention.received").count() == 1


def test_a_mention_that_is_found_later_waits_as_before(kettle, place):
    with working_in(kettle):
        unwatch(WatchedQuery.objects.get(), by=None)
    id_ = place.write(1)
    place.mention(id_)
    look(kettle, place.connection)
    listen(kettle, place.connection)

    (row,) = look(kettle, place.connection, times=2)

    assert (row.is_silent, row.conversation.state, row.found_by) == (False, "waiting", "")
    assert watched(kettle).looked_at is not None


def test_looking_again_at_what_was_found_wakes_nothing(kettle, place):
    id_ = place.write(1)
    (row,) = look(kettle, place.connection)
    with working_in(kettle):
        Conversation.objects.filter(pk=row.conversation_id).update(state="waiting")  # as if something else waited there
        held = Connection.objects.get(pk=place.connection.pk)
        held.cursor = {name: value for name, value in held.cursor.items() if name != "followed_at"}
        held.save()

    (row,) = look(kettle, place.connection, times=3)

    assert (row.remote_id, row.is_silent) == (id_, True)


@pytest.mark.parametrize("is_found_first", [True, False])
def test_the_same_post_by_two_connections_is_one_conversation_of_the_one_that_was_named(
    kettle, server, tooting, is_found_first
):
    own = {"account_id": "99", "acct": "spout@kettle.example", "domain": "kettle.example"}
    with working_in(kettle):
        other = connect("mastodon", name="Other", url=server.url, settings=own, password=TOKEN, by=None)[0]
    look(kettle, other)
    listen(kettle, other)
    id_ = tooting.write(1)
    steps = [lambda: look(kettle, other), lambda: (tooting.mention(id_), look(kettle, tooting.connection))]
    with working_in(kettle):  # each looks for itself
        Connection.objects.update(due_at=None)
    for step in steps if is_found_first else reversed(steps):
        step()
        with working_in(kettle):
            Connection.objects.update(due_at=None)
            first = Mention.objects.order_by("pk").first()
            facts = {"mention": first, "conversation_id": first.conversation_id}
            Forward.objects.get_or_create(address="legal@tea.example", defaults={"key": uuid4(), **facts})

    with working_in(kettle):
        (row,) = Mention.objects.filter(twin_of=None).select_related("conversation")
        assert (row.connection_id, row.is_silent, row.conversation.state) == (tooting.connection.pk, False, "waiting")
        assert Conversation.objects.count() == 1
        assert Mention.objects.exclude(twin_of=None).get().conversation_id == row.conversation_id
        assert Forward.objects.get().conversation_id == row.conversation_id  # what was forwarded goes along


def test_what_a_contact_wrote_counts_once_however_many_connections_bring_it(kettle, server, tooting, ada):
    own = {"account_id": "99", "acct": "spout@kettle.example", "domain": "kettle.example"}
    with working_in(kettle):
        other = connect("mastodon", name="Other", url=server.url, settings=own, password=TOKEN, by=None)[0]
    look(kettle, other)
    listen(kettle, other)
    id_ = tooting.write(1)
    (found,) = look(kettle, other)
    with working_in(kettle):
        make_contact(found.author, by=ada)
    tooting.mention(id_)
    look(kettle, tooting.connection)

    with working_in(kettle):
        gone = CorrectedFact.objects.filter(is_deleted=True).values("touchpoint_id")
        assert Touchpoint.objects.exclude(id__in=gone).count() == 1


def test_a_find_is_answered_as_any_mention(kettle, server, tooting, ada):
    listen(kettle, tooting.connection)
    id_ = tooting.write(1)
    (row,) = look(kettle, tooting.connection)

    with working_in(kettle):
        reply_to(row, "Try it with the small kettle.", by=ada)
        Reply.objects.update(due_at=timezone.now() - timedelta(seconds=1))
    send_due(kettle)

    assert [(one["in_reply_to_id"], one["said"]["visibility"]) for one in server.posted] == [(id_, "public")]
    with working_in(kettle):
        assert Reply.objects.get().state == "sent"
        assert Conversation.objects.get().state == "done"


def test_what_a_writer_says_to_us_after_a_find_waits_and_the_find_does_not(kettle, server, tooting, ada):
    listen(kettle, tooting.connection)
    id_ = tooting.write(1)
    look(kettle, tooting.connection)
    server.mentioned(7, in_reply_to_id=id_)

    first, second = look(kettle, tooting.connection, times=2)

    assert (first.is_silent, second.is_silent) == (True, False)
    assert first.conversation_id == second.conversation_id
    assert first.conversation.state == "waiting"


def test_a_look_asks_for_three_of_them_and_all_have_their_turn(kettle, server, tooting):
    for number in range(7):
        listen(kettle, tooting.connection, f"tea{number}")
    with working_in(kettle):
        Connection.objects.update(due_at=timezone.now())
    server.asked.clear()

    for _time in range(3):
        with working_in(kettle):
            Connection.objects.update(due_at=timezone.now() - timedelta(seconds=1))
        poll_due(kettle)

    asked = [path.partition("?")[0].rpartition("/")[2] for _method, path, *_rest in server.asked if "/tag/" in path]
    assert asked == [f"tea{number}" for number in range(7)]


def test_when_the_budget_of_the_host_is_spent_they_wait_and_nothing_has_failed(kettle, server, tooting, monkeypatch):
    row = listen(kettle, tooting.connection)

    def spent(_host, **_facts):
        raise host_budget.BudgetSpentError("enough", wait=200)

    monkeypatch.setattr("social.networks.mastodon_api.spend", spent)
    look_for_watched(kettle, tooting.connection, network_of)

    row = watched(kettle)
    assert (row.failures, row.looked_at) == (0, None)
    assert row.due_at > timezone.now() + timedelta(seconds=150)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ((422, {"error": "Not so"}, {}), "Not so"), ((200, "<html>", {}), "page instead of data"), ((503, None, {}), "503"),
        ((429, {"error": "Throttled"}, {"Retry-After": "3600"}), "wait"),
    ],
)  # fmt: skip
def test_one_that_fails_says_why_and_hinders_neither_mentions_nor_the_others(kettle, server, tooting, answer, words):
    listen(kettle, tooting.connection, "coffee")
    listen(kettle, tooting.connection, "tea")
    tooting.write(1)
    server.mentioned(5)
    server.quirk = lambda _method, path: answer if path.startswith("/api/v1/timelines/tag/coffee") else None

    rows = look(kettle, tooting.connection)

    assert sorted(row.found_by for row in rows) == ["", "#tea"]
    with working_in(kettle):
        bad, good = WatchedQuery.objects.all()
    assert (bad.failures, words in bad.last_error, good.failures) == (1, True, 0)
    assert (bad.due_at > timezone.now() + timedelta(minutes=50)) == (answer[0] == 429)
    assert tooting.connection.failures == 0
    server.quirk = lambda *_: None
    look(kettle, tooting.connection)
    with working_in(kettle):
        assert WatchedQuery.objects.get(query="coffee").failures == 0


def test_while_the_connection_does_not_answer_nothing_is_looked_for(kettle, server, tooting):
    listen(kettle, tooting.connection)
    server.quirk = lambda _method, path: (503, None, {}) if "notifications" in path else None
    server.asked.clear()

    look(kettle, tooting.connection)

    assert not any("/tag/" in path for _method, path, *_rest in server.asked)


def test_a_broken_post_among_finds_is_set_aside_and_its_neighbours_are_kept(kettle, server, tooting):
    listen(kettle, tooting.connection)
    tooting.write(1)
    server.tagged.append(status(100_002, tags=[{"name": "tea"}]) | {"account": None})
    tooting.write(3)

    assert [row.remote_id for row in look(kettle, tooting.connection)] == ["100001", "100003"]
    with working_in(kettle):
        assert SetAside.objects.get().reason.endswith("its status has no author")


def test_what_few_may_read_is_no_find(kettle, server, tooting):
    listen(kettle, tooting.connection)
    id_ = tooting.write(1)
    server.statuses[id_]["visibility"] = "private"
    assert look(kettle, tooting.connection) == []


@pytest.mark.parametrize(
    ("kind", "query"),
    [
        ("hashtag", ""), ("hashtag", "#"), ("hashtag", "two words"), ("hashtag", "123"), ("hashtag", "a/../b"), ("words", " a "),
        ("words", "x" * 101), ("hashtag", "x" * 101), ("hashtag", "\0"), ("flight", "tea"),
    ],
)  # fmt: skip
def test_what_cannot_be_listened_to_is_refused_in_words(kettle, mastodon, as_ada, kind, query):
    with working_in(kettle), pytest.raises(CannotWatchError):
        watch(mastodon, kind, query, finds=BOTH, by=None)
    answer = as_ada.post(PAGE.format(mastodon.pk) + "add/", {"kind": kind, "query": query})
    assert answer.status_code == (400 if "\0" in query else 422)


def test_twenty_are_the_most_and_the_same_one_is_one(kettle, mastodon, as_ada):
    for number in range(MOST):
        listen(kettle, mastodon, f"tea{number}")
    assert listen(kettle, mastodon, "#TEA0").query == "tea0"
    with pytest.raises(CannotWatchError, match="20"):
        listen(kettle, mastodon, "coffee")
    assert "Remove one first" in as_ada.get(PAGE.format(mastodon.pk)).text
    with working_in(kettle):
        assert WatchedQuery.objects.count() == MOST


@pytest.mark.parametrize("searches", [True, False])
def test_words_are_offered_only_where_the_server_finds_posts_by_them(kettle, server, mastodon, as_ada, searches):
    server.searches = searches
    server.tagged.append(status(100_001, "<p>Mastodon and tea</p>", tags=[]))
    with working_in(kettle):
        Connection.objects.update(health={})
    look(kettle, mastodon)
    page = as_ada.get(PAGE.format(mastodon.pk)).text

    answer = as_ada.post(PAGE.format(mastodon.pk) + "add/", {"kind": "words", "query": "and tea"})

    assert ('value="words"' in page, "Cannot search posts" in page) == (searches, not searches)
    assert answer.status_code == (302 if searches else 422)
    rows = look(kettle, mastodon)
    assert [row.found_by for row in rows] == (["“and tea”"] if searches else [])


def test_a_server_that_lost_its_search_is_asked_no_more_and_the_list_says_so(kettle, server, mastodon):
    listen(kettle, mastodon, "strong tea", "words")
    look(kettle, mastodon)
    row = watched(kettle)
    assert (row.failures, row.last_error) == (1, "This server cannot be asked for that.")


def test_the_page_shows_each_with_what_it_brought_and_takes_it_away(kettle, place, as_ada):
    place.write(1)
    look(kettle, place.connection)
    page = as_ada.get(PAGE.format(place.connection.pk)).text
    assert "#tea" in page
    assert '<td class="number">1</td>' in page
    assert "Listens to 1 hashtag or search" in as_ada.get("/w/kettle/inbox/connections/").text

    row = watched(kettle)
    answer = as_ada.post(f"{PAGE.format(place.connection.pk)}{row.pk}/remove/")

    assert answer.status_code == 302
    with working_in(kettle):
        assert (WatchedQuery.objects.count(), Mention.objects.count()) == (0, 1)
    assert len(look(kettle, place.connection)) == 1


def test_one_that_was_removed_while_it_was_looked_for_brings_nothing(kettle, server, tooting):
    row = listen(kettle, tooting.connection)
    tooting.write(1)

    class Slow(Mastodon):
        def find(self, *asked):
            with working_in(kettle):
                WatchedQuery.objects.filter(pk=row.pk).delete()
            return super().find(*asked)

    look_for_watched(kettle, tooting.connection, Slow)

    with working_in(kettle):
        assert (Mention.objects.count(), WatchedQuery.objects.count()) == (0, 0)


def test_strangers_and_who_may_not_connect_see_no_listeners(kettle, mastodon, as_eve, member):
    row = listen(kettle, mastodon)
    for client, refused in ((as_eve, 404), (member("analyst"), 403)):
        assert client.get(PAGE.format(mastodon.pk)).status_code == refused
        assert client.post(PAGE.format(mastodon.pk) + "add/", {"kind": "hashtag", "query": "x"}).status_code == refused
        assert client.post(f"{PAGE.format(mastodon.pk)}{row.pk}/remove/").status_code == refused
    assert as_eve.get(f"/w/rival/inbox/connections/{mastodon.pk}/listeners/").status_code == 404
    assert watched(kettle).pk == row.pk


def test_a_connection_that_finds_nothing_has_no_listeners(kettle, as_ada):
    with working_in(kettle):
        hook = connect("webhook", by=None, name="Hook")[0]
    assert as_ada.get(PAGE.format(hook.pk)).status_code == 404
    assert "Listens to" not in as_ada.get("/w/kettle/inbox/connections/").text
    assert json.dumps(hook.cursor) == "{}"


def look_soon(kettle, connection, **facts):
    """A look at which finds are due to be looked at again, whatever the network costs."""
    with working_in(kettle):
        for row in WatchedQuery.objects.all():
            row.cursor = {name: value for name, value in row.cursor.items() if name != "found_at"}
            row.save()
    return look(kettle, connection, **facts)


def test_edits_and_deletes_of_what_was_found_are_followed(kettle, place, as_ada):
    goes, changes, stays = place.write(1), place.write(2), place.write(3)
    look(kettle, place.connection)
    place.delete(goes)
    place.edit(changes, "A better #tea")

    rows = {row.remote_id: row for row in look_soon(kettle, place.connection)}

    assert (rows[goes].text, rows[goes].deleted_at is None) == ("", False)
    assert [(rows[one].text, rows[one].deleted_at) for one in (changes, stays)] == [
        ("A better #tea", None),
        ("A fine #tea", None),
    ]
    assert all(one.found_by == "#tea" and one.is_silent for one in rows.values())  # still nobody wrote to us
    assert "A fine #tea" not in as_ada.get(f"/w/kettle/inbox/{rows[goes].conversation_id}/").text


def test_finds_are_followed_in_turn_and_what_was_answered_or_is_old_is_not(kettle, tooting):
    listen(kettle, tooting.connection)
    ids = [tooting.write(number) for number in range(1, 9)]
    look(kettle, tooting.connection)
    with working_in(kettle):
        Mention.objects.filter(remote_id=ids[0]).update(answered_at=timezone.now())
        Mention.objects.filter(remote_id=ids[1]).update(published_at=timezone.now() - timedelta(days=8))
    for one in ids:
        tooting.delete(one)

    look_soon(kettle, tooting.connection, times=1)
    with working_in(kettle):
        assert Mention.objects.exclude(deleted_at=None).count() == 3  # so many a look: each costs a request
    look_soon(kettle, tooting.connection, times=3)

    with working_in(kettle):
        kept = set(Mention.objects.filter(deleted_at=None).values_list("remote_id", flat=True))
    assert kept == set(ids[:2])


def test_on_x_finds_are_looked_at_again_after_six_hours_as_reading_costs(kettle, settings):
    settings.ECRM_FETCH_LOOPBACK = True
    server = XServer()
    try:
        xing = Xing(server, test_x.connection_to(kettle, server))
        look(kettle, xing.connection)
        listen(kettle, xing.connection)
        id_ = xing.write(1)
        look(kettle, xing.connection)
        xing.delete(id_)
        (early,) = look(kettle, xing.connection)
        (later,) = look_soon(kettle, xing.connection)
    finally:
        server.close()

    assert early.deleted_at is None
    assert later.deleted_at is not None


def test_where_looking_again_fails_what_is_new_comes_all_the_same(kettle, tooting, monkeypatch):
    listen(kettle, tooting.connection)
    tooting.write(1)
    look(kettle, tooting.connection)
    tooting.write(2)

    def fails(self, found):
        raise ChannelError("busy")

    monkeypatch.setattr(Mastodon, "look_again", fails)

    assert len(look_soon(kettle, tooting.connection)) == 2
    assert watched(kettle).failures == 0
