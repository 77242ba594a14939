"""No foreign key holds the ledger: recording refuses a fact of nobody, and holds the people of a batch till it ends."""

import threading
from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, OperationalError, connection, transaction

from contacts.merging import link_all
from contacts.models import Contact
from engagement.models import Score
from lib.sql import run_text
from tests.factories.contacts import make_contact
from touchpoints.facts import Fact
from touchpoints.models import DayCount, Touchpoint
from touchpoints.recording import NobodyError, record
from touchpoints.sources import source_for
from workspaces.current import working_in
from workspaces.orphans import count_orphans, sweep_orphans

MOMENT = datetime(2026, 3, 18, 12, tzinfo=UTC)
NOBODY = 987_654_321


def bought(who: int, number: int = 1) -> Fact:
    return Fact("purchase", f"order-{who}-{number}", MOMENT, contact_id=who, value_minor=100)


def test_a_fact_of_nobody_or_of_somebody_elsewhere_is_refused_and_nothing_of_its_batch_is_kept(kettle, rival):
    with working_in(rival):
        stranger = make_contact("Eve's").pk
    with working_in(kettle):
        known, shop = make_contact("Tom Green").pk, source_for("shop", "The shop")
        for wrong in (stranger, NOBODY):
            with pytest.raises(NobodyError, match="1 contacts of these facts do not exist here"):
                record([bought(known), bought(wrong), bought(wrong, 2)], source=shop)

        assert issubclass(NobodyError, IntegrityError)
        assert (Touchpoint.objects.count(), DayCount.objects.count(), Score.objects.count()) == (0, 0, 0)
        assert record([bought(known)], source=shop).fresh_count == 1


def test_a_fact_whose_person_is_gone_is_told_and_never_swept(kettle):
    with working_in(kettle):
        contact = make_contact("Tom Green")
        record([bought(contact.pk)], source=source_for("shop", "The shop"))
        Score.objects.all().delete()
        Contact.objects.filter(pk=contact.pk).delete()

        assert count_orphans()["touchpoints_touchpoint.contact_id"] == 1
        assert "touchpoints_touchpoint.contact_id" not in sweep_orphans()
        assert Touchpoint.objects.count() == 1


@pytest.mark.parametrize(("of_loser", "of_survivor", "scored"), [(True, False, 0), (False, True, 1), (True, True, 1)])
def test_of_linked_people_the_one_who_stands_for_both_says_whether_they_are_scored(
    inside, of_loser, of_survivor, scored
):
    loser, survivor = (make_contact(name, is_profiled=flag) for name, flag in (("A", of_loser), ("B", of_survivor)))
    link_all([(loser.pk, survivor.pk)], reason="test")

    record([bought(loser.pk)], source=source_for("shop", "The shop"))

    assert Score.objects.filter(contact=survivor).count() == scored
    assert not Score.objects.filter(contact=loser).exists()


@pytest.mark.parametrize("erased_at", [None, MOMENT])
def test_of_whom_no_profile_is_made_a_batch_tells(inside, erased_at):
    shy = make_contact("Shy", is_profiled=erased_at is not None, erased_at=erased_at)
    open_ = make_contact("Open")

    done = record([bought(shy.pk), bought(open_.pk)], source=source_for("shop", "The shop"))

    assert list(done.unprofiled) == [shy.pk]
    assert list(Score.objects.values_list("contact_id", flat=True)) == [open_.pk]


@pytest.mark.django_db(transaction=True)
def test_recording_holds_the_people_of_a_batch_until_its_transaction_ends(kettle):
    with working_in(kettle):
        tom, ina = make_contact("Tom").pk, make_contact("Ina").pk
        shop = source_for("shop", "The shop")
    refused: list[int] = []

    def take() -> None:
        try:
            for who in (tom, ina):
                try:
                    with working_in(kettle), transaction.atomic():
                        run_text("SELECT 1 FROM contacts_contact WHERE id = %(id)s FOR UPDATE NOWAIT", {"id": who})
                except OperationalError:
                    refused.append(who)
        finally:
            connection.close()

    with working_in(kettle):
        record([bought(tom)], source=shop)
        other = threading.Thread(target=take)
        other.start()
        other.join()

    assert refused == [tom]
