"""The inbox's doors for machines: many at once, approval, whose account it is, and the events that tell of them."""

from datetime import timedelta

import pytest

from contacts.models import Identity
from conversations.answers.approving import ask_approval
from conversations.authors.authoring import link_author
from conversations.models import AnswerDraft, Conversation, PublicAuthor, Reply
from lib.clock import now
from tests.conftest import join, make_user
from tests.factories.contacts import make_contact
from tests.factories.social import make_connection, make_mention
from tests.machines import machine_of
from workspaces.current import working_in
from workspaces.models import Event, Notice, Role

pytestmark = pytest.mark.django_db
ACTS, APPROVALS = "/conversation-acts", "/approvals"


@pytest.fixture
def machine(kettle):
    return machine_of(kettle)


@pytest.fixture
def jonas(kettle):
    return join(kettle, make_user("jonas@kettle.example", "Jonas Brandt"), Role.EDITOR)


@pytest.fixture
def three(kettle):
    with working_in(kettle):
        connection = make_connection(callback_url="https://answers.example/hook")
        return [make_mention(connection=connection) for _n in range(3)]


@pytest.fixture
def elsewhere(rival):
    """A conversation of another workspace, with an answer that waits there."""
    with working_in(rival):
        mention = make_mention(connection=make_connection(callback_url="https://answers.example/hook"))
        draft = ask_approval(mention, "Theirs.", by=make_user("zoe@elsewhere.example", "Zoe"))
    return mention, draft


@pytest.fixture
def asked(kettle, three, jonas):
    with working_in(kettle):
        return ask_approval(three[0], "It does.", by=jonas)


def events(kettle, *kinds):
    with working_in(kettle):
        return [(one.type, one.data) for one in Event.objects.filter(type__in=kinds).order_by("pk")]


def test_many_are_closed_given_tagged_and_each_that_was_left_says_why(machine, kettle, three, ada, elsewhere):
    ids = [one.conversation_id for one in three]

    given = machine.post(ACTS, {"act": "assign", "conversations": ids, "assignee": ada.pk}).json()
    tagged = machine.post(ACTS, {"act": "tag", "conversations": ids[:2], "tag": "Lids"}).json()
    closed = machine.post(ACTS, {"act": "close", "conversations": ids[:1]}).json()
    again = machine.post(ACTS, {"act": "close", "conversations": [*ids, elsewhere[0].conversation_id]}).json()

    assert (given, tagged["done"]) == ({"done": ids, "left": []}, ids[:2])
    assert closed == {"done": ids[:1], "left": []}
    assert again == {"done": ids[1:], "left": [{"conversation": ids[0], "why": "closed already"}]}
    with working_in(kettle):
        assert set(Conversation.objects.values_list("state", "assignee_id")) == {("done", ada.pk)}
    until = (now() + timedelta(days=1)).isoformat()
    assert machine.post(ACTS, {"act": "reopen", "conversations": ids}).json()["done"] == ids
    assert machine.post(ACTS, {"act": "snooze", "conversations": ids, "snoozed_until": until}).json()["done"] == ids


@pytest.mark.parametrize(
    "wrong",
    [
        {"act": "snooze"},
        {"act": "snooze", "snoozed_until": "2020-01-01T00:00:00Z"},
        {"act": "close", "tag": "Lids"},
        {"act": "assign"},
        {"act": "assign", "assignee": 999_999},
        {"act": "explode"},
        {"act": "close", "conversations": []},
        {"act": "close", "conversations": list(range(1, 202))},
    ],
)
def test_an_act_that_lacks_something_does_nothing(machine, kettle, three, wrong):
    body = {"conversations": [one.conversation_id for one in three]} | wrong

    assert machine.post(ACTS, body).status_code == 422
    with working_in(kettle):
        assert set(Conversation.objects.values_list("state", flat=True)) == {"waiting"}


def test_who_is_no_member_who_answers_is_given_nothing(machine, three, eve):
    body = {"act": "assign", "conversations": [three[0].conversation_id], "assignee": eve.pk}

    assert machine.post(ACTS, body).status_code == 422


def test_a_key_needs_the_scopes(kettle, three, asked):
    reads = machine_of(kettle, ["conversations:read", "contacts:read"])
    ids = [one.conversation_id for one in three]

    assert reads.post(ACTS, {"act": "close", "conversations": ids}).status_code == 403
    assert reads.get(APPROVALS).status_code == 200
    assert reads.post(f"{APPROVALS}/{asked.pk}/replies", {"text": "It does."}).status_code == 403
    assert reads.post(f"{APPROVALS}/{asked.pk}/return").status_code == 403
    assert reads.post(f"/conversations/{ids[0]}/contact").status_code == 403
    writes = machine_of(kettle, ["conversations:read", "conversations:write"])
    assert writes.delete(f"/conversations/{ids[0]}/contact").status_code == 403
    with working_in(kettle):
        assert not Reply.objects.exists()
        assert AnswerDraft.objects.get().asked_at is not None


