from datetime import timedelta

import pytest
from django.db import ProgrammingError, transaction
from django.utils import timezone

from consent.consenting import NoProofError, give_consent, withdraw_consent
from consent.models import Consent, ConsentWording, Suppression, Topic
from consent.news import consent_changed
from consent.suppressing import is_suppressed, suppress
from contacts.channels import Channel
from contacts.merging import link_contacts
from tests.factories.contacts import letter, make_contact

pytestmark = pytest.mark.usefixtures("inside")
PAGE = "https://kettle.example/join"


def test_a_new_workspace_has_a_letter_and_offers():
    assert list(Topic.objects.values_list("key", flat=True)) == ["letter", "offers"]


def test_a_yes_is_kept_with_its_proof():
    ada = make_contact()

    row = give_consent(ada, topic=letter(), wording="Write to me", source="form", page=PAGE, ip="192.0.2.7", agent="x")

    kept = Consent.objects.get(pk=row.pk)
    assert (kept.state, kept.wording.text, kept.page, kept.ip) == (
        Consent.State.GIVEN,
        "Write to me",
        PAGE,
        "192.0.2.7",
    )


def test_the_same_sentence_is_kept_once():
    for _ in range(3):
        give_consent(make_contact(), topic=letter(), wording="Write to me")

    assert ConsentWording.objects.filter(text="Write to me").count() == 1


def test_repeating_an_import_adds_no_row():
    ada = make_contact()

    rows = {give_consent(ada, topic=letter(), source="list.csv").pk for _ in range(2)}

    assert rows == {Consent.objects.get().pk}


@pytest.mark.parametrize("change", ["UPDATE consent_consent SET state = 1", "DELETE FROM consent_consent"])
def test_postgresql_refuses_to_change_what_was_said(change):
    give_consent(make_contact(), topic=letter())

    from lib.sql import run_text

    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        run_text(change)


def test_an_import_cannot_bring_an_opt_out_back():
    ada = make_contact()
    withdraw_consent(ada, topic=letter(), page=PAGE)

    with pytest.raises(NoProofError):
        give_consent(ada, topic=letter(), source="list.csv")


def test_a_yes_from_before_the_no_changes_nothing():
    ada = make_contact()
    withdraw_consent(ada, topic=letter(), page=PAGE)

    with pytest.raises(NoProofError):
        give_consent(ada, topic=letter(), page=PAGE, at=timezone.now() - timedelta(days=1))


def test_wanting_nothing_outlives_the_contact():
    ada = make_contact(email="ada@kettle.example")
    withdraw_consent(ada, topic=None, page=PAGE)

    assert Suppression.objects.get().reason == Suppression.Reason.OBJECTION
    assert is_suppressed("Ada@Kettle.Example")


def test_their_own_new_yes_lifts_the_address():
    ada = make_contact(email="ada@kettle.example")
    withdraw_consent(ada, topic=None, page=PAGE)

    give_consent(ada, topic=letter(), page=PAGE)

    assert not is_suppressed("ada@kettle.example")


def test_their_new_yes_does_not_lift_what_we_blocked():
    ada = make_contact(email="ada@kettle.example")
    suppress("ada@kettle.example", reason=Suppression.Reason.MANUAL)

    give_consent(ada, topic=letter(), page=PAGE)

    assert is_suppressed("ada@kettle.example")


def test_only_a_yes_said_by_the_person_lifts_an_address():
    ada = make_contact(email="ada@kettle.example")
    suppress("ada@kettle.example", reason=Suppression.Reason.COMPLAINT)

    give_consent(ada, topic=letter(), source="list.csv")

    assert is_suppressed("ada@kettle.example")


def test_a_suppression_twice_is_one_row_and_stands_again_after_lifting():
    suppress("ada@kettle.example", reason=Suppression.Reason.BOUNCE)
    Suppression.objects.update(lifted_at=timezone.now())

    suppress("ADA@kettle.example", reason=Suppression.Reason.BOUNCE)

    assert Suppression.objects.get().lifted_at is None


def test_whoever_holds_a_suppressed_address_is_told_of_as_changed(monkeypatch):
    heard = []
    monkeypatch.setattr(consent_changed, "hearers", [lambda contact_ids: heard.append(contact_ids)])
    ada, _other = make_contact(email="ada@kettle.example"), make_contact()

    suppress("Ada@kettle.example")

    assert heard == [[ada.pk]]


def test_phones_are_suppressed_on_their_own_channel():
    suppress("+49 30 901820", channel=Channel.CALL)

    assert is_suppressed("+4930901820", channel=Channel.CALL)
    assert not is_suppressed("+4930901820", channel=Channel.MOBILE)


def test_saying_no_twice_is_one_row():
    ada = make_contact()

    news = [withdraw_consent(ada, topic=letter()) for _ in range(2)]

    assert (news, Consent.objects.count()) == ([True, False], 1)


def test_a_no_from_a_merged_address_is_overruled_by_no_hearsay():
    ada, also_ada = make_contact(), make_contact()
    withdraw_consent(also_ada, topic=letter(), page=PAGE)
    link_contacts(also_ada.pk, ada.pk)

    with pytest.raises(NoProofError):
        give_consent(ada, topic=letter(), source="list.csv")
