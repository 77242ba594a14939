"""Part of a conversation becomes one of its own; merging them undoes it."""

from datetime import timedelta
from uuid import uuid4

import pytest

from conversations.answers.replying import reply_to
from conversations.assigning import close, reopen
from conversations.mentions.listening import hear
from conversations.merges.merging import merge_conversations
from conversations.merges.splitting import CannotSplitError, split_conversation
from conversations.merges.threads import thread_on_network
from conversations.models import Conversation, Forward, Mention, Reply
from lib.clock import now
from tests.factories.social import heard, make_connection
from tests.machines import machine_of
from workspaces.current import working_in

pytestmark = pytest.mark.django_db
INBOX = "/w/kettle/inbox/"
TOM = {"handle": "tom@tea.example", "name": "Tom Green", "thread": "t"}
State = Conversation.State


@pytest.fixture
def three(kettle):
    """Three words of one thread, the oldest first."""
    with working_in(kettle):
        items = [heard(f"Word {n}", published_at=now() - timedelta(minutes=9 - n), **TOM) for n in (1, 2, 3)]
        return hear(make_connection(), items).new


def words(conversation):
    return list(
        Mention.objects.filter(conversation=conversation).order_by("published_at").values_list("text", flat=True)
    )


def test_from_a_message_on_or_that_one_alone(kettle, three):
    with working_in(kettle):
        old = three[0].conversation
        sent = Forward.objects.create(conversation=old, mention=three[2], key=uuid4(), address="legal@tea.example")
        part = split_conversation(three[1], by=None)
        sent.refresh_from_db()
        assert sent.conversation_id == part.pk
        assert (words(old), words(part)) == (["Word 1"], ["Word 2", "Word 3"])
        assert (part.title, part.is_public, part.author_id) == ("Word 2", old.is_public, old.author_id)
        alone = split_conversation(three[1], by=None, only=True)
        assert (words(part), words(alone)) == (["Word 3"], ["Word 2"])


def test_nothing_to_stay_behind_changes_nothing(kettle, three):
    with working_in(kettle):
        with pytest.raises(CannotSplitError):
            split_conversation(three[0], by=None)
        assert Conversation.objects.count() == 1


def test_answers_go_along_and_nobody_answered_waits_again(kettle, three):
    with working_in(kettle):
        reply = reply_to(three[2], "It does.", by=None)
        part = split_conversation(three[2], by=None)
        reply.refresh_from_db()
        assert reply.conversation_id == part.pk
        assert set(Conversation.objects.values_list("state", flat=True)) == {State.DONE}


def test_what_was_reopened_waits_on_where_it_was(kettle, ada, three):
    with working_in(kettle):
        reply_to(three[2], "It does.", by=None)
        reopen(three[0].conversation, by=ada)
        part = split_conversation(three[2], by=None)
        old = Conversation.objects.get(pk=three[0].conversation_id)
        assert (old.state, part.state) == (State.WAITING, State.DONE)


def test_what_was_closed_stays_closed_and_what_waits_waits(kettle, ada, three):
    with working_in(kettle):
        close(three[0].conversation, by=ada)
        hear(three[0].connection, [heard("Word 4", **TOM | {"remote_id": "w4"}, published_at=now())])
        part = split_conversation(Mention.objects.get(remote_id="w4"), by=None)
        assert part.state == State.WAITING
        assert Conversation.objects.get(pk=three[0].conversation_id).state == State.DONE


def test_later_words_go_where_the_network_puts_them_and_merging_undoes_it(kettle, three):
    with working_in(kettle):
        old, connection = three[0].conversation, three[0].connection
        part = split_conversation(three[2], by=None)
        [answer] = hear(connection, [heard("To that", parent_id=three[2].remote_id, **TOM)]).new
        [thread] = hear(connection, [heard("To the thread", **TOM)]).new
        assert (answer.conversation_id, thread.conversation_id) == (part.pk, old.pk)
        assert {thread_on_network(one) for one in Mention.objects.all()} == {"t"}

        merge_conversations(part, old, by=None)

        assert set(Mention.objects.values_list("conversation_id", flat=True)) == {old.pk}
        assert {thread_on_network(one) for one in Mention.objects.all()} == {"t"}
        [more] = hear(connection, [heard("To that too", parent_id=answer.remote_id, **TOM)]).new
        assert more.conversation_id == old.pk


def test_the_page_splits_and_says_why_it_cannot(as_ada, as_eve, member, kettle, three):
    where = f"{INBOX}mentions/{three[1].pk}/split/"
    assert where in as_ada.get(f"{INBOX}{three[0].conversation_id}/").text
    assert "Word 2" in as_ada.get(where).text

    done = as_ada.post(where, {"only": "yes"}, follow=True)

    assert "a conversation of its own" in done.text
    with working_in(kettle):
        assert words(three[0].conversation) == ["Word 1", "Word 3"]
        part = Conversation.objects.exclude(pk=three[0].conversation_id).get()
        assert Reply.objects.count() == 0
    no = as_ada.post(where)
    assert (no.status_code, "Nothing would stay behind" in no.text) == (422, True)
    assert as_eve.get(where).status_code == 404
    assert member("analyst").post(where).status_code == 403
    assert as_ada.get(f"{INBOX}{part.pk}/").status_code == 200


def test_a_machine_splits(kettle, three):
    machine, where = machine_of(kettle), f"/conversations/{three[0].conversation_id}/splits"
    made = machine.post(where, {"mention": three[2].pk, "only": True})
    assert (made.status_code, made.json()["title"]) == (201, "Word 3")
    assert machine.post(where, {"mention": three[2].pk}).status_code == 422
    assert machine.post(where, {"mention": three[0].pk}).json()["code"] == "nothing_left"
