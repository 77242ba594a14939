"""Machines read and fill the library."""

from urllib.parse import quote

import pytest

from emails.models import LibraryItem
from tests.machines import machine_of
from workspaces.current import working_in

ITEM = {"title": "Slow water", "url": "https://kettle.example/slow", "interests": ["Oolong"], "kind": "video"}


@pytest.fixture
def machine(kettle):
    return machine_of(kettle)


def test_a_thing_is_made_listed_changed_put_aside_and_removed(machine):
    made = machine.post("/library", ITEM)
    pk = made.json()["id"]

    assert (made.status_code, made.json()["interests"], made.json()["source"]) == (201, ["Oolong"], "api")
    assert [one["id"] for one in machine.get("/library?q=slow&kind=video&interest=oolong").json()["items"]] == [pk]
    assert machine.get("/library?interest=nothing").json() == {"items": [], "next": None}
    changed = machine.patch(f"/library/{pk}", {"title": "Slower", "interests": [], "is_active": False}).json()
    assert (changed["title"], changed["interests"], changed["is_active"]) == ("Slower", [], False)
    assert machine.get("/library").json()["items"] == []
    assert [one["id"] for one in machine.get("/library?archived=true").json()["items"]] == [pk]
    assert machine.patch(f"/library/{pk}", {"is_active": True}).json()["is_active"] is True
    assert machine.delete(f"/library/{pk}").status_code == 204
    assert machine.get(f"/library/{pk}").status_code == 404


@pytest.mark.parametrize("more", [{"url": "ftp://k"}, {"kind": "tea"}, {"title": " "}, {"picture": 99}, {"odd": 1}])
def test_what_cannot_be_is_refused_and_nothing_is_kept(machine, kettle, more):
    said = machine.post("/library", ITEM | more)

    assert said.status_code == 422
    with working_in(kettle):
        assert not LibraryItem.objects.exists()


def test_an_address_that_is_there_is_refused(machine):
    machine.post("/library", ITEM)

    assert machine.post("/library", ITEM).status_code == 422


@pytest.mark.parametrize("name", ["published_at", "starts_at", "expires_at"])
@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "2201-01-01T00:00:00Z", "2026-12-01T08:00:00"])
def test_a_moment_that_cannot_be_or_has_no_zone_is_refused(machine, kettle, name, moment):
    pk = machine.post("/library", ITEM).json()["id"]

    answers = [machine.post("/library", ITEM | {name: moment}), machine.patch(f"/library/{pk}", {name: moment})]

    assert [one.status_code for one in answers] == [422, 422]
    assert machine.get(f"/library/{pk}").status_code == 200


@pytest.mark.parametrize("blank", [" ", "\u00a0", "\u3000 \u2003", "\t"])
def test_an_interest_of_blanks_is_left_out_and_asks_for_nothing(machine, blank):
    made = machine.post("/library", ITEM | {"interests": [blank, "Oolong"]})
    pk = made.json()["id"]

    assert (made.status_code, made.json()["interests"]) == (201, ["Oolong"])
    assert machine.patch(f"/library/{pk}", {"interests": [blank]}).json()["interests"] == []
    assert len(machine.get(f"/library?interest={quote(blank)}").json()["items"]) == 1
