"""People through the API: found, made, changed, recognised, merged, as the pages do it."""

import pytest

from consent.consenting import give_consent, withdraw_consent
from consent.models import Topic
from contacts.editing import add_role, add_tag, create_contact
from contacts.merging import link_contacts
from contacts.models import Contact, DuplicatePair, Identity
from tests.machines import machine_of
from workspaces.current import working_in
from workspaces.models import AuditEntry


@pytest.fixture
def machine(kettle):
    return machine_of(kettle)


@pytest.fixture
def greta(kettle):
    with working_in(kettle):
        return create_contact(by=None, name="Greta Lindqvist", email="greta@tea.example", phone="+4930901820")


def test_who_has_an_email_is_found_by_it_with_what_they_said(machine, kettle, greta):
    with working_in(kettle):
        letter, offers = Topic.objects.order_by("position")[:2]
        give_consent(greta, topic=letter)

    found = machine.get("/contacts?email=GRETA@tea.example").json()

    assert [one["id"] for one in found["items"]] == [greta.pk]
    assert found["next"] is None
    said = {(one["topic"], one["channel"]): one["state"] for one in found["items"][0]["consents"]}
    assert said[letter.key, "email"] == "given"
    assert said[offers.key, "email"] == "none"
    assert said[None, "email"] == "none"


def test_the_word_that_counts_is_the_persons_merged_ones_included(machine, kettle, greta):
    with working_in(kettle):
        letter = Topic.objects.order_by("position")[0]
        other = create_contact(by=None, name="G. Lindqvist", email="old@tea.example")
        give_consent(greta, topic=letter)
        withdraw_consent(other, topic=letter)
        link_contacts(other.pk, greta.pk)

    by_old = machine.get("/contacts?email=old@tea.example").json()["items"]

    assert [one["id"] for one in by_old] == [greta.pk]
    assert by_old[0]["merged_ids"] == [other.pk]
    assert {"topic": letter.key, "channel": "email", "state": "withdrawn"} in by_old[0]["consents"]
    assert {one["value"] for one in by_old[0]["identities"] if one["kind"] == "email"} == {
        "greta@tea.example",
        "old@tea.example",
    }
    assert machine.get(f"/contacts/{other.pk}").json()["id"] == greta.pk


def test_a_no_to_everything_is_a_no_to_each_topic(machine, kettle, greta):
    with working_in(kettle):
        withdraw_consent(greta, topic=None)

    [found] = machine.get("/contacts?email=greta@tea.example").json()["items"]

    assert {one["state"] for one in found["consents"]} == {"withdrawn"}


def test_filters_narrow_and_one_that_is_misspelt_is_refused(machine, kettle, greta):
    with working_in(kettle):
        add_tag(greta, "Oolong", by=None)
        add_role(greta, 3, by=None)
        create_contact(by=None, name="Tom", email="tom@tea.example")

    def ids(query):
        return [one["id"] for one in machine.get(f"/contacts?{query}").json()["items"]]

    assert ids("tag=oolong") == ids("role=influencer") == ids("phone=%2B49%2030%20901820") == [greta.pk]
    assert ids("tag=oolong&email=tom@tea.example") == []
    assert len(ids("")) == 2
    assert machine.get("/contacts?emial=greta@tea.example").status_code == 422
    assert machine.get("/contacts?email=no-address").json()["errors"][0]["at"] == "query.email"
    assert machine.get("/contacts?segment=99").status_code == 422
    assert machine.get("/contacts?after=nonsense").status_code == 422


def test_pages_miss_nobody_while_people_come_in(machine, kettle):
    with working_in(kettle):
        first = [create_contact(by=None, name=f"P{n}").pk for n in range(5)]
    page = machine.get("/contacts?limit=2").json()
    seen = [one["id"] for one in page["items"]]
    with working_in(kettle):
        late = create_contact(by=None, name="Late").pk
        Contact.objects.filter(pk=first[0]).update(erased_at="2026-01-01T00:00Z")

    while page["next"]:
        page = machine.get(f"/contacts?limit=2&after={page['next']}").json()
        seen += [one["id"] for one in page["items"]]

    assert seen == [*first, late]


