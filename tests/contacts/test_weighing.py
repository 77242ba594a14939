"""What two values of a field say of two people: the same, almost the same, or nothing of the kind."""

import numpy as np
import pytest

from contacts.duplicates.columns import make_columns
from contacts.duplicates.finding import explain
from contacts.duplicates.gathering import own_mailbox
from contacts.duplicates.weighing import Weighed, weigh
from tests.factories.duplicates import a_list


def weighed(**columns: str) -> Weighed:
    """The first two of a list of 600, whose fields are these two values ("one | other") of each column."""
    return weigh(np.array([[0, 1]]), make_columns(a_list(columns)))


def how_alike(field: str, one: str, other: str) -> float:
    return float(weighed(**{field: f"{one} | {other}"}).likeness[field][0])


@pytest.mark.parametrize(
    ("field", "one", "other", "almost"),
    [
        pytest.param("email", "person1@tea.example", "person2@tea.example", False, id="mailboxes with numbers"),
        pytest.param("email", "greta@tea.example", "grata@tea.example", True, id="a letter of an address"),
        pytest.param("phone", "+46705550142", "+46705550143", False, id="telephones beside each other"),
        pytest.param("given_name", "g.", "greta", True, id="an initial"),
        pytest.param("given_name", "g", "hana", False, id="another's initial"),
        pytest.param("given_name", "greta", "greto", True, id="a letter of a name"),
        pytest.param("street", "teichweg 9", "9 teichweg", True, id="words in another order"),
        pytest.param("birthday", "1980-02-03", "1980-02-08", True, id="a digit of a day"),
        pytest.param("birthday", "1980-02-03", "1971-11-30", False, id="another day"),
    ],
)
def test_a_slip_of_the_pen_is_told_from_another_value(field, one, other, almost):
    assert (how_alike(field, one, other) > 0.7) == almost
    assert how_alike(field, one, one) == 1
    assert np.isnan(weighed(**{field: f"{one} | "}).likeness[field][0])


def test_an_initial_says_less_than_the_name_and_does_not_part_as_another_would():
    whole, initial, other = (
        weighed(given_name=f"greta | {one}").parts["given_name"][0] for one in ("greta", "g", "ida")
    )

    assert whole > 0
    assert whole > initial > other + 1


def test_a_first_and_a_last_name_together_say_no_more_than_how_rare_the_pair_is():
    alone = [weighed(**{name: "rare | rare"}).parts[name][0] for name in ("given_name", "family_name")]
    both = weighed(given_name="rare | rare", family_name="rare | rare").parts

    assert 0 < both["given_name"][0] + both["family_name"][0] < sum(alone)


@pytest.mark.parametrize("email", ["info@tea.example", "INFO+spring@tea.example", "no-reply@tea.example"])
def test_the_mailbox_of_a_function_is_nobodys_own(email):
    assert own_mailbox(email) == ""
    assert own_mailbox(f"x{email}") == f"x{email}".lower()


VALUES = {
    "given_name": ("greta | greta", "g | greta", "greta | hana", " | "),
    "family_name": ("lindqvist | lindqvist", "lindqvist | lindquist", "berg | tal"),
    "email": ("greta@tea.example | greta@tae.example", "a@b.example | hana@c.example", " | "),
    "birthday": ("1980-02-03 | 1980-02-03", "1980-02-03 | 1999-12-31", " | "),
    "city": ("ulm | ulm", "ulm | köln"),
}


def test_what_is_told_of_each_field_adds_up_to_the_score_for_every_pair():
    told = 0
    for one in VALUES["given_name"]:
        for two in VALUES["family_name"]:
            for three in VALUES["email"]:
                for four in VALUES["birthday"]:
                    for five in VALUES["city"]:
                        fields = dict(zip(VALUES, (one, two, three, four, five), strict=True))
                        found = weighed(**fields)
                        evidence = explain(found, 0)
                        if evidence:
                            told += 1
                            score = round(1000 * (float(found.scores[0]) - 0.5))
                            assert sum(line["milli"] for line in evidence) == score, fields
    assert told > 100