def test_what_waits_is_listed_approved_as_it_is_read_and_gone(machine, kettle, asked, jonas, elsewhere):
    (shown,) = machine.get(APPROVALS).json()["items"]
    where = f"{APPROVALS}/{asked.pk}/replies"
    sent = machine.post(where, {"text": "It does, with the old lid."}, Idempotency_Key="one")
    same = machine.post(where, {"text": "It does, with the old lid."}, Idempotency_Key="one")

    assert (shown["id"], shown["text"], shown["by"]) == (asked.pk, "It does.", jonas.pk)
    assert (sent.status_code, sent.json()) == (201, same.json())
    with working_in(kettle):
        row = Reply.objects.get()
        assert (row.text, row.by_id, row.approved_by_id) == ("It does, with the old lid.", jonas.pk, None)
    assert machine.get(APPROVALS).json()["items"] == []
    assert machine.post(where, {"text": "Once more"}).status_code == 404
    assert machine.post(f"{APPROVALS}/{elsewhere[1].pk}/replies", {"text": "x"}).status_code == 404
    assert machine.post(f"{APPROVALS}/{elsewhere[1].pk}/return").status_code == 404
    told = events(kettle, "answer.asked", "answer.returned")
    data = {"conversation_id": asked.conversation_id, "approval_id": asked.pk, "by": jonas.pk}
    assert told == [("answer.asked", data)]


def test_what_is_given_back_is_its_writers_and_told(machine, kettle, asked, jonas):
    assert machine.post(f"{APPROVALS}/{asked.pk}/return").status_code == 204
    assert machine.post(f"{APPROVALS}/{asked.pk}/return").status_code == 404
    with working_in(kettle):
        assert AnswerDraft.objects.get().asked_at is None
        assert Notice.objects.get(kind="conversations.returned").user_id == jonas.pk
    assert [kind for kind, _data in events(kettle, "answer.returned")] == ["answer.returned"]


def test_an_approval_is_no_second_answer(machine, kettle, asked, three):
    where = f"/conversations/{three[0].conversation_id}/replies"
    assert machine.post(where, {"text": "I was first."}).status_code == 201

    held = machine.post(f"{APPROVALS}/{asked.pk}/replies", {"text": "It does."})

    assert (held.status_code, held.json()["code"]) == (409, "answered")
    assert machine.get(APPROVALS).json()["items"] != []  # it goes on asking
    assert machine.post(f"{APPROVALS}/{asked.pk}/replies", {"text": "It does.", "even_so": True}).status_code == 201


def test_the_writer_becomes_a_contact_and_is_parted_again(machine, kettle, three, elsewhere):
    where = f"/conversations/{three[0].conversation_id}/contact"
    made = machine.post(where).json()["contact"]
    assert machine.post(where).json()["contact"] == made
    assert machine.delete(where).json() == {"conversation": three[0].conversation_id, "contact": made}
    assert machine.delete(where).json()["contact"] is None
    assert machine.delete(f"/conversations/{elsewhere[0].conversation_id}/contact").status_code == 404
    data = {"conversation_ids": [three[0].conversation_id]}
    assert events(kettle, "author.parted") == [("author.parted", data)]


def test_who_is_named_by_another_way_is_not_parted(machine, kettle, three):
    with working_in(kettle):
        greta, author = make_contact("Greta"), three[0].author
        PublicAuthor.objects.filter(pk=author.pk).update(claimed_by=0)
        author.refresh_from_db()
        link_author(author, greta, by=None)
        Identity.objects.filter(contact=greta).update(evidence="typed in")

    held = machine.delete(f"/conversations/{three[0].conversation_id}/contact")

    assert (held.status_code, held.json()["code"]) == (409, "still_named")


def test_merging_and_splitting_are_told(machine, kettle):
    with working_in(kettle):
        first = make_mention("One", handle="greta@tea.example", thread="a")
        second = make_mention("Two", handle="greta@tea.example", thread="b")
    one, two = first.conversation_id, second.conversation_id
    merge = machine.post(f"/conversations/{one}/merges", {"other": two}).json()["id"]
    machine.delete(f"/conversations/{one}/merges/{merge}")
    machine.post(f"/conversations/{one}/merges", {"other": two})
    part = machine.post(f"/conversations/{one}/splits", {"mention": second.pk, "only": True}).json()["id"]

    told = events(kettle, "conversation.merged", "conversation.unmerged", "conversation.split")

    assert [kind for kind, _data in told] == [
        "conversation.merged", "conversation.unmerged", "conversation.merged", "conversation.split",
    ]  # fmt: skip
    assert told[0][1] == {"conversation_id": one, "merge_id": merge, "emptied_id": two}
    assert told[3][1] == {"conversation_id": one, "part_id": part}
