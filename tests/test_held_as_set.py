"""References that are held as a set do what a foreign key does: for each row, whoever writes, and when the other goes."""

import re
import threading

import pytest
from django.db import IntegrityError, OperationalError, connection, transaction

from consent.consenting import give_consent
from consent.models import Consent
from contacts.history.saying import making
from contacts.models import Contact, FieldValue, Identity, Tag
from lib.sql import run_text
from tests.conftest import as_owner_sql
from tests.factories.contacts import letter, make_contact
from workspaces.current import working_in
from workspaces.owned import OwnedForeignKey, owned_models

NOBODY = 987_654_321
AS_SETS = [
    (model, field)
    for model in owned_models()
    for field in model._meta.local_fields
    if isinstance(field, OwnedForeignKey) and field.as_set
]


def test_what_files_fill_is_held_as_sets_and_nothing_else():
    assert sorted(f"{model.__name__}.{field.name}" for model, field in AS_SETS) == [
        "AudienceRole.contact",
        "Consent.contact",
        "Consent.topic",
        "Consent.wording",
        "Delivery.contact",
        "Delivery.message",
        "FieldChange.contact",
        "FieldValue.contact",
        "Identity.contact",
        "ImportedRecord.contact",
        "ImportedRecord.run",
        "Position.contact",
        "StandingEntry.contact",
        "Tag.contact",
        "TrackingConsent.contact",
        "TrackingConsent.wording",
        "TransactionalSend.contact",
        "TransactionalSend.message",
        "TransactionalSend.version",
    ]


def test_one_row_of_nobody_among_many_takes_all_of_its_statement_back(inside):
    tom = make_contact("Tom Green")

    with pytest.raises(IntegrityError, match="contacts_tag_contact_id_own"), transaction.atomic():
        Tag.objects.bulk_create(Tag(contact_id=who, name="vip") for who in (tom.pk, NOBODY))

    assert Tag.objects.count() == 0


def test_a_row_cannot_be_given_to_nobody_later_nor_to_somebody_elsewhere(kettle, rival):
    with working_in(rival):
        stranger = make_contact("Eve's").pk
    with working_in(kettle):
        tag = Tag.objects.create(contact=make_contact("Tom Green"), name="vip")
        for wrong in (NOBODY, stranger):
            with pytest.raises(IntegrityError, match="contacts_tag_contact_id_own"), transaction.atomic():
                Tag.objects.filter(pk=tag.pk).update(contact_id=wrong)
        other = make_contact("Ann Blue")
        Tag.objects.filter(pk=tag.pk).update(contact_id=other.pk)

        assert Tag.objects.get().contact_id == other.pk


def test_what_is_of_a_contact_goes_with_it_and_its_words_hold_it(inside):
    tom, ann = (
        make_contact("Tom Green", email="tom@people.example"),
        make_contact("Ann Blue", email="ann@people.example"),
    )
    for one in (tom, ann):
        with making():
            FieldValue.objects.create(contact=one, name="tea", text="Assam")
        Tag.objects.create(contact=one, name="vip")
    give_consent(ann, topic=letter())

    Contact.objects.filter(pk=tom.pk).delete()
    with pytest.raises(IntegrityError, match="consent_consent_contact_id_own"), transaction.atomic():
        Contact.objects.filter(pk=ann.pk).delete()
    with pytest.raises(IntegrityError, match="consent_consent_topic_id_own"), transaction.atomic():
        letter().delete()

    for model in (Identity, FieldValue, Tag, Consent):
        assert set(model.objects.values_list("contact_id", flat=True)) == {ann.pk}


@pytest.mark.django_db(transaction=True)
def test_whoever_takes_a_contact_away_waits_for_those_who_write_of_it(kettle):
    with working_in(kettle):
        tom = make_contact("Tom Green")
    said: list[str] = []

    def take_away() -> None:
        try:
            with working_in(kettle):
                run_text("SET LOCAL lock_timeout = '100ms'")
                Contact.objects.filter(pk=tom.pk).delete()
        except OperationalError as error:
            said.append(str(error))
        finally:
            connection.close()

    with working_in(kettle):
        Tag.objects.create(contact=tom, name="vip")
        thread = threading.Thread(target=take_away)
        thread.start()
        thread.join()

    assert len(said) == 1
    assert "lock timeout" in said[0]
    with working_in(kettle):
        assert Tag.objects.filter(contact=tom).exists()


@pytest.fixture
def of_nothing(inside):
    """What the planner is told of each table: that it was looked at, and empty. A session keeps what it plans by that."""
    for table in sorted({model._meta.db_table for model in owned_models()}):
        as_owner_sql(
            f"SELECT pg_restore_relation_stats('schemaname', 'public', 'relname', '{table}', 'relpages', 1, 'reltuples', 0::real)"
        )


def paths_of(function: str, rows: str, table: str) -> set[str]:
    """How a trigger finds what it looks for, its own settings in force: the columns that each index it takes begins with."""
    [(source, settings)] = run_text("SELECT prosrc, proconfig FROM pg_proc WHERE proname = %s", [function])
    for setting in settings:
        run_text("SELECT set_config(%s, %s, true)", setting.split("="))
    query = re.search(r"IF EXISTS \((.*?)\) THEN", source, re.DOTALL)[1]
    plan = "\n".join(line for (line,) in run_text("EXPLAIN " + re.sub(rf"\b{rows}\b", table, query)))
    assert not re.search(r"Seq Scan on \w+ [tk]\b", plan)
    taken = re.findall(r"Scan using (\w+) on \w+ [tk]\b", plan)
    assert taken
    kept = "SELECT pg_get_indexdef(%s::regclass, 1, true) || ', ' || pg_get_indexdef(%s::regclass, 2, true)"
    return {run_text(kept, [index, index])[0][0] for index in taken}


@pytest.mark.parametrize(("model", "field"), AS_SETS)
def test_what_is_referred_to_is_found_by_its_key_however_little_is_known_of_it(of_nothing, model, field):
    table, target = model._meta.db_table, field.related_model._meta.db_table

    assert paths_of(f"{table}_{field.column}_own", "fresh", table) == {"workspace_id, id"}

    going = f"{table}_{field.column}_own_gone"
    if run_text("SELECT FROM pg_proc WHERE proname = %s AND prosrc LIKE '%%left_behind%%'", [going]):
        assert paths_of(going, "gone", target) == {f"workspace_id, {field.column}"}
