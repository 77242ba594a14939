"""Columns that somebody chose and views that were saved: whose they are, and what the list shows by them."""

import json
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from consent.consenting import give_consent
from consent.models import Topic
from contacts.models import FieldValue
from segments.listing import list_people
from segments.models import PeopleChoice, PeopleView
from segments.people.columns import default_keys, fill_cells, known_columns
from tests.factories.contacts import make_contact
from touchpoints.facts import Fact
from touchpoints.recording import record
from touchpoints.sources import source_for
from workspaces.current import working_in
from workspaces.models import Role

LIST = "/w/kettle/contacts/"
VIP = json.dumps({"tag": {"has_any": ["vip"]}})


@pytest.fixture
def ann(kettle):
    with working_in(kettle):
        ann = make_contact("Ann", roles=[1], tags=["vip"], city="Berlin", language="sv")
        make_contact("Ben", city="Bonn")
        FieldValue.objects.create(contact=ann, name="cups", number=4)
        FieldValue.objects.create(contact=ann, name="tea", text="Second flush")
        record([Fact("shop_visit", "v1", contact_id=ann.pk)], source=source_for("shop", "Shop"))
        return ann


def heads(page):
    return [one.key for one in page.context["columns"]]


def saved(kettle, **facts):
    with working_in(kettle):
        return PeopleView.objects.filter(**facts).first()


def test_columns_are_chosen_moved_and_forgotten(as_ada, ann, kettle):
    as_ada.post(f"{LIST}columns/", {"c": ["roles", "last", "custom:tea", "field:language", "nonsense"]})
    page = as_ada.get(LIST)

    assert heads(page) == ["roles", "last", "custom:tea", "field:language"]
    assert all(one in page.text for one in ("Came to the shop", "Second flush", ">sv<"))
    as_ada.post(f"{LIST}columns/", {"c": heads(page), "up": "custom:tea"})
    assert heads(as_ada.get(LIST)) == ["roles", "custom:tea", "last", "field:language"]
    as_ada.post(f"{LIST}columns/", {"reset": "1"})
    with working_in(kettle):
        assert heads(as_ada.get(LIST)) == default_keys()


def test_a_column_says_how_they_stand_to_a_topic(as_ada, ann, kettle):
    with working_in(kettle):
        topic = Topic.objects.first()
        give_consent(ann, topic=topic)

    as_ada.post(f"{LIST}columns/", {"c": [f"consent:{topic.key}"]})
    page = as_ada.get(LIST)

    assert page.text.count("may get it") == 1
    assert page.text.count("never asked") == 1


def test_every_column_fills_for_fifty_as_for_one(inside):
    make_contact("Ann")
    known = list(known_columns(sees_names=True).values())

    def statements():
        rows = [dict(row) for row in list_people(has_cells=False).rows]
        with CaptureQueriesContext(
            connection,
        ) as asked:
            fill_cells(rows, known)
        return len(asked), {len(row["cells"]) for row in rows}

    statements()  # what is kept for a while is known then
    one = statements()
    for number in range(49):
        make_contact(f"P{number}")
    assert statements() == one


def test_a_view_is_saved_opened_changed_renamed_and_deleted(as_ada, ann, kettle):
    as_ada.post(f"{LIST}columns/", {"c": ["roles", "last"]})
    made = as_ada.post(f"{LIST}views/", {"view": urlencode({"f": VIP}), "name": "Best"})
    page = as_ada.get(made["Location"])
    assert (heads(page), page.context["said"].total) == (["roles", "last"], 1)
    assert ">Best</a>" in page.text
    assert "1 of 2 people" in page.text

    view = saved(kettle, name="Best")
    narrower = f"view={view.pk}&{urlencode({'f': VIP, 'role': 1})}"
    assert "Changed" in as_ada.get(f"{LIST}?{narrower}").text
    as_ada.post(f"{LIST}views/", {"view": narrower, "as": "change"})
    assert "role=1" in saved(kettle, name="Best").query
    as_ada.post(f"{LIST}views/{view.pk}/", {"do": "rename", "name": "Better", "for_all": "on"})
    assert saved(kettle, name="Better").is_shared
    as_ada.post(f"{LIST}views/{view.pk}/", {"do": "delete"})
    assert saved(kettle) is None
    with working_in(kettle):
        assert not PeopleChoice.objects.filter(view_id=view.pk).exists()


def test_a_view_may_open_by_itself(as_ada, ann, kettle):
    as_ada.post(f"{LIST}views/", {"view": urlencode({"f": VIP}), "name": "Best"})
    view = saved(kettle)
    as_ada.post(f"{LIST}views/{view.pk}/", {"do": "open"})

    assert as_ada.get(LIST, follow=True).context["said"].total == 1
    assert as_ada.get(f"{LIST}?view=0").context["said"].total == 2
    as_ada.post(f"{LIST}views/{view.pk}/", {"do": "open_not"})
    assert as_ada.get(LIST).context["said"].total == 2


@pytest.mark.parametrize("name", ["", "  ", "Best"])
def test_a_view_needs_a_name_of_its_own(as_ada, ann, name):
    as_ada.post(f"{LIST}views/", {"view": "", "name": "Best"})

    assert as_ada.post(f"{LIST}views/", {"view": "", "name": name}).status_code == 422


def test_a_view_is_its_owners_unless_it_is_shared(as_ada, member, ann, kettle):
    as_ada.post(f"{LIST}views/", {"view": "", "name": "Mine"})
    as_ada.post(f"{LIST}views/", {"view": "", "name": "Ours", "for_all": "on"})
    mine, ours = saved(kettle, name="Mine"), saved(kettle, name="Ours")
    marketer = member(Role.MARKETER)

    assert [one.name for one in marketer.get(f"{LIST}?view=0").context["views"]] == ["Ours"]
    assert marketer.post(f"{LIST}views/{mine.pk}/", {"do": "delete"}).status_code == 404
    assert marketer.post(f"{LIST}views/{ours.pk}/", {"do": "delete"}).status_code == 403
    marketer.post(f"{LIST}columns/", {"view": f"view={ours.pk}", "c": ["last"]})
    assert heads(marketer.get(f"{LIST}?view={ours.pk}")) == ["last"]
    assert len(heads(as_ada.get(f"{LIST}?view={ours.pk}"))) > 1
    assert member(Role.COLLEAGUE).post(f"{LIST}columns/", {"c": ["last"]}).status_code == 403


def test_who_sees_no_names_sees_no_text_that_anybody_wrote(member, ann):
    analyst = member(Role.ANALYST)
    analyst.post(f"{LIST}columns/", {"c": ["custom:tea", "roles"]})

    page = analyst.get(f"{LIST}?view=0")

    assert heads(page) == ["roles"]
    assert "Second flush" not in page.text
