"""One impossible date made a contact's page, every campaign with that person and the import queue fail for ever."""

import json
from datetime import UTC, datetime

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, models, transaction

from contacts.models import FieldValue
from tests.factories.contacts import make_reader
from workspaces.current import working_in
from workspaces.keys import make_key

IMPOSSIBLE = ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "1899-12-31T23:59:59Z", "2201-01-01T00:00:00Z"]
# Columns whose values come from outside: by the API, files, webhooks, feeds, forms.
FROM_OUTSIDE = {
    "touchpoints_touchpoint": ["occurred_at"],
    "touchpoints_received": ["occurred_at"],
    "contacts_fieldvalue": ["moment"],
    "contacts_contact": ["paused_until", "complaint_since"],
    "consent_consent": ["at", "expires_at"],
    "conversations_mention": ["published_at", "edited_at"],
    "conversations_conversation": ["snoozed_until", "last_at"],
    "delivery_message": ["scheduled_at"],
    "emails_libraryitem": ["published_at", "starts_at", "expires_at"],
    "emails_offerpool": ["expires_at"],
    "engagement_annotation": ["starts_on", "ends_on"],
    "engagement_objective": ["check_on"],
}


def checks_of(table: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT string_agg(pg_get_constraintdef(oid), ' ') FROM pg_constraint"
            " WHERE contype = 'c' AND conrelid = %s::regclass",
            [table],
        )
        return cursor.fetchone()[0] or ""


@pytest.mark.parametrize("table", FROM_OUTSIDE)
def test_the_database_holds_the_range(db, table):
    checks = checks_of(table)

    for column in FROM_OUTSIDE[table]:
        assert f"({column} >= '" in checks, column
        assert f"({column} < '2201-01-01" in checks, column


def test_every_month_of_the_ledger_holds_it_too(db):
    assert "occurred_at < '2201-01-01" in checks_of("touchpoint_past")


def test_every_table_named_here_is_one(db):
    known = {model._meta.db_table: model for model in apps.get_models()}
    for table, columns in FROM_OUTSIDE.items():
        fields = {field.column for field in known[table]._meta.get_fields() if isinstance(field, models.DateField)}
        assert set(columns) <= fields


@pytest.mark.parametrize("year", [1, 1899, 2201, 9999])
def test_a_custom_field_beyond_is_refused_by_the_database_itself(inside, year):
    reader = make_reader("Greta Lind")

    with pytest.raises(IntegrityError), transaction.atomic():
        FieldValue.objects.create(contact=reader, name="born", moment=datetime(year, 6, 1, tzinfo=UTC))


@pytest.mark.parametrize("said", IMPOSSIBLE)
@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "America/Los_Angeles"])
def test_a_browser_key_cannot_make_a_contacts_page_fail(client, as_ada, kettle, said, zone):
    with working_in(kettle):
        key = make_key("browser", "Shop")[1]
    kettle.zone = zone
    kettle.save()
    traits = {"email": "greta@tea.example", "born": said, "paused_until": said, "createdAt": said}
    body = {"writeKey": key, "batch": [{"type": "identify", "userId": "u1", "traits": traits}]}

    answer = client.post("/v1/batch", json.dumps(body), content_type="text/plain").json()

    assert answer["kept"] == 1
    with working_in(kettle):
        row = FieldValue.objects.get(name="born")
        assert (row.text, row.moment) == (said, None)
    assert as_ada.get(f"/w/kettle/contacts/{row.contact_id}/").status_code == 200
    assert as_ada.get("/w/kettle/contacts/").status_code == 200


@pytest.mark.parametrize("said", [*IMPOSSIBLE, "0001-01-01", "9999-12-31"])
def test_a_segment_compares_with_no_impossible_date(as_ada, kettle, said):
    from segments.leaf_types.base import RuleError
    from segments.rules.compiler import check_rule

    with working_in(kettle):
        for leaf in (
            {"field": {"name": "created_at", "op": "before", "value": said}},
            {"field": {"name": "born", "op": "after", "value": said}},
            {"did": {"kind": "purchase", "window": {"between": [said, "2026-01-01"]}}},
            {"did": {"kind": "purchase", "window": {"after": said}}},
        ):
            with pytest.raises(RuleError):
                check_rule({"all": [leaf]})


@pytest.mark.parametrize("text", ["[" * 19_000, '{"all":' * 2_000, '{"all": [NaN]}', '{"a\\u0000": "\\ud800"}', "²"])
def test_a_rule_no_decoder_should_see_is_an_empty_one(as_ada, kettle, text):
    answer = as_ada.post("/w/kettle/segments/new/", {"rule": text, "do": "save"})

    assert answer.status_code in {200, 302, 422}


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "1899-12-31", "2201-01-01"])
def test_a_form_says_which_dates_it_takes(as_ada, kettle, day):
    answer = as_ada.post("/w/kettle/engagement/annotations/", {"name": "TV", "starts_on": day, "ends_on": day})

    assert answer.status_code == 422
    assert "Choose a date from 1900 to 2200." in answer.text
