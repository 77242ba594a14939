"""A long thread opens with its newest part; every part is one step away, and none is lost or told twice."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conversations.answers.replying import reply_to
from conversations.inbox.thread_pages import MOST_SINCE, PAGE, read_thread
from conversations.models import Mention, Reply, TeamNote
from tests.factories.social import make_mention
from workspaces.current import working_in

INBOX = "/w/kettle/inbox/"
HTMX = {"HX-Request": "true"}
STATEMENTS = 31


@pytest.fixture
def first(kettle):
    with working_in(kettle):
        return make_mention("Does it drip?", name="Tom Green", handle="tom@tea.example", thread="t")


def lengthen(mention, count, *, notes=0):
    """More of the same thread, a second apart; the newest is the last."""
    start = mention.published_at
    Mention.objects.bulk_create(
        Mention(
            connection=mention.connection,
            conversation=mention.conversation,
            author=mention.author,
            network=mention.network,
            remote_id=f"more-{n}",
            text=f"Word {n}.",
            published_at=start + timedelta(milliseconds=n + 1),
        )
        for n in range(count)
    )
    TeamNote.objects.bulk_create(
        TeamNote(conversation=mention.conversation, text=f"Note {n}.", created_at=start + timedelta(milliseconds=n + 1))
        for n in range(notes)
    )


def words(page):
    return re.findall(r"Word \d+\.|Does it drip\?", page)


def walk_back(conversation):
    """Everything by pages, from the newest back: the texts of each page."""
    pages, cursor = [], ""
    while True:
        page = read_thread(conversation, {}, before=cursor)
        pages.append([(one.kind, one.text) for one in page.said])
        cursor = page.earlier
        if not cursor:
            return pages


@pytest.mark.parametrize("more", [0, 299])
def test_a_thread_costs_the_same_statements_whatever_its_length(as_ada, kettle, first, more):
    with working_in(kettle):
        lengthen(first, more)
    path = f"{INBOX}{first.conversation_id}/"
    as_ada.get(path, headers=HTMX)

    with CaptureQueriesContext(database) as asked:
        as_ada.get(path, headers=HTMX)

    assert len(asked) <= STATEMENTS


def test_the_newest_are_shown_and_the_page_before_is_one_step_away(as_ada, kettle, first):
    with working_in(kettle):
        lengthen(first, 60)
    path = f"{INBOX}{first.conversation_id}/"

    opened = as_ada.get(path)
    link = re.search(r'href="([^"]*before=[^"]*)"', opened.text)[1].replace("&amp;", "&")
    plain, part = as_ada.get(link), as_ada.get(link, headers=HTMX)

    assert words(opened.text.partition('id="msgs"')[2])[:1] == ["Word 10."]
    assert words(part.text) == ["Does it drip?", *(f"Word {n}." for n in range(10))]
    assert ("<html" in part.text, "Earlier messages" in part.text) == (False, False)
    assert ("Word 9." in plain.text, "Later messages" in plain.text, 'id="msgs"' in plain.text) == (True, True, False)
    assert f"mentions/{opened.context['last'].pk}/reply/" in plain.text  # the answer still goes to the newest


def test_later_messages_lead_back_to_the_newest(as_ada, kettle, first):
    with working_in(kettle):
        lengthen(first, 120)
    path = f"{INBOX}{first.conversation_id}/"
    oldest = as_ada.get(path, {"message": first.pk})

    link = re.search(r'href="([^"]*beyond=[^"]*)"', oldest.text)[1].replace("&amp;", "&")
    later = as_ada.get(link)

    thread = oldest.text.partition('id="msgs-then"')[2]
    assert (words(thread)[0], f'id="mention-{first.pk}"' in thread) == ("Does it drip?", True)
    assert words(later.text.partition('id="msgs-then"')[2])[:1] == [f"Word {PAGE // 2 - 1}."]


def test_a_message_that_is_sought_stands_among_its_neighbours(kettle, first):
    with working_in(kettle):
        lengthen(first, 200)
        sought = Mention.objects.get(text="Word 100.")
        page = read_thread(first.conversation, {}, sought=sought.pk)

    texts = [one.text for one in page.said]
    assert texts == [f"Word {n}." for n in range(75, 125)]
    assert (bool(page.earlier), bool(page.later)) == (True, True)


def test_a_message_of_another_conversation_is_not_sought_here(kettle, first):
    with working_in(kettle):
        other = make_mention("Elsewhere")
        page = read_thread(first.conversation, {}, sought=other.pk)

    assert [one.text for one in page.said] == ["Does it drip?"]


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(st.lists(st.tuples(st.sampled_from(["theirs", "ours", "note"]), st.integers(0, 5)), max_size=180))
def test_every_thing_said_stands_on_one_page_in_its_order(kettle, things):
    with working_in(kettle):
        mention = make_mention("First")
        start = mention.published_at
        for number, (kind, second) in enumerate(things):
            at, text = start + timedelta(seconds=second + 1), f"{number}"
            if kind == "note":
                TeamNote.objects.create(conversation=mention.conversation, text=text, created_at=at)
            elif kind == "ours":
                facts = {"mention": mention, "key": uuid4(), "text": text, "created_at": at, "state": "sent"}
                Reply.objects.create(conversation=mention.conversation, **facts)
            else:
                lengthen_by_one(mention, text, at)
        pages = walk_back(mention.conversation)

    together = [text for page in reversed(pages) for _kind, text in page]
    ranked = sorted(enumerate(things), key=lambda one: (one[1][1], ["theirs", "ours", "note"].index(one[1][0]), one[0]))
    assert together == ["First", *(str(number) for number, _thing in ranked)]
    assert all(len(page) == PAGE for page in pages[:-1])


def lengthen_by_one(mention, text, at):
    facts = {"connection": mention.connection, "author": mention.author, "network": mention.network}
    Mention.objects.create(
        conversation=mention.conversation, remote_id=str(uuid4()), text=text, published_at=at, **facts
    )


def test_what_comes_live_goes_on_from_where_the_page_begins(as_ada, kettle, first):
    with working_in(kettle):
        lengthen(first, 60)
    opened = as_ada.get(f"{INBOX}{first.conversation_id}/")
    since = opened.context["thread"].since
    with working_in(kettle):
        reply_to(Mention.objects.get(text="Word 59."), "It does not.", by=None)

    live = as_ada.get(f"{INBOX}live/", {"open": first.conversation_id, "version": "", "since": since}).text

    assert (words(live.partition('id="thread-now"')[2])[0], 'id="msgs"' in live) == ("Word 10.", False)
    assert "It does not." in live


def test_after_very_much_the_newest_are_shown_again(as_ada, kettle, first):
    with working_in(kettle):
        since = read_thread(first.conversation, {}).since
        lengthen(first, MOST_SINCE + 20)

    live = as_ada.get(f"{INBOX}live/", {"open": first.conversation_id, "version": "", "since": since}).text

    assert ('id="msgs"' in live, "Earlier messages" in live) == (True, True)


@pytest.mark.parametrize("cursor", ["x", "W10", "é", "WzEsMiwzXQ", "a" * 5_000])
@pytest.mark.parametrize("name", ["before", "beyond", "since", "message"])
def test_a_cursor_that_is_none_is_the_newest_page(as_ada, first, name, cursor):
    page = as_ada.get(f"{INBOX}{first.conversation_id}/", {name: cursor})
    assert (page.status_code, "Does it drip?" in page.text) == (200, True)


def test_a_stranger_reads_no_part(as_eve, first):
    assert as_eve.get(f"{INBOX}{first.conversation_id}/", {"before": ""}, headers=HTMX).status_code == 404
