"""The log of events: written with what happened, read from any place on, and nobody misses one."""

import threading
from datetime import timedelta

import pytest
from django.db import connection

from consent.consenting import withdraw_consent
from contacts.editing import create_contact, edit_contact
from contacts.merging import link_contacts, unlink_contact
from contacts.news import contacts_made
from lib.clock import now
from segments.members.rechecking import bring_in_members
from segments.models import Segment
from tests.machines import machine_of
from workspaces.current import working_in
from workspaces.events import forget_events, number_events, record_event
from workspaces.models import AgendaItem, ApiAnswer, Event


@pytest.fixture
def machine(kettle):
    return machine_of(kettle)


def read(machine, query=""):
    return [(one["type"], one["data"]) for one in machine.get(f"/events?limit=200{query}").json()["items"]]


def test_what_happens_to_people_stands_in_the_log(machine, kettle):
    with working_in(kettle):
        greta, tom = (create_contact(by=None, name=name) for name in ("Greta", "Tom"))
        withdraw_consent(greta, topic=None)
        link_contacts(tom.pk, greta.pk)
        unlink_contact(tom.pk)

    told = read(machine)

    assert ("contact.changed", {"contact_ids": [greta.pk]}) in told
    assert ("consent.changed", {"contact_ids": [greta.pk]}) in told
    pairs = [data["pairs"] for kind, data in told if kind == "contact.linked"]
    assert pairs == [[[tom.pk, greta.pk]], [[tom.pk, greta.pk]]]
    assert read(machine, "&type=contact.linked") == [one for one in told if one[0] == "contact.linked"]
    assert machine.get("/events?type=moon.rose").status_code == 422


def test_who_enters_and_leaves_a_segment_stands_in_the_log_unless_it_is_somebodys_own(machine, kettle, ada):
    with working_in(kettle):
        greta = create_contact(by=None, name="Greta", city="Lund")
        rule = {"all": [{"field": {"name": "city", "op": "=", "value": "Lund"}}]}
        shared = Segment.objects.create(name="Lund", rule=rule)
        own = Segment.objects.create(name="Mine", rule=rule, owner_id=ada.pk, is_private=True)
        for one in (shared, own):
            bring_in_members(one)
        edit_contact(greta, by=None, city="Oslo")
        for one in (shared, own):
            bring_in_members(one)

    told = [one for one in read(machine) if one[0].startswith("segment.")]

    said = {"contact_ids": [greta.pk], "segment_id": shared.pk}
    assert told == [("segment.entered", said), ("segment.left", said)]


def test_a_million_people_are_events_of_batches_and_not_of_people(machine, kettle, django_assert_num_queries):
    with working_in(kettle):
        Event.objects.all().delete()
        for hearer in contacts_made.hearers:
            if hearer.__module__ == "contacts.events":
                with django_assert_num_queries(1):
                    hearer(contact_ids=list(range(1, 12_001)))
        number_events()
        sizes = [len(one.contact_ids) for one in Event.objects.order_by("position")]

    assert sizes == [5_000, 5_000, 2_000]


def test_the_log_is_read_on_from_a_cursor(machine, kettle):
    with working_in(kettle):
        for n in range(5):
            create_contact(by=None, name=f"P{n}")
    seen, after = [], ""
    while after is not None:
        page = machine.get(f"/events?limit=2&after={after}").json()
        seen += page["items"]
        after = page["next"]
    with working_in(kettle):
        late = create_contact(by=None, name="Late").pk

    [behind] = machine.get(f"/events?after={seen[-1]['cursor']}").json()["items"]

    assert len(seen) == len({one["cursor"] for one in seen}) == 5
    assert behind["data"]["contact_ids"] == [late]


@pytest.mark.django_db(transaction=True)
def test_what_is_committed_late_stands_behind_what_was_read_before(machine, kettle):
    written, go_on = threading.Event(), threading.Event()

    def slow():
        with working_in(kettle):
            record_event("contact.changed", [1])
            written.set()
            go_on.wait(20)
        connection.close()

    working = threading.Thread(target=slow)
    working.start()
    assert written.wait(20)
    with working_in(kettle):
        record_event("contact.changed", [2])
    first = machine.get("/events").json()["items"]
    go_on.set()
    working.join(20)

    rest = machine.get(f"/events?after={first[-1]['cursor']}").json()["items"]

    assert (len(first), len(rest)) == (1, 1)
    assert first[0]["data"] != rest[0]["data"]


def test_the_log_forgets_after_thirty_days_and_says_so(machine, kettle):
    with working_in(kettle):
        create_contact(by=None, name="Old")
    [old] = machine.get("/events").json()["items"]
    with working_in(kettle):
        before = now() - timedelta(days=31)
        Event.objects.update(at=before)
        ApiAnswer.objects.create(key_id=1, name="x", fingerprint="x", status=200, at=now() - timedelta(days=2))
    forget_events(kettle)

    assert machine.get("/events").json()["items"] == []
    with working_in(kettle):
        assert ApiAnswer.objects.count() == 0
        create_contact(by=None, name="New")
    [new] = machine.get(f"/events?after={old['cursor']}").json()["items"]
    assert new["cursor"] != old["cursor"]
    from lib.pages import write_cursor

    too_old = machine.get(f"/events?after={write_cursor(1, before.isoformat())}")
    assert (too_old.status_code, too_old.json()["code"]) == (409, "too_old")


def test_who_changed_lately_is_a_filter(machine, kettle):
    with working_in(kettle):
        old, changed = (create_contact(by=None, name=name).pk for name in ("Old", "Changed"))
        long_ago = now() - timedelta(days=9)
        from contacts.models import Contact

        Contact.objects.update(created_at=long_ago)
        Event.objects.update(at=long_ago)
        edit_contact(Contact.objects.get(pk=changed), by=None, city="Oslo")
    since = (now() - timedelta(days=1)).isoformat().replace("+", "%2B")

    found = machine.get(f"/contacts?updated_since={since}").json()["items"]

    assert [one["id"] for one in found] == [changed]
    assert old not in {one["id"] for one in found}
    ages = (now() - timedelta(days=60)).isoformat().replace("+", "%2B")
    assert machine.get(f"/contacts?updated_since={ages}").status_code == 422


def test_another_workspace_hears_of_nothing(machine, kettle, rival):
    with working_in(kettle):
        create_contact(by=None, name="Greta")

    assert read(machine_of(rival)) == []
    assert len(read(machine)) == 1


def test_nobody_is_bothered_while_no_webhook_listens(kettle):
    with working_in(kettle):
        create_contact(by=None, name="Greta")

    assert not AgendaItem.objects.filter(workspace=kettle, work="workspaces.deliver_webhooks").exists()


@pytest.mark.django_db(transaction=True)
def test_a_segment_that_is_filled_in_the_background_is_told_of_as_a_whole(machine, kettle):
    from segments.members.filling import fill, request_fill

    with working_in(kettle):
        for n in range(3):
            create_contact(by=None, name=f"P{n}")
        made = Segment.objects.create(name="All", rule={"all": []})
        request_fill(made)
        made.refresh_from_db()

    fill(kettle, made)

    assert read(machine, "&type=segment.filled") == [
        ("segment.filled", {"contact_ids": [], "segment_id": made.pk, "member_count": 3})
    ]
    assert read(machine, "&type=segment.entered") == []
