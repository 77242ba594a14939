"""What a file says of consent against what stands already: a no counts in every mode, what is not kept is said."""

import pytest

from consent.models import Consent, Suppression
from consent.suppressing import is_suppressed
from contacts.merging import link_contacts
from contacts.models import Contact, Identity
from imports.models import ImportRun
from lib.clock import now

SUBSCRIBED = "Email,Status,Since\na@example.org,subscribed,{}\n"
MAPPING = {"Status": "status", "Since": "opted_in_at"}


def test_a_no_counts_where_only_new_people_come_in(bring):
    bring("Email\na@example.org\nb@example.org\nc@example.org\n")

    result = bring(
        "Email,Newsletter\na@example.org,unsubscribed\nb@example.org,nein\nc@example.org,ja\nd@example.org,ja\n",
        mode=ImportRun.Mode.CREATE,
        mapping={"Newsletter": "consent"},
    )

    assert result.agreed() == {"c@example.org", "d@example.org"}
    assert (is_suppressed("a@example.org"), is_suppressed("b@example.org")) == (True, False)
    assert result.outcomes == {2: "updated", 3: "updated", 4: "same", 5: "created"}
    assert result.reasons[3].startswith("Known already: left as it is. consent: withdrawn.")
    assert result.run.cells == {"empty": 0, "noted": 6, "taken": 2, "left_out": 0}


def test_a_yes_against_a_no_that_stands_is_said_not_to_count(bring):
    bring("Email,Unsubscribed\na@example.org,yes\n")
    Suppression.objects.update(lifted_at=now())

    result = bring(SUBSCRIBED.format("2020-01-01"), mapping=MAPPING)

    assert (result.agreed(), result.run.cells["noted"]) == (set(), 1)
    assert result.reasons[2] == (
        "They said no before: no consent written. Since: not kept, because no consent was written."
    )


def test_the_date_of_a_yes_that_stands_already_is_kept_or_noted(bring):
    bring(SUBSCRIBED.format("2020-01-01"), mapping=MAPPING)

    again = bring(SUBSCRIBED.format("2020-01-01"), mapping=MAPPING)
    later = bring(SUBSCRIBED.format("2021-01-01"), mapping=MAPPING)

    assert (again.reasons[2], again.run.cells["noted"]) == ("", 0)
    assert later.reasons[2] == "Since: not kept, because a consent stands already."
    assert (later.run.cells["noted"], Consent.objects.get().at.year) == (1, 2019)  # 31 December in UTC


def test_twins_known_by_phone_are_dialled_where_they_live(bring):
    bring("Email,Phone,Country\na@example.org,070-555 01 48,Sweden\n")

    result = bring("Phone,Country,Unsubscribed\n070-555 01 48,Sweden,\n070-555 01 48,Sweden,yes\n")

    assert result.agreed() == set()
    assert "Another row of this person says no" in result.reasons[2]


def test_a_value_that_a_rule_keeps_out_counts_as_noted_under_its_columns_name(bring):
    bring("Email,Town,Plan\na@example.org,Bern,gold\n")

    result = bring("Email,Town,Plan\na@example.org,Basel,silver\n", rules={"Town": "empty", "Plan": "never"})

    assert (
        result.reasons[2]
        == "Town: Bern stays, “Basel” is not taken over. Plan: gold stays, “silver” is not taken over."
    )
    assert result.run.cells == {"empty": 0, "noted": 2, "taken": 1, "left_out": 0}


def test_an_address_of_somebody_merged_in_recognises_and_retires_nothing(bring):
    bring("Email\nold@example.org\nmain@example.org\n", topic="")
    old, main = Contact.objects.order_by("pk")
    link_contacts(old.pk, main.pk)

    results = [bring("Email,City\nold@example.org,Bern\n", topic="") for _time in range(2)]

    main.refresh_from_db()
    assert (main.email, main.city) == ("main@example.org", "Bern")
    assert not Identity.objects.exclude(former_since=None).exists()
    assert [result.reasons[2] for result in results] == ["city: – → Bern.", ""]


@pytest.mark.parametrize(
    ("file", "mapping", "first", "then"),
    [
        ("Email,Unsubscribed\na@example.org,yes\n", {}, "updated", "suppressed"),
        ("Email,No texts\na@example.org,yes\n", {"No texts": "opt_out_sms"}, "updated", "same"),
    ],
)
def test_a_no_that_stands_already_changes_nobody_and_is_written_down_for_this_file_too(
    bring, file, mapping, first, then
):
    bring("Email\na@example.org\n")
    assert bring(file, mapping=mapping).outcomes[2] == first
    before = Consent.objects.count()

    again = bring(file, mapping=mapping)

    assert again.outcomes[2] == then
    assert Consent.objects.count() == before + 1  # so that the undo of one file leaves the other's no
