"""Permission through the API: the ledger with its proof, a yes, a no, the suppression list."""

import pytest

from consent.consenting import give_consent
from consent.models import Consent, Topic
from consent.suppressing import is_suppressed, suppress
from contacts.editing import create_contact
from lib.clock import now
from tests.machines import machine_of
from workspaces.current import working_in


@pytest.fixture
def machine(kettle):
    return machine_of(kettle)


@pytest.fixture
def greta(kettle):
    with working_in(kettle):
        return create_contact(by=None, name="Greta", email="greta@tea.example")


@pytest.fixture
def letter(kettle):
    with working_in(kettle):
        return Topic.objects.order_by("position")[0].key


def states(machine, greta, topic):
    said = machine.get(f"/contacts/{greta.pk}").json()["consents"]
    return [one["state"] for one in said if one["topic"] == topic and one["channel"] == "email"]


def test_a_yes_is_written_down_with_its_proof(machine, greta, letter):
    said = {"topic": letter, "state": "given", "wording": "Yes, send me the letter.", "page": "https://tea.example/in",
            "ip": "192.0.2.7", "source": "till"}  # fmt: skip

    made = machine.post(f"/contacts/{greta.pk}/consents", said)

    assert made.status_code == 201
    [line] = machine.get(f"/contacts/{greta.pk}/consents").json()["items"]
    assert line == made.json()
    kept = ("topic", "channel", "state", "basis", "wording", "page", "ip", "source")
    assert [line[name] for name in kept] == [
        letter, "email", "given", "consent", "Yes, send me the letter.", "https://tea.example/in", "192.0.2.7", "till",
    ]  # fmt: skip
    assert states(machine, greta, letter) == ["given"]


def test_a_no_stands_until_the_person_says_yes_again(machine, greta, letter):
    path = f"/contacts/{greta.pk}/consents"
    machine.post(path, {"topic": letter, "state": "given"})
    assert machine.post(path, {"topic": letter, "state": "withdrawn"}).status_code == 201

    refused = machine.post(path, {"topic": letter, "state": "given"})

    assert (refused.status_code, refused.json()["code"]) == (409, "no_proof")
    assert states(machine, greta, letter) == ["withdrawn"]
    assert machine.post(path, {"topic": letter, "state": "given", "page": "https://tea.example"}).status_code == 201
    assert states(machine, greta, letter) == ["given"]


def test_a_yes_that_ended_and_one_that_waits_say_so(machine, kettle, greta, letter):
    with working_in(kettle):
        topics = Topic.objects.order_by("position")
        give_consent(greta, topic=topics[0], expires_at=now())
        Consent.objects.create(contact=greta, topic=topics[1], state=Consent.State.REQUESTED)
        waiting = topics[1].key

    assert states(machine, greta, letter) == ["expired"]
    assert states(machine, greta, waiting) == ["requested"]


def test_saying_no_twice_is_saying_it_once(machine, kettle, greta):
    path = f"/contacts/{greta.pk}/consents"
    first = machine.post(path, {"state": "withdrawn"})
    again = machine.post(path, {"state": "withdrawn"})

    assert first.json() == again.json()
    with working_in(kettle):
        assert Consent.objects.count() == 1
        assert is_suppressed("greta@tea.example")


@pytest.mark.parametrize(
    "said",
    [
        {"topic": "no-such", "state": "given"},
        {"state": "maybe"},
        {"state": "given", "channel": "pigeon"},
        {"state": "given", "at": "0001-01-01T00:00:00Z"},
        {"state": "given", "at": "2199-01-01T00:00:00Z"},
        {"state": "given", "at": "2026-01-01T00:00:00"},
        {"state": "given", "ip": "300.1.1.1"},
    ],
)
def test_words_that_cannot_be_are_refused(machine, greta, said):
    assert machine.post(f"/contacts/{greta.pk}/consents", said).status_code == 422