def test_a_contact_is_made_with_everything_that_is_said_of_it(machine, kettle):
    said = {
        "given_name": "Ana",
        "family_name": "Lima",
        "email": "Ana@Tea.example",
        "phone": "+351211234567",
        "country": "Portugal",
        "external_id": "C-7",
        "contact_frequency": "less",
        "fields": {"favourite": "oolong", "points": 12, "vip": True},
        "tags": ["tasting"],
        "roles": ["customer"],
    }

    made = machine.post("/contacts", said)

    assert made.status_code == 201, made.content
    person = made.json()
    assert (person["name"], person["email"], person["country"]) == ("Ana Lima", "ana@tea.example", "PT")
    assert (person["phone"], person["contact_frequency"]) == ("+351211234567", "less")
    assert person["fields"] == {"favourite": "oolong", "points": 12, "vip": "yes"}
    assert [one["name"] for one in person["tags"]] == ["tasting"]
    assert person["roles"] == ["customer"]
    assert {(one["kind"], one["value"]) for one in person["identities"]} >= {("external_id", "C-7")}
    assert machine.get("/contacts?external_id=C-7").json()["items"] == [person]
    with working_in(kettle):
        entry = AuditEntry.objects.get(action="contact.created")
        assert entry.actor_id is None
        assert entry.details["key"]


@pytest.mark.parametrize(
    ("said", "status", "code"),
    [
        ({}, 422, "names_nobody"),
        ({"name": "   "}, 422, "names_nobody"),
        ({"email": "nonsense"}, 422, "unusable_address"),
        ({"email": "greta@tea.example"}, 409, "taken"),
        ({"name": "X", "phone": "4.91512E+11"}, 422, "unusable_address"),
        ({"name": "X", "country": "Atlantis"}, 422, "invalid"),
        ({"name": "X", "zone": "Mars/Olympus"}, 422, "invalid"),
        ({"name": "X", "nmae": "Y"}, 422, "invalid"),
        ({"name": "X" * 201}, 422, "invalid"),
        ({"name": "X", "fields": {"firstName": "Y"}}, 422, "invalid"),
        ({"name": "X", "external_id": "undefined"}, 422, "unusable_address"),
        ({"name": "X", "tags": [" "]}, 422, "invalid"),
    ],
)
def test_what_cannot_be_is_refused_whole(machine, kettle, greta, said, status, code):
    answer = machine.post("/contacts", said)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer["Content-Type"] == "application/problem+json"
    with working_in(kettle):
        assert Contact.objects.count() == 1


def test_half_of_a_contact_is_not_kept(machine, kettle, greta):
    with working_in(kettle):
        Identity.objects.create(contact=greta, kind=Identity.Kind.EXTERNAL_ID, value="C-7")

    answer = machine.post("/contacts", {"name": "Ana", "email": "ana@tea.example", "external_id": "C-7"})

    assert (answer.status_code, answer.json()["code"]) == (409, "taken")
    with working_in(kettle):
        assert not Identity.objects.filter(value="ana@tea.example").exists()


def test_a_change_leaves_what_is_not_said_and_null_empties(machine, greta):
    changed = machine.patch(f"/contacts/{greta.pk}", {"city": "Malmö", "phone": None}).json()

    assert (changed["name"], changed["city"], changed["phone"]) == ("Greta Lindqvist", "Malmö", "")
    assert [one["is_former"] for one in changed["identities"] if one["kind"] == "phone"] == [True]
    assert machine.patch("/contacts/999999", {"city": "X"}).status_code == 404


def test_an_upsert_makes_one_person_however_often(machine, kettle):
    said = {"by": {"kind": "external_id", "value": "C-9"}, "name": "Bo", "email": "bo@tea.example"}

    first, again = machine.post("/contacts/upsert", said), machine.post("/contacts/upsert", said | {"city": "Oslo"})

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["id"] == again.json()["id"]
    assert again.json()["city"] == "Oslo"
    by_mail = machine.post(
        "/contacts/upsert", {"by": {"kind": "email", "value": "new@tea.example"}, "name": "N"}
    ).json()
    assert (by_mail["email"], by_mail["name"]) == ("new@tea.example", "N")


def test_identities_come_and_go(machine, kettle, greta):
    path = f"/contacts/{greta.pk}/identities"
    added = machine.post(path, {"kind": "email", "value": "g@work.example", "is_preferred": True}).json()
    assert machine.get(f"/contacts/{greta.pk}").json()["email"] == "g@work.example"

    assert machine.delete(f"{path}/{added['id']}").status_code == 204

    person = machine.get(f"/contacts/{greta.pk}").json()
    assert person["email"] == "greta@tea.example"
    assert machine.get("/contacts?email=g@work.example").json()["items"] == []
    assert machine.delete(f"{path}/{added['id']}").status_code == 404
    tom = machine.post("/contacts", {"name": "Tom", "email": "tom@tea.example"}).json()
    taken = machine.post(path, {"kind": "email", "value": "tom@tea.example"})
    assert (taken.status_code, taken.json()["code"]) == (409, "taken")
    assert str(tom["id"]) in taken.json()["detail"]


