"""Whom an answer reaches: never more people than could read what it answers, whatever was asked for."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as some

from conversations.answers.replying import (
    AlreadyAnsweredError,
    GoneError,
    NotAllowedError,
    reply_to,
    take_back,
    try_again,
)
from conversations.assigning import close, reopen
from conversations.mentions.listening import hear
from conversations.models import Connection, Mention, PublicAuthor, Reply
from conversations.visibility import WIDTHS, choices_for, narrower
from lib.clock import now
from lib.rooms import house
from tests.factories.contacts import make_contact
from tests.factories.social import heard, make_connection, make_mention
from touchpoints.models import Touchpoint
from workspaces.current import working_in
from workspaces.models import AgendaItem

WIDEST_FIRST = [*WIDTHS, ""]


@given(some.sampled_from([*WIDTHS, "", "bystanders"]), some.sampled_from([*WIDTHS, "", "bystanders"]))
def test_an_answer_is_never_wider_than_what_it_answers(asked, theirs):
    found = narrower(asked, theirs)

    known = theirs if theirs in WIDEST_FIRST else "direct"
    assert WIDEST_FIRST.index(found) >= WIDEST_FIRST.index(known)
    assert found == narrower(found, theirs)
    assert all(narrower(value, theirs) == value for value, _words in choices_for(theirs))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("theirs", "asked", "goes"),
    [("direct", "public", "direct"), ("followers", "public", "followers"), ("public", "direct", "direct")],
)
def test_a_private_word_is_answered_in_kind(inside, ada, theirs, asked, goes):
    connection = make_connection()
    hear(connection, [heard("q", visibility=theirs, warning="food", wire={"cid": "c1"})])
    mention = Mention.objects.select_related("connection", "author__contact", "conversation").get()

    reply = reply_to(mention, "Yes.", by=ada, visibility=asked)

    assert (reply.visibility, reply.warning) == (goes, "food")
    assert mention.conversation.is_public is (theirs == "public")
    assert (mention.visibility, mention.wire) == (theirs, {"cid": "c1"})


@pytest.mark.django_db
def test_what_answers_something_known_stands_in_its_thread(inside, ada):
    connection = make_connection()
    hear(
        connection,
        [heard(remote_id="first", thread="root"), heard(remote_id="second", parent_id="first", thread="own")],
    )
    mention = Mention.objects.select_related("connection", "author__contact", "conversation").get(remote_id="first")
    reply = reply_to(mention, "Yes.", by=ada)
    reply.remote_id = "ours"
    reply.save()

    hear(
        connection,
        [heard(remote_id="third", parent_id="ours"), heard(remote_id="fourth", parent_id="unknown", thread="own")],
    )

    threads = dict(Mention.objects.values_list("remote_id", "conversation__thread"))
    assert threads == {"first": "root", "second": "root", "third": "root", "fourth": "own"}


@pytest.mark.django_db
def test_an_answer_is_taken_back_until_it_leaves(inside, ada):
    hear(make_connection(callback_url="https://answers.example/"), [heard("q")])
    mention = Mention.objects.select_related("connection", "author__contact", "conversation").get()
    reply = reply_to(mention, "Yes.", by=ada)

    assert AgendaItem.objects.get(work="conversations.reply").due_at <= now()
    assert take_back(reply, by=ada)
    assert Mention.objects.get().answered_at is None
    mention.conversation.refresh_from_db()
    assert mention.conversation.state == "waiting"
    gone = reply_to(mention, "Yes.", by=ada)
    type(gone).objects.update(state="sending")
    assert not take_back(gone, by=ada)


@pytest.mark.django_db
def test_what_was_deleted_is_not_answered(inside, ada):
    connection = make_connection()
    hear(connection, [heard(remote_id="q")])
    hear(connection, [heard(remote_id="q", is_deleted=True)])

    with pytest.raises(GoneError):
        reply_to(Mention.objects.select_related("connection", "author__contact").get(), "Yes.", by=ada)


@pytest.mark.django_db
def test_a_private_word_in_a_conversation_that_began_in_public_stays_private(inside, ada):
    connection, person = make_connection(), make_contact("Greta")
    who = {"handle": "greta@tea.example", "thread": ""}
    hear(connection, [heard("First", remote_id="a", is_public=True, **who)])
    PublicAuthor.objects.update(contact=person)
    hear(connection, [heard("Between us", remote_id="b", is_public=False, **who)])
    mention = Mention.objects.select_related("connection", "author__contact", "conversation").get(remote_id="b")

    reply = reply_to(mention, "Between us, yes.", by=ada, visibility="public")

    assert (mention.conversation.is_public, mention.visibility, reply.visibility) == (True, "direct", "direct")
    said = Touchpoint.objects.filter(contact_id=person.pk)
    kept = {one.payload["text"]: one.payload["public"] for one in said}
    assert (kept["Between us"], kept["Between us, yes."]) == (False, False)


@pytest.mark.django_db
def test_an_answer_taken_back_leaves_who_was_reopened_waiting(inside, ada):
    hear(make_connection(callback_url="https://answers.example/"), [heard("q")])
    mention = Mention.objects.select_related("connection", "author__contact", "conversation").get()
    close(mention.conversation, by=ada)
    reopen(mention.conversation, by=ada)

    assert take_back(reply_to(mention, "Yes.", by=ada), by=ada)

    mention.conversation.refresh_from_db()
    assert mention.conversation.state == "waiting"


@pytest.mark.django_db
def test_trying_again_looks_again(inside, ada, bob):
    hear(make_connection(callback_url="https://answers.example/"), [heard("q")])
    mention = Mention.objects.select_related("connection", "author__contact", "conversation").get()
    failed = reply_to(mention, "Yes.", by=ada)
    Reply.objects.update(state="failed", attempts=3)
    Mention.objects.update(answered_at=None)

    try_again(failed, by=ada)
    failed.refresh_from_db()
    assert (failed.state, failed.attempts, Mention.objects.get().answered_at) == ("waiting", 1, failed.created_at)
    assert not take_back(failed, by=ada)  # an earlier attempt may stand there
    Reply.objects.update(state="failed")
    reply_to(mention, "Mine.", by=bob)
    with pytest.raises(AlreadyAnsweredError):
        try_again(failed, by=ada)
    Mention.objects.update(deleted_at=now())
    with pytest.raises(GoneError):
        try_again(failed, by=ada)


SHOW_ALL = [
    "bluesky",
    "discourse",
    "facebook",
    "google_reviews",
    "instagram",
    "linkedin",
    "reddit",
    "threads",
    "x",
    "youtube",
]
NARROW, DO_NOT_ANSWER, PRIVATE = (
    {"mastodon", "webhook", "demo"},
    {"feed", "manual"},
    {"mail", "own_page", "sms", "whatsapp"},
)


def test_of_every_network_it_is_known_whether_it_can_show_an_answer_to_fewer():
    assert set(house.networks) - {*SHOW_ALL} - NARROW - DO_NOT_ANSWER - PRIVATE == set()


def on(network: str, **facts) -> Mention:
    """A public word that came by this network, whose connection is as good as new."""
    row = Connection.objects.create(network=network, name=network, is_public=True)
    return make_mention(connection=row, network=network, visibility="public", **facts)


@pytest.mark.django_db
@pytest.mark.parametrize("network", SHOW_ALL)
def test_an_answer_for_fewer_people_never_leaves_by_a_network_that_shows_it_to_all(inside, ada, network):
    mention = on(network)

    with pytest.raises(NotAllowedError, match="shows an answer to everybody"):
        reply_to(mention, "Only for you.", by=ada, visibility="direct")

    assert not Reply.objects.exists()
    assert reply_to(mention, "For everybody.", by=ada, visibility="public").visibility == "public"


@pytest.mark.django_db
@pytest.mark.parametrize(("network", "is_offered"), [("mastodon", True), ("bluesky", False), ("feed", False)])
def test_the_page_offers_only_readers_that_the_network_can_choose(as_ada, kettle, network, is_offered):
    with working_in(kettle):
        mention = on(network)

    page = as_ada.get(f"/w/kettle/inbox/{mention.conversation_id}/").text

    assert ("Only who is named" in page, "Write privately instead" in page) == (is_offered, is_offered)


@pytest.mark.django_db
def test_who_asked_in_public_is_answered_alone_where_we_can(as_ada, kettle):
    with working_in(kettle):
        greta = make_contact("Greta", "greta@slowwater.example")
        named, public = on("mastodon"), on("bluesky", handle="greta.example")
        PublicAuthor.objects.filter(pk=public.author_id).update(contact=greta)

    page = as_ada.get(f"/w/kettle/inbox/{named.conversation_id}/?privately=on").text

    assert re.search(r'value="direct"\s+selected', page)
    assert f"/contacts/{greta.pk}/?compose=email" in as_ada.get(f"/w/kettle/inbox/{public.conversation_id}/").text


@pytest.mark.django_db
@pytest.mark.parametrize(("network", "most"), [("threads", "500"), ("bluesky", "1,200"), ("webhook", "5,000")])
def test_the_box_says_how_many_letters_its_network_takes(as_ada, kettle, network, most):
    with working_in(kettle):
        mention = on(network)

    page = as_ada.get(f"/w/kettle/inbox/{mention.conversation_id}/").text

    assert re.search(rf"of\s+{most}\s*<", page)


def test_where_nothing_can_be_sent_the_page_names_one_audience_and_offers_none(as_ada, kettle):
    with working_in(kettle):
        row = make_mention(connection=make_connection())
    page = as_ada.get(f"/w/kettle/inbox/{row.conversation_id}/").text
    frame = page[page.index('id="reply"') :] if 'id="reply"' in page else page

    assert re.findall(r'<b class="push">([^<]*)</b>', frame) == ["Everyone"]
    assert ('name="visibility"' in frame, "Write privately instead" in page) == (False, False)
