"""Edits and deletes reach every copy of the words; a delete wins, also over what comes late."""

from datetime import timedelta

import pytest
from django.utils import timezone

from contacts.models import Identity
from conversations.answers.replying import reply_to
from conversations.inbox.reading import _answered_before
from conversations.mentions import tombstones
from conversations.mentions.listening import hear
from conversations.mentions.tombstones import forget_old
from conversations.models import Conversation, Mention, SetAside, Tombstone
from tests.factories.contacts import make_contact
from tests.factories.social import heard, make_connection, make_vouching
from touchpoints.models import Touchpoint
from touchpoints.rewriting import rewrite_texts
from workspaces.current import working_in
from workspaces.models import AgendaItem

SECRET = "My password is hunter2 please help"


@pytest.fixture
def bridge(inside):
    return make_connection()


def again(item, text="", **facts):
    """The same post, as its source tells it later."""
    same = {
        "remote_id": item.remote_id,
        "handle": item.handle,
        "thread": item.thread,
        "published_at": item.published_at,
    }
    return heard(text, **same | {"url": item.url} | facts)


def gone(item):
    return again(item, is_deleted=True)


@pytest.mark.parametrize("at_once", [True, False])
def test_a_delete_wins_over_a_create_that_comes_late(bridge, at_once):
    item = heard("I regret writing this")
    for page in [[gone(item), item]] if at_once else [[gone(item)], [item], [item]]:
        hear(bridge, page)

    assert (Mention.objects.exclude(text="").count(), Conversation.objects.count()) == (0, 0)
    assert Tombstone.objects.get().remote_id == item.remote_id


def test_a_delete_counts_for_its_connection_only(bridge):
    item = heard("I regret nothing")
    hear(bridge, [gone(item)])

    assert len(hear(make_connection("Another"), [item]).new) == 1


def test_a_tombstone_is_kept_90_days_and_the_agenda_takes_it_away(kettle):
    with working_in(kettle):
        bridge, item = make_connection(), heard()
        hear(bridge, [gone(item)])
        due = AgendaItem.objects.get(work=tombstones.WORK).due_at
        assert timedelta(days=89) < due - timezone.now() <= timedelta(days=90)
    next_at = forget_old(kettle)
    with working_in(kettle):
        assert (Tombstone.objects.count(), next_at) == (1, Tombstone.objects.get().deleted_at + timedelta(days=90))
        Tombstone.objects.update(deleted_at=timezone.now() - timedelta(days=91))
        SetAside.objects.create(connection=bridge, key="x", digest="y", reason="z")
        SetAside.objects.update(last_at=timezone.now() - timedelta(days=91))
    assert forget_old(kettle) is None
    with working_in(kettle):
        assert (Tombstone.objects.count(), SetAside.objects.count()) == (0, 0)


def copies(conversation, contact):
    """Everything that holds the words of a conversation, as text."""
    conversation.refresh_from_db()
    rows = Mention.objects.filter(conversation=conversation)
    payloads = Touchpoint.objects.filter(contact=contact).values_list("payload", flat=True)
    asked = [one["asked"] for one in _answered_before(Conversation(pk=0, author=conversation.author), rows.first())]
    return repr([conversation.title, list(rows.values()), list(payloads), asked])


@pytest.mark.parametrize("change", ["delete", "edit", "edit without a time"])
def test_words_taken_back_stand_nowhere(as_ada, kettle, ada, vouching, change):
    with working_in(kettle):
        ina = make_contact("Ina")
        Identity.objects.create(contact=ina, kind=Identity.Kind.HANDLE, value="ina@x.example")
        item = heard(SECRET, handle="ina@x.example", title=SECRET)
        bridge = make_vouching()
        mention = hear(bridge, [item]).new[0]
        reply_to(mention, "We help.", by=ada)
        conversation = mention.conversation
        assert copies(conversation, ina).count("hunter2") >= 4
    page = as_ada.get(f"/w/kettle/contacts/{ina.pk}/").text
    assert "hunter2" in page

    with working_in(kettle):
        edit = again(item, "Please help", edited_at=timezone.now() if change == "edit" else None)
        hear(bridge, [gone(item) if change == "delete" else edit])
        assert "hunter2" not in copies(conversation, ina)
        assert conversation.title == ("" if change == "delete" else "Please help")
    for path in (f"contacts/{ina.pk}/", f"inbox/{conversation.pk}/", "inbox/?queue=waiting", "inbox/?queue=done"):
        assert "hunter2" not in as_ada.get(f"/w/kettle/{path}").text
    assert 'class="item' not in as_ada.get("/w/kettle/inbox/?queue=done&q=hunter2").text


