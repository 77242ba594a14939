"""Machines say from which feeds the library fills itself."""

import pytest

from emails.models import LibraryFeed
from lib.clock import now
from tests.machines import machine_of
from workspaces.current import working_in
from workspaces.models import AgendaItem

FEED = {"url": "https://93.184.216.34/feed", "kind": "podcast", "interests": ["Oolong"]}


@pytest.fixture
def machine(kettle):
    return machine_of(kettle)


def test_a_feed_is_added_listed_changed_looked_at_and_removed(machine, kettle):
    made = machine.post("/library-feeds", FEED)
    pk = made.json()["id"]

    assert made.status_code == 201
    assert made.json() | {"id": 0} == {
        "id": 0, "url": FEED["url"], "title": "", "kind": "podcast", "interests": ["Oolong"], "taken": 0,
        "checked_at": None, "trouble": "",
    }  # fmt: skip
    assert machine.get("/library-feeds").json() == {"items": [made.json()], "next": None}
    changed = machine.patch(f"/library-feeds/{pk}", {"interests": ["Cups"]}).json()
    assert (changed["kind"], changed["interests"]) == ("podcast", ["Cups"])
    assert machine.patch(f"/library-feeds/{pk}", {"kind": "video"}).json()["interests"] == ["Cups"]
    with working_in(kettle):
        LibraryFeed.objects.update(checked_at=now())
    AgendaItem.objects.filter(work="emails.library_feeds").delete()
    looked = machine.post(f"/library-feeds/{pk}/refreshes", {})
    assert (looked.status_code, looked.json()["checked_at"]) == (202, None)
    assert AgendaItem.objects.filter(work="emails.library_feeds", due_at__lte=now()).exists()
    assert machine.delete(f"/library-feeds/{pk}").status_code == 204
    assert machine.get(f"/library-feeds/{pk}").status_code == 404


@pytest.mark.parametrize("more", [{"url": "ftp://k"}, {"url": "http://127.0.0.1/"}, {"kind": "tea"}, {"odd": 1}])
def test_what_cannot_be_is_refused_and_nothing_is_kept(machine, kettle, more):
    assert machine.post("/library-feeds", FEED | more).status_code == 422
    with working_in(kettle):
        assert not LibraryFeed.objects.exists()


def test_one_that_is_there_is_refused_and_a_kind_that_is_none_changes_nothing(machine):
    pk = machine.post("/library-feeds", FEED).json()["id"]

    assert machine.post("/library-feeds", FEED).status_code == 422
    assert machine.patch(f"/library-feeds/{pk}", {"kind": "tea"}).status_code == 422
    assert machine.get(f"/library-feeds/{pk}").json()["kind"] == "podcast"
