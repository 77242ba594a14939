"""One act on what was picked: done where it can be, told where it cannot, taken back where one alone can be."""

import json

import pytest

from conversations.channels import Capabilities
from conversations.inbox.acting_on_many import act_on_many
from conversations.models import Conversation, ConversationTag, Mention, Reply
from lib.clock import now
from lib.rooms import house
from tests.factories.social import make_mention
from workspaces.current import working_in
from workspaces.models import AuditEntry

from .test_liking import Applauding

INBOX = "/w/kettle/inbox/"
MANY = f"{INBOX}many/"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def three(kettle):
    with working_in(kettle):
        return [make_mention(f"Does it drip, {n}?").conversation_id for n in range(3)]


def states(kettle):
    with working_in(kettle):
        return list(Conversation.objects.order_by("pk").values_list("state", flat=True))


def said(response):
    return json.loads(response.headers["HX-Trigger"])["toast"]


@pytest.mark.parametrize(("act", "after"), [("close", "done"), ("snooze", "snoozed"), ("spam", "spam")])
def test_many_are_done_at_once_and_taken_back(as_ada, kettle, three, act, after):
    response = as_ada.post(MANY, {"act": act, "pick": three[:2], "until": "tomorrow"}, headers=HTMX)
    assert (response.status_code, states(kettle)) == (200, [after, after, "waiting"])
    assert 'id="list"' in response.text

    as_ada.post(said(response)["undo"], headers=HTMX)

    assert states(kettle) == ["waiting"] * 3


def test_many_are_given_to_a_member(as_ada, ada, kettle, three):
    response = as_ada.post(MANY, {"act": "assign", "to": ada.pk, "pick": three}, headers=HTMX)
    with working_in(kettle):
        assert set(Conversation.objects.values_list("assignee_id", flat=True)) == {ada.pk}
    assert said(response) == {"text": "3 conversations given.", "undo": ""}


def test_many_are_given_to_nobody_who_may_not_answer(as_ada, eve, kettle, three):
    for to in (eve.pk, 999_999, "x"):
        response = as_ada.post(MANY, {"act": "assign", "to": to, "pick": three}, headers=HTMX)
        assert response.status_code == 422
    with working_in(kettle):
        assert not Conversation.objects.exclude(assignee_id=None).exists()


def test_many_bear_a_tag_and_who_has_twenty_is_told(as_ada, kettle, three):
    with working_in(kettle):
        ConversationTag.objects.bulk_create(
            ConversationTag(conversation_id=three[0], name=f"t{n}", folded=f"t{n}") for n in range(20)
        )
    response = as_ada.post(MANY, {"act": "tag", "tag": "#Spout", "pick": three}, headers=HTMX)

    with working_in(kettle):
        tagged = ConversationTag.objects.filter(name="Spout").values_list("conversation_id", flat=True)
        assert sorted(tagged) == three[1:]
    assert "2 conversations tagged." in said(response)["text"]
    assert "no such tag, or twenty already" in said(response)["text"]


def test_many_are_liked_where_it_can_be(as_ada, kettle, three, monkeypatch):
    class Choosy(Applauding):
        def capabilities(self):
            return Capabilities(likes=self.connection.name == "Likes")

    with working_in(kettle):
        conversation = Conversation.objects.get(pk=three[0])
        monkeypatch.setitem(house.networks, conversation.connection.network, Choosy)
        conversation.connection.name = "Likes"
        conversation.connection.save()
        Mention.objects.filter(conversation=three[1]).update(deleted_at=now())
    response = as_ada.post(MANY, {"act": "like", "pick": three}, headers=HTMX)

    with working_in(kettle):
        assert sorted(Reply.objects.values_list("conversation_id", flat=True)) == [three[0], three[2]]
    assert "2 liked." in said(response)["text"]
    assert "deleted by its author" in said(response)["text"]


def test_what_is_closed_is_told_and_not_closed_again(as_ada, kettle, three):
    with working_in(kettle):
        act_on_many(three[:1], "close", by=None)
    response = as_ada.post(MANY, {"act": "close", "pick": three}, headers=HTMX)

    with working_in(kettle):
        assert AuditEntry.objects.filter(action="conversation.closed").count() == 3
    assert ("2 conversations done." in said(response)["text"], "closed already" in said(response)["text"]) == (
        True,
    ) * 2


@pytest.mark.parametrize("headers", [{}, HTMX])
@pytest.mark.parametrize(
    "data", [{}, {"act": "burn"}, {"act": "close"}, {"act": "snooze", "until": "never"}, {"act": "tag", "tag": ""}]
)
def test_what_is_odd_breaks_nothing(as_ada, kettle, three, data, headers):
    response = as_ada.post(MANY, data | {"pick": ["x", "999999", "²"]}, headers=headers)
    assert (response.status_code < 500, states(kettle)) == (True, ["waiting"] * 3)


def test_a_plain_browser_is_sent_to_the_list(as_ada, kettle, three):
    response = as_ada.post(f"{MANY}?queue=mine", {"act": "close", "pick": three})
    assert (response.status_code, response.url, states(kettle)) == (302, f"{INBOX}?queue=mine", ["done"] * 3)


def test_it_is_for_those_who_may_answer(member, as_eve, kettle, three):
    data = {"act": "close", "pick": three}
    assert (as_eve.post(MANY, data).status_code, member("analyst").post(MANY, data).status_code) == (404, 403)
    assert states(kettle) == ["waiting"] * 3


def test_picking_shows_what_can_be_done(as_ada, three):
    page = as_ada.get(f"{INBOX}?pick").text
    assert ('value="like"' in page, 'value="assign"' in page, "Ada Berg" in page) == (True, True, True)
