"""Each page and act: the happy path, the stranger, the role that may not, the invalid form, the fragment."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from contacts.models import Contact, Identity
from conversations.inbox import queues
from conversations.inbox.counting import count_queues
from conversations.inbox.live import inbox_version
from conversations.inbox.prioritising import read_lines
from conversations.mentions.listening import hear
from conversations.models import CannedReply, Connection, Conversation, Mention, Reply, TeamNote
from tests.factories.contacts import make_contact
from tests.factories.social import heard, make_connection, make_mention, make_vouching
from workspaces.current import working_in

INBOX = "/w/kettle/inbox/"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def mention(kettle):
    with working_in(kettle):
        return make_mention("Does it drip? Please answer", name="Tom Green", handle="tom@tea.example")


def act(mention, name):
    inner = {"reply": f"mentions/{mention.pk}/reply", "sentiment": f"mentions/{mention.pk}/sentiment"}.get(
        name, f"{mention.conversation_id}/{name}"
    )
    return f"{INBOX}{inner}/"


def state(kettle, mention):
    with working_in(kettle):
        return Conversation.objects.get(pk=mention.conversation_id).state


ACTS = [
    ("reply", {"text": "It does not.", "key": str(uuid4())}, "done"),
    ("note", {"note-text": "Ask the workshop"}, "waiting"),
    ("assign", {"to": ""}, "waiting"),
    ("take", {}, "waiting"),
    ("snooze", {"until": "tomorrow"}, "snoozed"),
    ("close", {}, "done"),
    ("spam", {}, "spam"),
    ("reopen", {}, "waiting"),
    ("complaint", {}, "waiting"),
    ("contact", {}, "waiting"),
    ("sentiment", {"label": "neg"}, "waiting"),
]
READS = ["", "live/", "add/", "canned/", "connections/", "{pk}/"]


def test_the_inbox_shows_who_waits_and_the_first_conversation(as_ada, mention):
    page = as_ada.get(INBOX).text
    assert ("Tom Green" in page, "Does it drip?" in page, "Reply in public" in page or "Note the answer" in page) == (
        True,
        True,
        True,
    )


def test_an_empty_inbox_teaches(as_ada):
    page = as_ada.get(INBOX).text
    assert ("Nobody waits for you." in page, "Connect a channel" in page) == (True, True)


@pytest.mark.parametrize("path", READS)
def test_a_stranger_sees_nothing(as_eve, mention, path):
    assert as_eve.get(INBOX + path.format(pk=mention.conversation_id)).status_code == 404


@pytest.mark.parametrize(("name", "data", "_after"), ACTS)
def test_a_stranger_changes_nothing(as_eve, mention, kettle, name, data, _after):
    assert as_eve.post(act(mention, name), data).status_code == 404
    assert state(kettle, mention) == "waiting"


def test_another_workspaces_conversation_is_not_here(as_eve, rival, mention):
    path = f"/w/rival/inbox/{mention.conversation_id}/"
    assert (as_eve.get(path).status_code, as_eve.post(f"{path}close/").status_code) == (404, 404)


@pytest.mark.parametrize(("name", "data", "_after"), ACTS)
def test_an_analyst_reads_but_does_not_act(member, mention, kettle, name, data, _after):
    analyst = member("analyst")
    assert analyst.get(INBOX).status_code == 200
    assert analyst.post(act(mention, name), data).status_code == 403
    assert state(kettle, mention) == "waiting"


def test_an_analyst_sees_no_names(member, mention):
    page = member("analyst").get(f"{INBOX}{mention.conversation_id}/").text
    assert ("Tom Green" in page, "tom@tea.example" in page) == (False, False)


def test_a_colleague_sees_no_inbox(member, mention):
    assert member("colleague").get(INBOX).status_code == 403


def test_a_marketer_answers_but_connects_nothing(member, mention):
    marketer = member("marketer")
    assert (marketer.get(f"{INBOX}connections/").status_code, marketer.post(act(mention, "take")).status_code) == (
        403,
        302,
    )


@pytest.mark.parametrize(("name", "data", "after"), ACTS)
def test_acts_work_without_javascript(as_ada, mention, kettle, name, data, after):
    response = as_ada.post(act(mention, name) + "?queue=mine", data)
    assert (response.status_code, response.url) == (302, f"{INBOX}{mention.conversation_id}/?queue=mine")
    assert state(kettle, mention) == after


@pytest.mark.parametrize(("name", "data", "after"), ACTS)
def test_acts_answer_htmx_with_the_panes(as_ada, mention, kettle, name, data, after):
    response = as_ada.post(act(mention, name), data, headers=HTMX)
    page = response.text
    assert (response.status_code, "<html" in page, 'id="conv"' in page, 'id="list"' in page, 'id="card"' in page) == (
        200,
        False,
        True,
        True,
        True,
    )
    assert "HX-Trigger" in response.headers
    assert state(kettle, mention) == after


@pytest.mark.parametrize("headers", [{}, HTMX])
@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("reply", {"text": "", "key": str(uuid4())}),
        ("reply", {"text": "Hi", "key": "not one"}),
        ("reply", {"text": "x" * 5001, "key": str(uuid4())}),
        ("note", {"note-text": " "}),
        ("assign", {"to": "999999"}),
        ("sentiment", {"label": "angry"}),
    ],
)
def test_what_is_wrong_is_answered_by_422_or_changes_nothing(as_ada, mention, kettle, name, data, headers):
    response = as_ada.post(act(mention, name), data, headers=headers)
    assert response.status_code == 422
    with working_in(kettle):
        assert (Reply.objects.count(), TeamNote.objects.count(), Mention.objects.get().engine) == (0, 0, "linear")


def test_a_second_answer_shows_the_first_and_asks(as_ada, mention, kettle):
    as_ada.post(act(mention, "reply"), {"text": "It does not.", "key": str(uuid4())})

    second = as_ada.post(act(mention, "reply"), {"text": "No.", "key": str(uuid4())}, headers=HTMX)
    assert (second.status_code, "Ada Berg answered this already" in second.text, "It does not." in second.text) == (
        422,
        True,
        True,
    )
    as_ada.post(act(mention, "reply"), {"text": "No.", "key": str(uuid4()), "even_so": "on"})

    with working_in(kettle):
        assert list(Reply.objects.order_by("pk").values_list("text", flat=True)) == ["It does not.", "No."]


def test_the_poll_answers_204_until_something_changes(as_ada, mention, kettle):
    version = as_ada.get(INBOX).context["version"]
    assert as_ada.get(f"{INBOX}live/?version={version}").status_code == 204

    as_ada.post(act(mention, "take"))

    with working_in(kettle):
        Conversation.objects.update(changed_at=timezone.now())  # a test's transaction never commits: the stamp cannot
    cache.clear()
    answer = as_ada.get(f"{INBOX}live/?version={version}&open={mention.conversation_id}")
    assert (answer.status_code, 'id="queues"' in answer.text, 'id="msgs"' in answer.text, "<html" in answer.text) == (
        200,
        True,
        True,
        False,
    )


def test_the_poll_works_without_valkey(as_ada, mention, settings):
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:1/0"}}
    version = as_ada.get(INBOX).context["version"]
    assert as_ada.get(f"{INBOX}live/?version={version}").status_code == 204


def test_a_conversation_as_a_fragment(as_ada, mention):
    page = as_ada.get(f"{INBOX}{mention.conversation_id}/", headers=HTMX).text
    assert ("<html" in page, 'id="conv"' in page, 'hx-swap-oob="true"' in page, 'id="list"' in page) == (
        False,
        True,
        True,
        False,
    )


def test_pages_of_the_list_hold_everybody_once(as_ada, kettle):
    with working_in(kettle):
        bridge = make_connection()
        made = {make_mention(f"Question {n}?", connection=bridge).conversation_id for n in range(95)}
    seen, cursor = [], ""
    while True:
        response = as_ada.get(f"{INBOX}?after={cursor}", headers=HTMX if cursor else {})
        seen += [row["id"] for row in response.context["rows"]]
        cursor = response.context["cursor"]
        if not cursor:
            break
    assert (len(seen), set(seen)) == (95, made)


@pytest.mark.parametrize("cursor", ["xx", "W10", "WzFd", "bnVsbA", "eyJhIjoxfQ", "WzEsMiwzXQ", "WyJ4IiwieSIsInoiXQ"])
def test_a_broken_cursor_is_the_first_page(as_ada, mention, cursor):
    assert as_ada.get(f"{INBOX}?after={cursor}").status_code == 200


@pytest.mark.parametrize("queue", ["waiting", "mine", "unassigned", "snoozed", "done", "spam", "nonsense"])
def test_queues_hold_what_they_say(as_ada, mention, kettle, ada, queue):
    ids = [row["id"] for row in as_ada.get(f"{INBOX}?queue={queue}").context["rows"]]
    assert ids == ([mention.conversation_id] if queue in {"waiting", "unassigned", "nonsense"} else [])


def test_a_channel_and_words_narrow_the_list(as_ada, mention):
    found = [
        len(as_ada.get(f"{INBOX}?{query}").context["rows"])
        for query in ("network=mastodon", "network=bluesky", "q=green", "q=100%25", "q=drip")
    ]
    assert found == [1, 0, 1, 0, 1]


def test_the_search_finds_what_they_wrote_later_and_nothing_that_they_took_back(as_ada, kettle, mention):
    with working_in(kettle):
        same = {
            "connection": mention.connection,
            "thread": mention.conversation.thread,
            "handle": mention.author.handle,
        }
        later = make_mention("By the way: the handle is of bamboo, 100% sure?", **same)
    found = [len(as_ada.get(f"{INBOX}?q={words}").context["rows"]) for words in ("BAMBOO", "100%25+s", "bambus")]

    with working_in(kettle):
        hear(later.connection, [heard("", remote_id=later.remote_id, is_deleted=True)])

    assert found == [1, 1, 0]
    assert as_ada.get(f"{INBOX}?q=bamboo").context["rows"] == []


def test_the_words_of_the_newest_messages_alone_are_looked_through(as_ada, kettle, monkeypatch):
    monkeypatch.setattr(queues, "SEARCHED", 2)
    with working_in(kettle):
        first = [make_mention(f"Title {number}") for number in range(3)]
        for one in first:
            same = {"thread": one.conversation.thread, "handle": one.author.handle, "connection": one.connection}
            make_mention("It is of bamboo", **same)

    def found(words):
        return sorted(row["id"] for row in as_ada.get(f"{INBOX}?q={words}").context["rows"])

    assert found("bamboo") == [one.conversation_id for one in first[1:]]
    assert found("Title") == [one.conversation_id for one in first]


def test_many_are_done_at_once(as_ada, kettle):
    with working_in(kettle):
        rows = [make_mention().conversation_id for _ in range(3)]
    as_ada.post(f"{INBOX}many/", {"act": "close", "pick": [*rows[:2], "x", "999999"]})
    with working_in(kettle):
        assert Conversation.objects.filter(state="done").count() == 2


def test_added_by_hand_it_waits(as_ada, kettle):
    said = {"network": "phone", "handle": "+49 30 1", "name": "Hana", "text": "Call me about gifts", "url": ""}
    response = as_ada.post(f"{INBOX}add/", said)
    with working_in(kettle):
        row = Conversation.objects.get()
        assert (response.url, row.state, row.is_public) == (f"{INBOX}{row.pk}/", "waiting", False)
    assert as_ada.post(f"{INBOX}add/", said | {"text": ""}).status_code == 422


def test_the_same_link_by_hand_twice_is_said(as_ada):
    said = {"network": "forum", "handle": "hana", "text": "Hello", "url": "https://forum.example/1"}
    assert [as_ada.post(f"{INBOX}add/", said).status_code for _ in range(2)] == [302, 422]


def test_a_webhook_shows_its_secret_once_and_ways_to_try_it(as_ada, kettle):
    page = as_ada.post(
        f"{INBOX}connections/webhook/add/",
        {"webhook-name": "Forms", "webhook-callback_url": "", "webhook-is_public": "on"},
    ).text
    assert ("hook_" in page, "curl -d" in page, "/hooks/kettle/" in page) == (True, True, True)
    assert "hook_" not in as_ada.get(f"{INBOX}connections/").text.replace("hook_url", "")


@pytest.mark.parametrize("url", ["http://127.0.0.1/", "http://10.0.0.1/x", "http://[::1]/", "ftp://x.example/"])
def test_a_private_address_is_refused_in_the_forms(as_ada, kettle, url):
    assert (
        as_ada.post(f"{INBOX}connections/webhook/add/", {"webhook-name": "F", "webhook-callback_url": url}).status_code
        == 422
    )
    assert as_ada.post(f"{INBOX}connections/feed/add/", {"feed-name": "F", "feed-url": url}).status_code == 422
    with working_in(kettle):
        assert Connection.objects.count() == 0


def test_a_connection_is_paused_gets_a_new_secret_and_listens_again(as_ada, kettle):
    with working_in(kettle):
        pk = make_connection().pk
    as_ada.post(f"{INBOX}connections/{pk}/active/", {"active": "no"})
    with working_in(kettle):
        assert Connection.objects.get().is_active is False
    as_ada.post(f"{INBOX}connections/{pk}/active/", {"active": "yes"})
    assert "hook_" in as_ada.post(f"{INBOX}connections/{pk}/secret/").text
    with working_in(kettle):
        assert Connection.objects.get().is_active is True


def test_canned_replies_come_with_the_workspace_in_two_languages(as_ada, kettle, mention):
    with working_in(kettle):
        assert sorted(CannedReply.objects.values_list("language", flat=True)) == ["de"] * 6 + ["en"] * 6
        pk = CannedReply.objects.get(title="Thank you").pk
    assert (
        "Thank you, Tom. That made our day."
        in as_ada.get(f"{INBOX}{mention.conversation_id}/?canned={pk}").context["form"].initial["text"]
    )
    as_ada.post(f"{INBOX}canned/", {"title": "New", "language": "en", "text": "Hello {name}"})
    as_ada.post(f"{INBOX}canned/{pk}/remove/")
    assert as_ada.post(f"{INBOX}canned/", {"title": "", "language": "en", "text": ""}).status_code == 422
    with working_in(kettle):
        assert set(CannedReply.objects.filter(language="en").values_list("title", flat=True)) >= {"New"}
        assert CannedReply.objects.count() == 12


def test_what_we_answered_last_time_stands_beside(as_ada, kettle, mention):
    as_ada.post(act(mention, "reply"), {"text": "No, it does not drip.", "key": str(uuid4())})
    with working_in(kettle):
        Reply.objects.update(state="sent")
        other = make_mention("Does the kettle drip? Please answer soon", handle="ines@tea.example")
    before = as_ada.get(f"{INBOX}{other.conversation_id}/").context["before"]
    assert [one["text"] for one in before] == ["No, it does not drip."]


def test_of_what_we_answered_before_the_same_person_comes_first_then_what_is_most_alike(as_ada, kettle):
    """(who asked, what, the number of our answer), in the order of our answers."""
    asked = [
        ("bob", "Does the kettle drip when pouring?", 1),
        ("ina", "Where is your shop?", 2),
        ("eve", "Does the kettle drip?", 3),
        ("eve", "Something else entirely, unlike anything", 4),
        ("dan", "Does the kettle drip when pouring slowly?", 5),
        ("kim", "Does the kettle drip at all, please?", 6),
    ]
    with working_in(kettle):
        bridge = make_connection()
        for who, words, number in asked:
            one = make_mention(words, connection=bridge, handle=f"{who}@tea.example")
            row, moment = one.conversation, timezone.now() + timedelta(seconds=number)
            Reply.objects.create(
                conversation=row, mention=one, key=uuid4(), text=f"Answer {number}", state="sent", created_at=moment
            )
        other = make_mention("Does the kettle drip?", connection=bridge, handle="ina@tea.example")

    before = as_ada.get(f"{INBOX}{other.conversation_id}/").context["before"]

    assert [(one["text"], one["same"]) for one in before] == [
        ("Answer 2", True), ("Answer 3", False), ("Answer 6", False), ("Answer 1", False)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("words", "shown"), [("a" * 200, "a" * 200), ("b" * 201, "b" * 199 + "…"), ("", ""), (None, "Its title")]
)
def test_the_list_shows_the_beginning_of_the_newest_words_or_the_title(as_ada, mention, kettle, words, shown):
    with working_in(kettle):
        Conversation.objects.update(title="Its title")
        if words is None:
            Mention.objects.all().delete()
        else:
            Mention.objects.update(text=words)

    [row] = as_ada.get(INBOX).context["rows"]

    assert row["excerpt"] == shown


def test_the_card_knows_a_contact(as_ada, kettle, vouching):
    with working_in(kettle):
        greta = make_contact("Greta Lindqvist", roles=(3,), city="Lund")
        Identity.objects.create(contact=greta, kind=4, value="greta@tea.example")
        hers = make_mention("Does it drip? Awful, broken.", connection=make_vouching(), handle="greta@tea.example")
        lines = read_lines(Conversation.objects.get(pk=hers.conversation_id).priority_why)
    page = as_ada.get(f"{INBOX}{hers.conversation_id}/").text
    assert [
        word in page for word in ("Greta Lindqvist", "Lund", "Influencer", "Answers, yes", "Why on top", lines[0][0])
    ] == [True] * 6


def test_home_counts_late_soon_and_in_time(as_ada, kettle):
    with working_in(kettle):
        make_mention()
        make_mention(published_at=timezone.now() - timedelta(days=9))
    page = as_ada.get("/w/kettle/").text
    assert ("Waiting for an answer" in page, "1 late" in page) == (True, True)


def test_the_rail_counts_and_the_palette_finds(as_ada, mention):
    assert '<b class="count">' in as_ada.get(INBOX).text
    names = [item["name"] for item in as_ada.get("/w/kettle/palette/?q=tom").json()["items"]]
    assert "Tom Green" in names


def test_queries_do_not_grow_with_the_inbox_or_the_thread(as_ada, kettle, vouching):
    def count(path):
        with CaptureQueriesContext(database) as queries:
            assert as_ada.get(path).status_code == 200
        return len(queries)

    with working_in(kettle):
        bridge = make_vouching()
        greta = make_contact("Greta")
        Identity.objects.create(contact=greta, kind=4, value="greta@tea.example")
        row = make_mention(connection=bridge, handle="greta@tea.example", thread="t").conversation_id
    for path in (INBOX, "/w/kettle/"):
        as_ada.get(path)
    few = count(INBOX), count(f"{INBOX}{row}/"), count("/w/kettle/")
    with working_in(kettle):
        for _ in range(30):
            make_mention(connection=bridge)
            make_mention(connection=bridge, handle="greta@tea.example", thread="t")
    assert (count(INBOX), count(f"{INBOX}{row}/"), count("/w/kettle/")) == few
    assert max(few[:2]) <= 46


def test_a_contact_page_shows_what_they_wrote(as_ada, kettle, mention):
    as_ada.post(act(mention, "contact"))
    with working_in(kettle):
        pk = Contact.objects.get().pk
    assert "Does it drip?" in as_ada.get(f"/w/kettle/contacts/{pk}/").text


def counted(kettle, ada):
    with working_in(kettle):
        return count_queues(ada.pk, inbox_version())["waiting"]


def test_queues_are_counted_once_until_the_inbox_changes(as_ada, mention, kettle, ada):
    assert counted(kettle, ada) == 1
    with CaptureQueriesContext(database) as queries:
        assert counted(kettle, ada) == 1
    assert not any("How many conversations wait" in one["sql"] for one in queries)

    with working_in(kettle):
        make_mention()
    cache.set(f"inbox:{kettle.pk}", "another version")  # what a commit does
    assert counted(kettle, ada) == 2


def test_very_many_are_counted_again_after_some_seconds_only(as_ada, mention, kettle, ada, monkeypatch):
    moment = timezone.now()
    monkeypatch.setattr("conversations.inbox.counting.MANY", 0)
    monkeypatch.setattr("conversations.inbox.counting.now", lambda: moment)
    assert counted(kettle, ada) == 1
    with working_in(kettle):
        make_mention()
    cache.set(f"inbox:{kettle.pk}", "another version")
    assert counted(kettle, ada) == 1
    monkeypatch.setattr("conversations.inbox.counting.now", lambda: moment + timedelta(seconds=11))
    assert counted(kettle, ada) == 2


def test_a_poll_that_has_nothing_to_tell_writes_nothing(as_ada, mention):
    page = as_ada.get(INBOX)
    with CaptureQueriesContext(database) as queries:
        assert as_ada.get(f"{INBOX}live/?version={page.context['version']}").status_code == 204
    assert [one["sql"] for one in queries if one["sql"].startswith(("UPDATE", "INSERT", "DELETE"))] == []
    assert len([one for one in queries if one["sql"].startswith("SELECT")]) <= 4
