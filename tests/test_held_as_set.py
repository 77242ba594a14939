"""References that are held as a set do what a foreign key does: for each row, whoever writes, and when the other goes."""

import threading

import pytest
from django.db import IntegrityError, OperationalError, connection, transaction

from consent.consenting import give_consent
from consent.models import Consent
from contacts.history.saying import making
from contacts.models import Contact, FieldValue, Identity, Tag
from lib.sql import run_text
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