def test_a_title_is_named_by_what_still_stands(bridge):
    first, second = heard("First words", handle="ina", thread="t"), heard("Second words", handle="ina", thread="t")
    hear(bridge, [first, second])

    hear(bridge, [gone(first)])

    assert Conversation.objects.get().title == "Second words"


def test_an_edit_brings_its_own_title(bridge):
    item = heard("Body", title="Old title")
    hear(bridge, [item])

    hear(bridge, [again(item, "Body, changed", title="New title")])

    assert Conversation.objects.get().title == "New title"


def test_an_edit_without_a_time_is_an_edit_when_the_text_differs(bridge):
    item = heard("I love it")
    hear(bridge, [item])

    assert hear(bridge, [again(item, "I love it")]).changed == []
    assert len(hear(bridge, [again(item, "I hate it, terrible")]).changed) == 1
    assert len(hear(bridge, [again(item, "It is fine")]).changed) == 1
    row = Mention.objects.get()
    assert (row.text, row.edited_at is None, row.is_edit_noticed) == ("It is fine", False, True)


def test_a_time_that_comes_after_one_we_noticed_is_believed(bridge):
    item = heard("One", published_at=timezone.now() - timedelta(hours=2))
    hear(bridge, [item])
    hear(bridge, [again(item, "Two")])
    said = timezone.now() - timedelta(hours=1)

    hear(bridge, [again(item, "Three", edited_at=said)])
    hear(bridge, [again(item, "Two", edited_at=said - timedelta(minutes=1))])
    hear(bridge, [item])

    row = Mention.objects.get()
    assert (row.text, row.edited_at, row.is_edit_noticed) == ("Three", said, False)


def test_an_edit_after_a_person_judged_leaves_no_old_words(bridge, ada):
    from conversations.classifying import correct_sentiment

    item = heard("It is broken, terrible")
    row = hear(bridge, [item]).new[0]
    correct_sentiment(row, "pos", by=ada)

    hear(bridge, [again(item, "All is well")])

    row.refresh_from_db()
    assert (row.text, row.sentiment, row.engine, row.evidence) == ("All is well", "pos", "person", [])


def test_the_ledger_changes_words_of_the_inbox_and_nothing_else(bridge, vouching):
    from touchpoints.facts import Fact
    from touchpoints.recording import record
    from touchpoints.sources import source_for

    at = timezone.now() - timedelta(hours=1)
    facts = [
        Fact("message", "m", at, contact_id=make_contact().pk, payload={"text": "old", "public": True}),
        Fact("answer", "a", at, contact_id=make_contact().pk, payload={"text": "ours"}),
        Fact("note", "n", at, contact_id=make_contact().pk, payload={"text": "a note"}),
        Fact("message", "e", at, contact_id=make_contact().pk, payload={"public": True}),
    ]
    ids = record(facts, source=source_for("inbox", "Inbox")).ids

    assert rewrite_texts(dict.fromkeys(ids, "x" * 700)) == 1
    assert [Touchpoint.objects.get(pk=id_).payload for id_ in ids] == [
        {"text": "x" * 600, "public": True}, {"text": "ours"}, {"text": "a note"}, {"public": True},
    ]  # fmt: skip
    assert rewrite_texts(dict.fromkeys(ids)) == 1
    assert Touchpoint.objects.get(pk=ids[0]).payload == {"public": True}


def test_the_ledger_of_another_workspace_stays_as_it_is(kettle, rival, vouching):
    with working_in(rival):
        greta = make_contact("Greta")
        Identity.objects.create(contact=greta, kind=Identity.Kind.HANDLE, value="greta@x.example")
        fact = hear(make_vouching(), [heard("Hers", handle="greta@x.example")]).new[0].touchpoint_id
    with working_in(kettle):
        assert rewrite_texts({fact: None}) == 0
    with working_in(rival):
        assert Touchpoint.objects.get().payload["text"] == "Hers"
