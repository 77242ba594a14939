"""Cases by the API: opened, changed, promises settled, closed; offers pause and go on as on the page."""

from datetime import timedelta

import pytest

from contacts.models import Contact
from conversations.assigning import resolve_complaint
from conversations.cases import open_case
from conversations.models import Case, Conversation
from lib.clock import now
from tests.factories.contacts import make_contact
from tests.factories.social import make_connection, make_mention
from tests.machines import machine_of
from workspaces.current import working_in
from workspaces.models import AuditEntry, Event

pytestmark = pytest.mark.django_db
UNTIL = "2026-12-24T10:00:00+00:00"


@pytest.fixture
def machine(kettle):
    return machine_of(kettle)


@pytest.fixture
def talk(kettle):
    """A conversation with a contact."""
    with working_in(kettle):
        mention = make_mention(connection=make_connection())
        mention.author.contact = make_contact("amelie@cups.example")
        mention.author.save()
        return mention.conversation


@pytest.fixture
def theirs(rival):
    with working_in(rival):
        return open_case(make_mention(connection=make_connection()).conversation, by=None, what="Theirs")


def case_of(talk):
    return f"/conversations/{talk.pk}/case"


def told(kettle):
    with working_in(kettle):
        return [one.type for one in Event.objects.filter(type__startswith="case.").order_by("pk")]


def waits(kettle):
    """Whether offers to her pause."""
    with working_in(kettle):
        return Contact.objects.get().complaint_since is not None


def test_a_case_is_opened_changed_kept_and_closed(machine, kettle, talk, ada):
    opened = machine.call("PUT", case_of(talk), {"what": "Six cups\n broken"}).json()
    assert (opened["what"], opened["promise"], opened["was_kept"], opened["outcome"]) == (
        "Six cups broken",
        "",
        None,
        "",
    )
    assert waits(kettle)

    promise = {"promise": "Six cups", "promised_by": ada.pk, "due_at": UNTIL}
    changed = machine.call("PUT", case_of(talk), {"what": "Six cups broken", **promise}).json()
    assert (changed["id"], changed["promised_by"]) == (opened["id"], ada.pk)

    place = f"/cases/{opened['id']}"
    assert machine.post(f"{place}/promise", {"was_kept": True}).json()["was_kept"] is True
    assert machine.post(f"{place}/promise", {"was_kept": True}).status_code == 200
    assert machine.post(f"{place}/promise", {"was_kept": False}).json()["code"] == "no_promise"
    closed = machine.post(f"{place}/close", {"outcome": "recovered"}).json()
    again = machine.post(f"{place}/close", {"outcome": "lost"}).json()

    assert closed["outcome"] == again["outcome"] == "recovered"
    assert closed["closed_at"] == again["closed_at"] is not None
    assert not waits(kettle)
    assert told(kettle) == ["case.opened", "case.promise_settled", "case.closed"]
    with working_in(kettle):
        kinds = AuditEntry.objects.filter(action__startswith="case.").order_by("pk").values_list("action", flat=True)
        assert list(kinds) == ["case.opened", "case.changed", "case.promise_kept", "case.closed"]


def test_machines_hear_of_the_cases_that_a_resolved_complaint_closes(machine, kettle, talk, ada):
    case = machine.call("PUT", case_of(talk), {"what": "Six cups broken"}).json()

    with working_in(kettle):
        resolve_complaint(Conversation.objects.get(pk=talk.pk), by=ada)
        data = [one.data for one in Event.objects.filter(type="case.closed")]

    assert data == [{"conversation_id": talk.pk, "case_id": case["id"]}]
    assert machine.get("/cases?is_open=false").json()["items"][0]["outcome"] == "recovered"


@pytest.mark.parametrize(
    ("wrong", "at"),
    [
        ({"what": ""}, "what"),
        ({"what": " \u200b "}, "what"),
        ({"what": "x" * 301}, "what"),
        ({"promise": "Six cups"}, "due_at"),
        ({"due_at": UNTIL}, "promise"),
        ({"promise": "Six cups", "due_at": UNTIL}, "promised_by"),
        ({"promise": "Six cups", "due_at": UNTIL, "promised_by": 999_999}, "promised_by"),
        ({"promise": "Six cups", "due_at": "9999-12-31T00:00:00Z", "promised_by": 1}, "due_at"),
        ({"outcome": "lost"}, "outcome"),
    ],
)
def test_half_a_promise_is_refused_and_opens_nothing(machine, kettle, talk, wrong, at):
    answer = machine.call("PUT", case_of(talk), {"what": "Six cups broken"} | wrong)

    assert answer.status_code == 422
    assert at in str(answer.json()["errors"])
    with working_in(kettle):
        assert not Case.objects.exists()


def test_what_was_never_promised_is_not_kept(machine, talk):
    case = machine.call("PUT", case_of(talk), {"what": "Six cups broken"}).json()

    assert machine.post(f"/cases/{case['id']}/promise", {"was_kept": True}).status_code == 409
    assert machine.post(f"/cases/{case['id']}/close", {"outcome": "forgotten"}).status_code == 422


def test_cases_are_listed_newest_first_by_what_is_asked(machine, kettle, talk, ada, theirs):
    with working_in(kettle):
        other = make_mention(connection=make_connection()).conversation
        promised = {"promise": "A lid", "promised_by_id": ada.pk, "due_at": now() + timedelta(days=1)}
        hers, other_case = open_case(talk, by=ada, what="Broken"), open_case(other, by=ada, what="Late", **promised)
        whose = talk.author.contact_id

    def listed(query=""):
        return [one["id"] for one in machine.get(f"/cases{query}").json()["items"]]

    assert listed() == [other_case.pk, hers.pk]
    assert listed(f"?contact={whose}") == [hers.pk]
    assert listed(f"?promised_by={ada.pk}") == [other_case.pk]
    machine.post(f"/cases/{hers.pk}/close", {"outcome": "lost"})
    assert (listed("?is_open=true"), listed("?is_open=false")) == ([other_case.pk], [hers.pk])
    first = machine.get("/cases?limit=1").json()
    assert listed(f"?after={first['next']}") == [hers.pk]


def test_anothers_case_is_not_there_and_a_key_needs_the_scopes(machine, kettle, talk, theirs):
    reads = machine_of(kettle, ["conversations:read", "contacts:read"])

    assert machine.post(f"/cases/{theirs.pk}/close", {"outcome": "lost"}).status_code == 404
    assert machine.post(f"/cases/{theirs.pk}/promise", {"was_kept": True}).status_code == 404
    assert machine.call("PUT", f"/conversations/{theirs.conversation_id}/case", {"what": "Ours"}).status_code == 404
    assert reads.call("PUT", case_of(talk), {"what": "Broken"}).status_code == 403
    assert reads.get("/cases").status_code == 200


def test_a_list_of_cases_asks_as_often_for_many_as_for_one(machine, kettle, ada, django_assert_max_num_queries):
    with working_in(kettle):
        for _n in range(30):
            open_case(make_mention(connection=make_connection()).conversation, by=None, what="Broken")

    with django_assert_max_num_queries(20):
        assert len(machine.get("/cases").json()["items"]) == 30
