"""The API's doors to custom fields, owners and companies."""

import pytest

from contacts.custom_fields.defining import define_field
from contacts.models import FieldDefinition, FieldValue
from tests.factories.contacts import make_contact
from tests.machines import machine_of
from workspaces.current import working_in


@pytest.fixture
def machine(kettle):
    return machine_of(kettle)


@pytest.fixture
def ann(kettle) -> int:
    with working_in(kettle):
        return make_contact("Ann", custom={"cups": "many"}).pk


def test_a_field_is_declared_listed_and_changed(machine, ann):
    made = machine.post(
        "/fields", {"name": "Plan", "type": "choice", "choices": ["Gold", "Silver"], "label": "The plan"}
    )

    assert (made.status_code, made.json()["choices"], made.json()["label"]) == (201, ["Gold", "Silver"], "The plan")
    pk = made.json()["id"]
    changed = machine.patch(
        f"/fields/{pk}", {"add_choices": ["Bronze"], "archive_choices": ["Gold"], "help_line": "Which?"}
    )
    assert changed.json()["choices"] == ["Silver", "Bronze"]
    assert machine.patch(f"/fields/{pk}", {"is_archived": True}).json()["is_archived"] is True
    assert machine.patch(f"/fields/{pk}", {"is_archived": False, "label": "Plan"}).json()["label"] == "Plan"
    by_name = {one["name"]: one for one in machine.get("/fields").json()["items"]}
    assert (by_name["Plan"]["type"], by_name["cups"]["id"], by_name["city"]["is_custom"]) == ("choice", None, False)
    for body in ({"name": "plan"}, {"name": "email"}, {"name": "x", "type": "choice"}, {"name": "y", "type": "blob"}):
        assert machine.post("/fields", body).status_code == 422
    assert machine.patch("/fields/99999", {"label": "x"}).status_code == 404


def test_values_that_would_be_lost_are_named_and_kept(machine, kettle, ann):
    refused = machine.post("/fields", {"name": "cups", "type": "number"})

    assert (refused.status_code, refused.json()["code"]) == (409, "values_would_be_lost")
    assert "many" in refused.json()["errors"][0]["at"]
    with working_in(kettle):
        assert not FieldDefinition.objects.exists()
    made = machine.post("/fields", {"name": "cups", "type": "number", "answers": {"many": "9"}})
    assert made.status_code == 201
    with working_in(kettle):
        assert FieldValue.objects.get().number == 9
    assert machine.patch(f"/fields/{made.json()['id']}", {"type": "date"}).status_code == 409
    assert machine.patch(f"/fields/{made.json()['id']}", {"type": "date", "answers": {"9": ""}}).status_code == 200


@pytest.mark.parametrize("value", ["many", True, "1e400", "x" * 10_000, "1,234"])
def test_a_declared_field_refuses_what_it_cannot_hold(machine, kettle, value):
    with working_in(kettle):
        define_field("cups", type="number", by=None)
        pk = make_contact("Ann").pk

    refused = machine.patch(f"/contacts/{pk}", {"fields": {"cups": value}})

    assert refused.status_code == 422
    assert refused.json()["errors"][0]["at"] == "body.fields.cups"
    assert machine.patch(f"/contacts/{pk}", {"fields": {"Cups": "2,5", "tea": "Assam"}}).json()["fields"] == {
        "cups": 2.5, "tea": "Assam",
    }  # fmt: skip
    assert machine.patch(f"/contacts/{pk}", {"fields": {"cups": None}}).json()["fields"] == {"tea": "Assam"}


def test_infinity_and_nan_are_no_numbers(machine, kettle):
    with working_in(kettle):
        define_field("cups", type="number", by=None)
        pk = make_contact("Ann").pk

    for text in ("NaN", "Infinity", "-Infinity", "1e400", "9" * 400):
        answer = machine.call("PATCH", f"/contacts/{pk}", f'{{"fields": {{"cups": {text}}}}}')
        assert answer.status_code in {400, 422}
        assert answer["Content-Type"] == "application/problem+json"
    with working_in(kettle):
        assert not FieldValue.objects.exists()


def test_an_owner_is_a_member(machine, ann, ada, eve):
    done = machine.patch(f"/contacts/{ann}", {"owner": "ADA@kettle.example"})

    assert done.json()["owner"] == {"email": "ada@kettle.example", "name": "Ada Berg"}
    assert machine.patch(f"/contacts/{ann}", {"owner": eve.email}).json()["errors"][0]["at"] == "body.owner"
    assert machine.get(f"/contacts/{ann}").json()["owner"]["name"] == "Ada Berg"
    assert machine.patch(f"/contacts/{ann}", {"owner": None}).json()["owner"] is None


def test_companies_are_made_changed_merged_and_removed(machine, ann):
    made = machine.post("/companies", {"name": "Acme", "domains": ["acme.example"], "country": "Germany"})
    pk = made.json()["id"]

    assert (made.status_code, made.json()["country"]) == (201, "DE")
    assert machine.post("/companies", {"name": "ACME"}).status_code == 409
    assert machine.post("/companies", {"name": "x", "domains": ["gmail.com"]}).status_code == 422
    assert machine.patch(f"/companies/{pk}", {"name": "Acme 2", "domains": []}).json()["domains"] == []
    assert [one["id"] for one in machine.get("/companies?name=acme%202").json()["items"]] == [pk]
    assert machine.get("/companies?domain=acme.example").json()["items"] == []
    other = machine.post("/companies", {"name": "Other"}).json()["id"]
    put = machine.post(f"/contacts/{ann}/companies", {"company_id": other, "role_there": "CEO", "since": "2020-01-01"})
    assert (put.status_code, put.json()["role_there"]) == (201, "CEO")
    assert machine.delete(f"/companies/{other}").status_code == 409
    assert machine.post(f"/companies/{pk}/merge/{other}", {}).json()["id"] == pk
    assert machine.post(f"/companies/{pk}/merge/{other}", {}).status_code == 409
    assert machine.get(f"/companies/{other}").json()["name"] == "Acme 2"
    assert [one["role_there"] for one in machine.get(f"/companies/{pk}/people").json()["items"]] == ["CEO"]
    assert machine.get("/companies/99999").status_code == 404


def test_where_a_contact_is_is_added_changed_ended_and_taken_back(machine, ann):
    place = machine.post(f"/contacts/{ann}/companies", {"company": "New one"}).json()
    url = f"/contacts/{ann}/companies/{place['id']}"

    assert machine.post(f"/contacts/{ann}/companies", {}).status_code == 422
    assert machine.patch(url, {"since": "2020-01-01", "until": "2019-01-01"}).status_code == 422
    assert machine.patch(url, {"role_there": "CTO", "is_first": True}).json()["role_there"] == "CTO"
    assert machine.post(f"{url}/end", {}).json()["until"] is not None
    assert len(machine.get(f"/contacts/{ann}/companies").json()["items"]) == 1
    assert machine.delete(url).status_code == 204
    assert machine.get(f"/contacts/{ann}/companies").json()["items"] == []
    assert machine.patch(url, {}).status_code == 404
