"""A like is an answer without words: it stands there once, and what praised us waits no more."""

import json
from datetime import timedelta

import pytest

from conversations.answers.handing_over import send_due
from conversations.answers.liking import CannotLikeError, like
from conversations.answers.replying import AlreadyAnsweredError, GoneError, NotAllowedError, reply_to
from conversations.channels import Capabilities, ChannelError
from conversations.models import Conversation, Mention, Reply
from lib.clock import now
from lib.rooms import house
from tests.factories.contacts import make_contact
from tests.factories.social import Vouching, make_mention
from touchpoints.kinds import KINDS
from touchpoints.models import Touchpoint
from workspaces.current import working_in
from workspaces.models import AuditEntry

INBOX = "/w/kettle/inbox/"
HTMX = {"HX-Request": "true"}
KEPT = []


class Applauding(Vouching):
    """A network that keeps each like by its key, as Bluesky's does."""

    def capabilities(self):
        return Capabilities(likes=True, replies=True)

    def like(self, row):
        if row.mention_id == "gone there":
            raise ChannelError("it was deleted there", again=False)
        KEPT.append((row.key, row.mention_id, json.dumps(row.wire), row.created_at))
        return "like-1"

    def reply(self, row):
        return "words-1"


@pytest.fixture
def praised(kettle, monkeypatch):
    """Somebody praised us where one can like it."""
    KEPT.clear()
    with working_in(kettle):
        mention = make_mention("The best tea.")
        monkeypatch.setitem(house.networks, mention.connection.network, Applauding)
    return mention


def state(kettle, mention):
    with working_in(kettle):
        return Conversation.objects.get(pk=mention.conversation_id).state


def test_a_like_leaves_once_and_answers(kettle, praised, ada):
    with working_in(kettle):
        rows = {like(praised, by=ada).pk for _ in range(3)}
    send_due(kettle)
    send_due(kettle)

    assert (len(rows), len(KEPT), KEPT[0][1], KEPT[0][3]) == (1, 1, praised.remote_id, praised.published_at)
    with working_in(kettle):
        row = Reply.objects.get()
        assert (row.state, row.remote_id, row.by_id) == ("sent", "like-1", ada.pk)
        assert AuditEntry.objects.filter(action="mention.liked").count() == 1
    assert state(kettle, praised) == "done"


def test_a_worker_that_died_sends_the_same_like_again(kettle, praised, ada):
    with working_in(kettle):
        like(praised, by=ada)
    send_due(kettle)
    with working_in(kettle):  # as if it had died before it wrote that down
        Reply.objects.update(state="sending", due_at=now(), leased_until=now() - timedelta(minutes=1))
    send_due(kettle)

    assert (len(KEPT), len(set(KEPT))) == (2, 1)


def test_the_ledger_keeps_a_like_which_is_no_exchange(kettle, ada, praised):
    with working_in(kettle):
        contact = make_contact("Tom Green")
        praised.author.contact = contact
        praised.author.save()
        like(Mention.objects.get(), by=ada)
    send_due(kettle)

    with working_in(kettle):
        fact = Touchpoint.objects.get(contact=contact, direction=1)
        assert (fact.payload["text"], Reply.objects.get().touchpoint_id) == ("♥", fact.pk)
        assert fact.kind == KINDS["liked"].code


def test_words_may_follow_a_like_and_a_like_words(kettle, praised, ada):
    with working_in(kettle):
        like(praised, by=ada)
        reply_to(praised, "Thank you!", by=ada, seen=0)
        with pytest.raises(AlreadyAnsweredError):
            reply_to(praised, "Thanks!", by=ada)
        assert sorted(Reply.objects.values_list("kind", flat=True)) == ["", "like"]


def test_what_was_deleted_is_not_liked(kettle, praised, ada):
    with working_in(kettle):
        Mention.objects.update(deleted_at=now())
        with pytest.raises(GoneError):
            like(praised, by=ada)
        assert not Reply.objects.exists()


def test_what_is_deleted_on_the_way_is_not_liked(kettle, praised, ada):
    with working_in(kettle):
        like(praised, by=ada)
        Mention.objects.update(deleted_at=now())
    send_due(kettle)

    with working_in(kettle):
        assert (KEPT, Reply.objects.get().state) == ([], "failed")


def test_whoever_may_not_be_answered_is_not_liked(kettle, praised, ada, monkeypatch):
    def refuse(_mention):
        raise NotAllowedError("no")

    monkeypatch.setattr("conversations.answers.liking.ask_gate", refuse)
    with working_in(kettle), pytest.raises(NotAllowedError):
        like(praised, by=ada)


def test_a_network_without_likes_is_not_asked(kettle, ada, as_ada):
    with working_in(kettle):
        mention = make_mention("The best tea.")
        with pytest.raises(CannotLikeError):
            like(mention, by=ada)
    assert as_ada.post(f"{INBOX}mentions/{mention.pk}/like/", headers=HTMX).status_code == 409
    assert f"mentions/{mention.pk}/like/" not in as_ada.get(f"{INBOX}{mention.conversation_id}/").text


def test_what_the_network_refuses_waits_again_and_can_be_tried_again(kettle, praised, ada):
    with working_in(kettle):
        Mention.objects.update(remote_id="gone there")
        like(praised, by=ada)
    send_due(kettle)
    assert state(kettle, praised) == "waiting"

    with working_in(kettle):
        Mention.objects.update(remote_id="there")
        like(praised, by=ada)
    send_due(kettle)
    with working_in(kettle):
        assert (Reply.objects.get().state, len(KEPT)) == ("sent", 1)


def test_a_button_and_a_key_like_and_the_thread_says_so(as_ada, kettle, praised):
    before = as_ada.get(f"{INBOX}{praised.conversation_id}/").text
    liked = as_ada.post(f"{INBOX}mentions/{praised.pk}/like/", headers=HTMX)
    after = as_ada.get(f"{INBOX}{praised.conversation_id}/").text

    assert ('data-key="l"' in before, liked.status_code) == (True, 200)
    assert ("Kettle &amp; Co liked this" in " ".join(after.split()), 'data-key="l"' in after) == (True, False)


def test_likes_are_for_those_who_may_answer(member, as_eve, praised, kettle):
    path = f"{INBOX}mentions/{praised.pk}/like/"
    assert (as_eve.post(path).status_code, member("analyst").post(path).status_code) == (404, 403)
    assert state(kettle, praised) == "waiting"


def test_nobody_likes_what_another_workspace_heard(rival, praised, eve):
    with working_in(rival), pytest.raises(Conversation.DoesNotExist):
        like(praised, by=eve)
