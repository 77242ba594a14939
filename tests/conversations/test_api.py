"""`/conversations`: a machine reads the inbox, answers, notes, assigns, tags and closes; nothing wider, nothing twice."""

from datetime import timedelta

import pytest

from conversations.channels import Capabilities
from conversations.models import Conversation, Mention, Reply
from lib.clock import now
from lib.rooms import house
from social.networks.webhook import Webhook
from tests.factories.social import make_connection, make_mention
from tests.machines import machine_of
from workspaces.current import working_in
from workspaces.models import Event

pytestmark = pytest.mark.django_db
HERE = "/conversations"


@pytest.fixture
def machine(kettle):
    return machine_of(kettle)


@pytest.fixture
def mention(kettle):
    with working_in(kettle):
        connection = make_connection(callback_url="https://answers.example/hook")
        return make_mention("Does it fit?", connection=connection, visibility="followers")


def told(kettle) -> list[str]:
    with working_in(kettle):
        names = {"mention.received", "mention.answered", "conversation.closed"}
        return list(Event.objects.filter(type__in=names).order_by("pk").values_list("type", flat=True))


def test_the_inbox_is_listed_and_a_thread_is_read(machine, kettle, mention):
    with working_in(kettle):
        make_mention("Another", connection=mention.connection)
    listed = machine.get(f"{HERE}?limit=1").json()
    thread = machine.get(f"{HERE}/{mention.conversation_id}").json()

    assert len(listed["items"]) == 1
    rest = machine.get(f"{HERE}?after={listed['next']}").json()
    assert [one["id"] for one in rest["items"]] == [mention.conversation_id]
    assert [(one["kind"], one["text"], one["visibility"]) for one in thread["messages"]] == [
        ("theirs", "Does it fit?", "followers")
    ]
    assert machine.get(f"{HERE}/{mention.conversation_id + 999}").status_code == 404
    assert machine.get(f"{HERE}?state=lost").status_code == 422
    assert told(kettle) == ["mention.received", "mention.received"]


def test_an_answer_is_given_once_and_never_wider(machine, kettle, mention):
    where = f"{HERE}/{mention.conversation_id}/replies"

    made = machine.post(where, {"text": "It does.", "visibility": "public"})
    again = machine.post(where, {"text": "It does."})
    both = machine.post(where, {"text": "Truly.", "even_so": True, "visibility": "direct"})

    assert (made.status_code, made.json()["visibility"], made.json()["state"]) == (201, "followers", "waiting")
    assert (again.status_code, again.json()["code"]) == (409, "answered")
    assert (both.status_code, both.json()["visibility"]) == (201, "direct")
    with working_in(kettle):
        assert Reply.objects.count() == 2
        Mention.objects.update(deleted_at=now(), text="")
    assert machine.post(where, {"text": "x"}).json()["code"] == "gone"
    assert machine.post(where, {"text": "  "}).status_code in {409, 422}
    assert machine.post(where, {"text": "x", "to": "all"}).status_code == 422


def test_it_is_assigned_tagged_snoozed_closed(machine, kettle, mention, ada, eve):
    where = f"{HERE}/{mention.conversation_id}"

    changed = machine.patch(where, {"assignee": ada.pk, "tags": ["Breakage", "#breakage", "Saturday"]}).json()
    assert (changed["assignee"], changed["tags"]) == (ada.pk, ["Breakage", "Saturday"])
    assert machine.get(f"{HERE}?tag=BREAKAGE").json()["items"][0]["id"] == mention.conversation_id
    assert machine.patch(where, {"tags": ["Saturday"]}).json()["tags"] == ["Saturday"]
    assert machine.patch(where, {"assignee": eve.pk}).status_code == 422
    assert machine.patch(where, {"assignee": None}).json()["assignee"] is None
    assert machine.patch(where, {"tags": [""]}).status_code == 422
    later = (now() + timedelta(days=1)).isoformat()
    assert machine.patch(where, {"snoozed_until": later}).json()["state"] == "snoozed"
    assert machine.patch(where, {"state": "snoozed"}).status_code == 422
    assert machine.patch(where, {"snoozed_until": "2020-01-01T00:00:00Z"}).status_code == 422
    assert machine.patch(where, {"state": "waiting"}).json()["state"] == "waiting"
    assert machine.patch(where, {"state": "done"}).json()["state"] == "done"
    assert told(kettle) == ["mention.received", "conversation.closed"]
    with working_in(kettle):
        assert Conversation.objects.get().state == "done"


def test_a_note_is_the_teams_and_teams_are_told(machine, kettle, mention):
    made = machine.post(f"{HERE}/{mention.conversation_id}/notes", {"text": "Two stand here."})
    thread = machine.get(f"{HERE}/{mention.conversation_id}").json()

    assert made.status_code == 201
    assert thread["messages"][-1]["kind"] == "note"
    assert machine.post(f"{HERE}/{mention.conversation_id}/notes", {"text": ""}).status_code == 422
    assert machine.get("/teams").json() == {"items": []}


def test_a_like_is_given_once_where_there_are_likes(machine, kettle, mention, monkeypatch):
    class Applauding(Webhook):
        def capabilities(self):
            return Capabilities(likes=True)

    where = f"{HERE}/{mention.conversation_id}/likes"
    refused = machine.post(where, {})
    monkeypatch.setitem(house.networks, mention.connection.network, Applauding)
    made, again = machine.post(where, {}), machine.post(where, {"mention": mention.pk})

    assert (refused.status_code, refused.json()["code"]) == (409, "no_likes")
    assert (made.status_code, made.json()["id"], made.json()["state"]) == (201, again.json()["id"], "waiting")
    thread = machine.get(f"{HERE}/{mention.conversation_id}").json()
    assert [(one["kind"], one["text"]) for one in thread["messages"]][1:] == [("like", "")]
    assert machine.post(where, {"mention": mention.pk + 999}).status_code == 409
