"""The picker of fields says how many of the audience have each, when somebody opens it and not before."""

from collections import Counter

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns import email_fields
from campaigns.beginning import begin_with
from campaigns.edited import of_campaign
from campaigns.email_fields import filled_fields
from contacts.merging import link_all
from contacts.models import FieldValue
from delivery.content.filled import count_filled
from delivery.content.people import INTERESTS, fields_of, written
from segments.models import Segment
from tests.emails.making import made
from tests.factories.campaigns import make_campaign, make_sender
from tests.factories.contacts import make_contact
from workspaces.current import working_in


@pytest.fixture
def people(kettle):
    """Five who are known by different fields; one of them was merged from two."""
    with working_in(kettle):
        greta = make_contact("Greta Lindqvist", city="Ulm", custom={"Kunde seit": "2019", "size": "42"})
        tom = make_contact("Tom", "tom@tea.example", city="Ulm")
        plain = make_contact("", given_name="Ada", city="Bonn")
        empty = make_contact("", custom={"void": "x"})
        FieldValue.objects.filter(name="void").update(text="")
        city_told = make_contact("Nina", custom={"city": "Kiel"})
        twin = make_contact("Greta L", custom={"shoe": "red", "size": "41"})
        link_all([(twin.pk, greta.pk)])
        return [greta, tom, plain, empty, city_told]


@pytest.fixture
def campaign(kettle, ada, people):
    """A draft of one block to everybody."""
    with working_in(kettle):
        campaign = make_campaign(make_sender(), body="", body_format="blocks")
        begin_with(campaign, made({"kind": "text", "html": "<p>Hello</p>"}), by_id=ada.pk)
        return campaign


def page(campaign, more: str = "") -> str:
    return f"/w/kettle/campaigns/{campaign.pk}/email/{more}"


def test_who_has_a_field_is_who_would_read_it_and_all_fields_are_one_statement(inside, people):
    ids = [one.pk for one in people]
    told = Counter(name for one in fields_of(ids, brand="K").values() for name in one["contact"] if name != INTERESTS)

    with CaptureQueriesContext(
        connection,
    ) as asked:
        found = count_filled(ids)

    assert found == {written(("contact", name)): people for name, people in told.items()}
    assert found["contact.city"] == 4
    assert (found["contact.shoe"], found["contact.size"], found['contact["Kunde seit"]']) == (1, 1, 1)
    assert (len(asked), count_filled([])) == (1, {})


def test_the_editor_counts_nobody_and_the_opened_picker_says_it(as_ada, campaign):
    editor = as_ada.get(page(campaign, "?block=b1")).text
    lines = as_ada.get(page(campaign, "fields/")).text

    assert ("have it" in editor, 'hx-trigger="toggle once"' in editor) == (False, True)
    assert "4 of 5 have it; the others read “your town”." in " ".join(lines.split())
    assert "1 of 5 have it; the others get no email unless you say what they read." in " ".join(lines.split())
    assert lines.count("data-insert") == editor.count("data-insert")


def test_only_the_campaigns_people_are_counted(inside, campaign, people):
    campaign.segment = Segment.objects.create(name="Ulm", rule={"field": {"name": "city", "op": "=", "value": "Ulm"}})
    campaign.save()

    found = filled_fields(of_campaign(campaign))

    assert (found.people, found.is_about) == (2, False)
    assert {one.name: one.have for one in found.fields}["contact.city"] == 2


def test_of_many_a_part_is_asked_and_it_says_about(as_ada, kettle, campaign, monkeypatch):
    monkeypatch.setattr(email_fields, "ASKED", 3)

    lines = " ".join(as_ada.get(page(campaign, "fields/")).text.split())

    assert "of 5 have it" in lines
    assert "About " in lines


def test_what_takes_too_long_leaves_the_fields_without_counts(as_ada, campaign, monkeypatch):
    def slow(*_args):
        raise email_fields.TooSlowError

    monkeypatch.setattr(email_fields, "count_lines", slow)

    assert as_ada.get(page(campaign, "fields/")).status_code == 204


def test_strangers_and_those_who_only_read_are_kept_out(as_eve, member, campaign):
    assert as_eve.get(page(campaign, "fields/")).status_code == 404
    assert member("analyst").get(page(campaign, "fields/")).status_code == 403