def test_addresses_are_put_on_the_list_looked_up_and_lifted(machine, kettle, greta):
    added = machine.post("/suppressions", {"addresses": ["Greta@Tea.example", "nonsense"], "why": "asked at the till"})
    assert added.json() == {"count": 1, "unusable": ["nonsense"]}

    [found] = machine.get("/suppressions/check?address=greta@tea.example").json()["items"]
    assert (found["is_suppressed"], found["contact_id"], found["channel"]) == (True, greta.pk, "email")
    entry = found["entries"][0]
    assert (entry["reason"], entry["source"]) == ("manual", "asked at the till")
    assert machine.get("/suppressions").json()["items"] == [entry]
    assert machine.post(f"/suppressions/{entry['id']}/lift", {"address": "tom@tea.example"}).status_code == 422

    assert machine.post(f"/suppressions/{entry['id']}/lift", {"address": "greta@tea.example"}).status_code == 204

    with working_in(kettle):
        assert not is_suppressed("greta@tea.example")


def test_what_a_mailbox_said_is_not_lifted_by_a_machine(machine, kettle):
    with working_in(kettle):
        suppress("tom@tea.example", reason="complaint")
    [entry] = machine.get("/suppressions?reason=complaint").json()["items"]

    refused = machine.post(f"/suppressions/{entry['id']}/lift", {"address": "tom@tea.example"})

    assert (refused.status_code, refused.json()["code"]) == (409, "not_by_hand")


def test_the_list_has_pages(machine):
    machine.post("/suppressions", {"addresses": [f"p{n}@tea.example" for n in range(5)]})
    seen, after = [], ""
    while after is not None:
        page = machine.get(f"/suppressions?limit=2&after={after}").json()
        seen += [one["id"] for one in page["items"]]
        after = page["next"]

    assert len(seen) == len(set(seen)) == 5
    assert machine.get("/suppressions?after=eA").status_code == 422


def test_how_far_may_be_measured_is_asked_and_said(machine, greta):
    path = f"/contacts/{greta.pk}/tracking"
    usual = machine.get(path).json()

    less = machine.post(path, {"mode": "none", "source": "call"}).json()
    more = machine.post(path, {"mode": "full"})
    with_page = machine.post(path, {"mode": "full", "page": "https://tea.example/me"}).json()

    assert (usual["mode"], usual["said"]) == ("full", [])  # of the cast's workspace
    assert (less["mode"], less["said"][0]["source"]) == ("none", "call")
    assert (more.status_code, more.json()["code"]) == (409, "no_proof")
    assert (with_page["mode"], len(with_page["said"])) == ("full", 2)


def test_topics_are_told(machine, letter):
    assert machine.get("/topics").json()["items"][0]["key"] == letter


@pytest.mark.parametrize("page", ["   ", "\0", "the till", "javascript:alert(1)", "https://"])
def test_what_names_no_page_is_no_proof(machine, greta, page):
    for state in ("given", "withdrawn"):
        machine.post(f"/contacts/{greta.pk}/consents", {"topic": "letter", "state": state})

    answer = machine.post(f"/contacts/{greta.pk}/consents", {"topic": "letter", "state": "given", "page": page})

    assert answer.status_code in {409, 422}, answer.content
    assert machine.post(f"/contacts/{greta.pk}/tracking", {"mode": "none"}).status_code == 200
    again = machine.post(f"/contacts/{greta.pk}/tracking", {"mode": "full", "page": page})
    assert again.status_code in {409, 422}


def test_a_no_to_measuring_is_not_undone_by_taking_it_back_without_proof(machine, greta):
    path = f"/contacts/{greta.pk}/tracking"
    assert machine.post(path, {"mode": "none"}).status_code == 200

    assert machine.post(path, {"mode": None}).json()["code"] == "no_proof"
    assert machine.post(path, {"mode": "full"}).json()["code"] == "no_proof"
    assert machine.get(path).json()["mode"] == "none"
    assert machine.post(path, {"mode": None, "page": "https://kettle.example/me"}).json()["mode"] == "full"
