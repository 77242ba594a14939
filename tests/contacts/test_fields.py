"""A contact's field is one entry of the table and one column: everything else follows."""

import base64
import csv
import json
import re

import pytest
from django.db import models

from contacts import fields
from contacts.fields import CONTACT_FIELDS, ContactField, Place, fields_at, is_own
from contacts.models import Contact
from contacts.searching import find_people
from delivery.content.people import field_names, fields_of
from imports.mapping import PLAIN, guess_mapping
from imports.reading import Dialect
from imports.targets import targets
from segments.leaf_types.field import FieldForm
from segments.models import Segment, SegmentMember
from segments.rules.counting import ids_fitting
from segments.rules.explaining import explain
from tests.conftest import as_owner_sql
from tests.factories.contacts import make_contact
from workspaces.current import working_in
from workspaces.keys import make_key

NICKNAME = {"field": {"name": "nickname", "op": "=", "value": "gretchen"}}


@pytest.fixture
def nickname(kettle, monkeypatch):
    """What a migration and an entry of the table do, for one test."""
    as_owner_sql("ALTER TABLE contacts_contact ADD COLUMN nickname varchar(40) NOT NULL DEFAULT ''")
    column = models.CharField("nickname", max_length=40, blank=True)
    column.contribute_to_class(Contact, "nickname")
    entry = ContactField("nickname", "nickname", length=40, aliases=("spitzname",))
    monkeypatch.setattr(fields, "CONTACT_FIELDS", (*CONTACT_FIELDS, entry))
    yield
    Contact._meta.local_fields.remove(column)
    Contact._meta._expire_cache()
    del Contact.nickname


@pytest.fixture
def greta(kettle, nickname):
    with working_in(kettle):
        return make_contact("Greta Lindqvist", email="greta@slowwater.example", nickname="Gretchen")


def test_it_is_entered_by_hand_and_finds_the_person(as_ada, nickname, kettle):
    assert 'name="nickname"' in as_ada.get("/w/kettle/contacts/new/").text

    made = as_ada.post(
        "/w/kettle/contacts/new/", {"name": "Greta", "nickname": "Gretchen", "contact_frequency": 2, "dialogue_mode": 1}
    )

    assert made.status_code == 302
    with working_in(kettle):
        greta = Contact.objects.get(nickname="Gretchen")
        assert find_people("gretch") == [greta.pk]
    edited = as_ada.get(f"/w/kettle/contacts/{greta.pk}/edit/").text
    assert 'value="Gretchen"' in edited


def test_the_api_tells_it(client, nickname, kettle):
    with working_in(kettle):
        key = make_key("server", "server")[1]
    item = {"type": "identify", "userId": "u1", "messageId": "m1", "traits": {"nickname": "Gretchen"}}

    client.post(
        "/v1/batch",
        json.dumps({"batch": [item]}),
        content_type="application/json",
        headers={"Authorization": "Basic " + base64.b64encode(f"{key}:".encode()).decode()},
    )

    with working_in(kettle):
        contact = Contact.objects.get(nickname="Gretchen")
        assert not contact.field_values.exists()


def test_a_files_column_is_imported_as_it(inside, nickname):
    assert targets()["nickname"] == "nickname"
    assert guess_mapping(PLAIN, ["E-Mail", "Spitzname", "Tea"], [], Dialect("utf-8", ",", [])) == {
        "E-Mail": "email", "Spitzname": "nickname", "Tea": "field",
    }  # fmt: skip


def test_segments_compare_it(inside, greta):
    assert ids_fitting(NICKNAME) == {greta.pk}
    assert [str(line.evidence.text) for line in explain(NICKNAME, greta).lines] == ["Gretchen"]
    assert 'value="nickname"' in str(FieldForm())


def test_emails_know_it(inside, greta):
    assert fields_of([greta.pk], brand="Kettle")[greta.pk]["contact"]["nickname"] == "Gretchen"
    assert ("contact.nickname", "") in field_names()


def test_it_stands_on_the_page_in_the_list_in_exports_and_in_the_admin(as_ada, greta, kettle):
    with working_in(kettle):
        segment = Segment.objects.create(name="All", rule={"all": []})
        SegmentMember.objects.create(segment=segment, contact=greta)

    page = as_ada.get(f"/w/kettle/contacts/{greta.pk}/").text
    people = as_ada.get("/w/kettle/contacts/").text
    export = as_ada.get(f"/w/kettle/segments/{segment.pk}/export.csv").content.decode("utf-8-sig").splitlines()
    admin = as_ada.get(f"/w/kettle/admin/contacts/contact/{greta.pk}/change/").text

    assert re.search(r"<dt>\s*nickname\s*</dt>\s*<dd>\s*Gretchen\s*</dd>", page)
    assert re.search(r'<th scope="col">\s*Nickname\s*</th>', people)
    assert "Gretchen" in people
    assert [row["nickname"] for row in csv.DictReader(export)] == ["Gretchen"]
    assert 'name="nickname"' in admin


def test_every_entry_is_a_column_of_its_length():
    for one in CONTACT_FIELDS:
        column = Contact._meta.get_field(one.name)
        assert (one.name, one.length) == (one.name, getattr(column, "max_length", None) or 0)


def test_what_a_file_or_the_api_tells_is_text(inside):
    told = {one.name for place in (Place.API, Place.IMPORT) for one in fields_at(place)}

    assert all(isinstance(Contact._meta.get_field(name), models.CharField) for name in told)
    assert not is_own("tea")