def test_tags_and_roles_come_and_go(machine, greta):
    tag = machine.post(f"/contacts/{greta.pk}/tags", {"name": "vip"}).json()
    machine.call("PUT", f"/contacts/{greta.pk}/roles/critic")

    assert machine.get(f"/contacts/{greta.pk}/tags").json()["items"] == [tag]
    assert machine.get(f"/contacts/{greta.pk}").json()["roles"] == ["critic"]
    assert machine.delete(f"/contacts/{greta.pk}/tags/{tag['id']}").status_code == 204
    assert machine.delete(f"/contacts/{greta.pk}/roles/critic").status_code == 204
    person = machine.get(f"/contacts/{greta.pk}").json()
    assert (person["tags"], person["roles"]) == ([], [])


def test_fields_are_told_own_and_custom(machine, greta):
    machine.patch(f"/contacts/{greta.pk}", {"fields": {"points": 3, "colour": "red", "born": "1990-02-01"}})

    fields = {one["name"]: one for one in machine.get("/fields").json()["items"]}

    assert fields["city"]["is_custom"] is False
    custom = {name: one["type"] for name, one in fields.items() if one["is_custom"]}
    assert custom == {"points": "number", "colour": "text", "born": "moment"}


def test_two_are_merged_and_parted(machine, kettle, greta):
    other = machine.post("/contacts", {"name": "Greta L.", "email": "gl@tea.example", "city": "Lund"}).json()
    merge = machine.post(f"/contacts/{greta.pk}/merge", {"other_id": other["id"], "take": ["name"]})
    assert merge.status_code == 201
    whole = machine.get(f"/contacts/{other['id']}").json()
    assert (whole["id"], whole["name"], whole["city"]) == (greta.pk, "Greta L.", "Lund")
    assert machine.post(f"/contacts/{greta.pk}/merge", {"other_id": greta.pk}).status_code == 409

    undone = machine.post(f"/merges/{merge.json()['id']}/undo")

    assert undone.json()["undone_at"]
    assert machine.get(f"/contacts/{greta.pk}").json()["name"] == "Greta Lindqvist"
    assert machine.get(f"/contacts/{other['id']}").json()["id"] == other["id"]
    assert machine.post(f"/merges/{merge.json()['id']}/undo").status_code == 409
    assert [one["id"] for one in machine.get("/merges").json()["items"]] == [merge.json()["id"]]


def test_pairs_are_decided(machine, kettle, greta):
    with working_in(kettle):
        others = [create_contact(by=None, name=f"Greta {n}") for n in range(3)]
        pairs = [
            DuplicatePair.objects.create(
                left=greta, right=one, score_milli=900 - n, evidence=[{"field": "name", "how": "same", "milli": 300}]
            )
            for n, one in enumerate(others)
        ]
    first = machine.get("/duplicates?limit=2").json()
    rest = machine.get(f"/duplicates?limit=2&after={first['next']}").json()
    assert [one["id"] for one in first["items"] + rest["items"]] == [one.pk for one in pairs]

    assert machine.post(f"/duplicates/{pairs[0].pk}/part").json()["state"] == "different"
    merged = machine.post(f"/duplicates/{pairs[1].pk}/merge", {"survivor_id": greta.pk})

    assert (merged.status_code, merged.json()["merged_ids"]) == (201, [others[1].pk])
    assert machine.post(f"/duplicates/{pairs[1].pk}/merge", {}).status_code == 409
    assert machine.post(f"/duplicates/{pairs[1].pk}/part").status_code == 409
    assert machine.post(f"/duplicates/{pairs[2].pk}/merge", {"survivor_id": 1}).status_code == 422


@pytest.mark.parametrize("count", [1, 50])
def test_a_page_costs_the_same_for_one_and_for_fifty(machine, kettle, django_assert_num_queries, count):
    with working_in(kettle):
        for n in range(count):
            one = create_contact(by=None, name=f"P{n}", email=f"p{n}@tea.example")
            add_tag(one, "x", by=None)
            give_consent(one, topic=Topic.objects.first())
    machine.get("/contacts?limit=1")  # the key is remembered

    with django_assert_num_queries(18, exact=False) as captured:
        answer = machine.get("/contacts?limit=200").json()

    assert len(answer["items"]) == count
    assert len(captured) == PAGE_QUERIES


PAGE_QUERIES = 16
