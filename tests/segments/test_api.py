"""Segments through the API: which, how many, who and why."""

import pytest

from contacts.editing import add_role, create_contact
from segments.members.rechecking import bring_in_members
from segments.models import Segment
from tests.machines import machine_of
from workspaces.current import working_in


@pytest.fixture
def machine(kettle):
    return machine_of(kettle)


@pytest.fixture
def customers(kettle):
    with working_in(kettle):
        for n in range(3):
            add_role(create_contact(by=None, name=f"P{n}"), 1, by=None)
        create_contact(by=None, name="Nobody's customer")
        made = Segment.objects.create(name="Customers", rule={"all": [{"role": {"in": ["customer"]}}]})
        bring_in_members(made)
        return made


def test_segments_are_listed_but_not_somebodys_own(machine, kettle, customers, ada):
    with working_in(kettle):
        mine = Segment.objects.create(name="Ada's own", owner_id=ada.pk, is_private=True)

    assert [one["name"] for one in machine.get("/segments").json()["items"]] == ["Customers"]
    assert machine.get(f"/segments/{mine.pk}").status_code == 404
    assert machine.get(f"/segments/{mine.pk}/members").status_code == 404
    assert machine.get(f"/contacts?segment={mine.pk}").status_code == 422
    assert machine.get(f"/segments/{customers.pk}").json()["rule"] == customers.rule


def test_a_segment_is_counted_and_its_members_come_in_pages(machine, customers):
    assert machine.get(f"/segments/{customers.pk}/count").json() == {"people": 3, "of": 4}

    first = machine.get(f"/segments/{customers.pk}/members?limit=2").json()
    rest = machine.get(f"/segments/{customers.pk}/members?limit=2&after={first['next']}").json()

    assert [one["name"] for one in first["items"] + rest["items"]] == ["P0", "P1", "P2"]
    assert rest["next"] is None
    by_filter = machine.get(f"/contacts?segment={customers.pk}").json()["items"]
    assert by_filter == first["items"] + rest["items"]


def test_a_person_is_explained(machine, kettle, customers):
    out = machine.get("/contacts").json()["items"][-1]["id"]

    said = machine.get(f"/segments/{customers.pk}/explain/{out}").json()

    assert (said["fits"], said["contact_id"]) == (False, out)
    [line] = said["lines"]
    assert (line["holds"], line["decides"], line["path"]) == (False, True, "0")
    assert "customer" in line["condition"].lower()
    assert machine.get(f"/segments/{customers.pk}/explain/999999").status_code == 404


def test_a_rule_that_can_be_read_no_more_says_so(machine, kettle, customers):
    with working_in(kettle):
        Segment.objects.filter(pk=customers.pk).update(rule={"all": [{"nonsense": {}}]})

    assert machine.get(f"/segments/{customers.pk}/count").json()["code"] == "broken_rule"
    person = machine.get("/contacts").json()["items"][0]["id"]
    assert machine.get(f"/segments/{customers.pk}/explain/{person}").status_code == 409
