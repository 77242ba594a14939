"""Two agents at one conversation: each sees the other, and what was said meanwhile, before an answer goes out."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from conversations.answers.replying import AlreadyAnsweredError, WroteAgainError, reply_to
from conversations.assigning import NotAMemberError, answerers, assign
from conversations.models import Conversation, Mention, PublicAuthor, Reply
from conversations.panels import where_to_answer
from tests.conftest import join, make_user
from tests.factories.contacts import make_contact
from tests.factories.social import make_mention
from workspaces.current import working_in
from workspaces.models import Membership

INBOX = "/w/kettle/inbox/"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def mention(kettle):
    with working_in(kettle):
        return make_mention("Does it drip?", name="Tom Green", handle="tom@tea.example", thread="t")


@pytest.fixture
def as_bob(bob):
    browser = Client()
    browser.force_login(bob)
    return browser


def poll(browser, mention, version, **more):
    said = {"version": version, "open": mention.conversation_id, "here": "1", "seen": "0", "mention": mention.pk}
    return browser.get(f"{INBOX}live/", said | more)


def version_of(browser):
    return browser.get(INBOX).context["version"]


def answer(browser, mention, text="It does not.", **more):
    said = {"text": text, "key": str(uuid4()), "seen": "0"} | more
    return browser.post(f"{INBOX}mentions/{mention.pk}/reply/", said, headers=HTMX)


def texts(kettle):
    with working_in(kettle):
        return list(Reply.objects.order_by("pk").values_list("text", flat=True))


def test_who_looks_and_who_writes_is_seen_by_the_other_and_by_nobody_else(as_ada, as_bob, member, mention):
    version = version_of(as_ada)
    assert poll(as_ada, mention, version).status_code == 204
    looks = poll(as_bob, mention, version)
    writes = poll(as_ada, mention, version, writes="1")
    sees = poll(as_bob, mention, version, others=looks.context["others_stamp"])

    assert "Ada Berg is looking at this too." in looks.text
    assert ('id="list"' in looks.text, 'id="reply-text"' in looks.text) == (False, False)  # only who is here changed
    assert "Bob Marsh is looking at this too." in writes.text
    assert "<b>Ada Berg</b> is writing an answer." in sees.text
    assert poll(as_bob, mention, version, others=sees.context["others_stamp"]).status_code == 204
    assert "Ada Berg" not in poll(member("analyst"), mention, version).text
    assert "<b>Ada Berg</b> is writing an answer." in as_bob.get(f"{INBOX}{mention.conversation_id}/").text
    cache.clear()  # as after twelve seconds without a word
    assert "Ada Berg is" not in as_bob.get(f"{INBOX}{mention.conversation_id}/").text


def test_an_answer_while_a_colleague_writes_asks_first(as_ada, as_bob, mention, kettle):
    poll(as_ada, mention, version_of(as_ada), writes="1")

    asked = answer(as_bob, mention)

    assert (asked.status_code, texts(kettle)) == (422, [])
    for shown in ("<b>Ada Berg</b> is writing an answer.", "It does not.", "Send mine all the same"):
        assert shown in asked.text
    poll(as_bob, mention, version_of(as_bob), writes="1")
    assert answer(as_bob, mention, all_the_same="on").status_code == 200
    assert texts(kettle) == ["It does not."]
    assert poll(as_ada, mention, "old").context["others"] == []  # he is done: nobody need wait for him


def test_an_answer_given_meanwhile_is_told_above_the_draft_and_asks_before_a_second_goes_out(
    as_ada, as_bob, mention, kettle
):
    version = version_of(as_bob)
    assert answer(as_ada, mention).status_code == 200
    with working_in(kettle):
        Conversation.objects.update(changed_at=timezone.now())
    cache.clear()

    told = poll(as_bob, mention, version)
    assert "Ada Berg answered at" in told.text
    assert 'id="reply-text"' not in told.text  # the draft is left alone
    assert 'id="conv-head"' in told.text
    refused = answer(as_bob, mention, "Not at all.")
    assert (refused.status_code, "Ada Berg answered this already" in refused.text) == (422, True)

    # in spite of the first one: but one more that nobody has shown is told again
    with working_in(kettle):
        first = Reply.objects.get()
    assert answer(as_ada, mention, "And it is new.", even_so="on", seen=first.pk).status_code == 200
    assert answer(as_bob, mention, "Not at all.", even_so="on", seen=first.pk).status_code == 422
    assert texts(kettle) == ["It does not.", "And it is new."]


def test_a_word_of_theirs_meanwhile_is_shown_before_the_answer_goes_out(as_ada, mention, kettle):
    version = version_of(as_ada)
    with working_in(kettle):
        facts = {"name": "Tom Green", "handle": "tom@tea.example", "thread": "t", "published_at": timezone.now()}
        make_mention("Never mind, it was the cup.", **facts)
        Conversation.objects.update(changed_at=timezone.now() + timedelta(seconds=1))
    cache.clear()

    assert "Tom Green wrote again at" in poll(as_ada, mention, version).text
    asked = answer(as_ada, mention)

    assert (asked.status_code, "Tom Green wrote again at" in asked.text, texts(kettle)) == (422, True, [])
    with working_in(kettle):
        newest = Mention.objects.latest("published_at")
    assert f"mentions/{newest.pk}/reply/" in asked.text
    assert answer(as_ada, newest).status_code == 200


def test_seen_is_asked_under_the_lock_and_the_same_key_stays_one_answer(inside, ada, bob):
    mention = make_mention(thread="t", handle="tom@tea.example")
    key = uuid4()
    first = reply_to(mention, "Yes.", by=ada, key=key, seen=0)

    assert reply_to(mention, "Yes.", by=ada, key=key, seen=0) == first
    with pytest.raises(AlreadyAnsweredError):
        reply_to(mention, "Yes!", by=bob, even_so=True, seen=0)
    assert reply_to(mention, "Yes!", by=bob, even_so=True, seen=first.pk).text == "Yes!"
    make_mention("More", thread="t", handle="tom@tea.example", published_at=timezone.now())
    with pytest.raises(WroteAgainError):
        reply_to(mention, "Yes?", by=bob, even_so=True, seen=Reply.objects.latest("pk").pk)


def test_answer_on_home_leads_to_the_most_urgent_of_somebodys_conversations(mention, kettle, rf):
    with working_in(kettle):
        contact = make_contact("Tom Green")
        other = make_mention("Works", name="Tom Green", handle="tom@tea.example", thread="u")
        PublicAuthor.objects.update(contact=contact)
        for row, priority in ((mention, 40), (other, 9)):
            Conversation.objects.filter(pk=row.conversation_id).update(priority=priority)
        request = rf.get("/")
        for role, leads in (("community", {contact.pk: mention.conversation_id}), ("analyst", {})):
            request.membership = Membership(role=role)
            found = where_to_answer(request, [contact.pk])
            assert {pk: int(address.split("/")[-2]) for pk, address in found.items()} == leads


@pytest.mark.parametrize("role", ["analyst", "colleague"])
def test_only_those_who_may_answer_are_given_anything(inside, ada, role):
    reader = join(inside, make_user("reader@kettle.example", "Rita Reader"), role)
    conversation = make_mention().conversation

    with pytest.raises(NotAMemberError):
        assign(conversation, reader, by=ada)

    assert answerers() == {ada.pk: "Ada Berg"}
