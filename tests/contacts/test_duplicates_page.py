"""The page of duplicates: what waits, one pair side by side, the decision, and taking it back."""

import re

import pytest

from consent.consenting import give_consent, withdraw_consent
from contacts.duplicates.finding import find_duplicates
from contacts.merging import survivor_of
from contacts.models import Contact, DuplicatePair, FieldValue, MergeRecord
from tests.contacts.test_duplicates import person
from tests.factories.contacts import letter
from workspaces.current import working_in
from workspaces.models import AgendaItem

PAGE = "/w/kettle/contacts/duplicates/"


@pytest.fixture
def twins(kettle) -> tuple[Contact, Contact]:
    with working_in(kettle):
        custom = {"street": "Nordhemsgatan 31", "birthday": "1980-02-03"}
        greta = person(
            "Greta", "Lindqvist", "greta@slowwater.example", city="Gothenburg", custom=custom | {"tea": "Assam"}
        )
        short = person(
            "Greta", "Lindquist", "greta@slowvater.example", city="Göteborg", custom=custom | {"tea": "Earl Grey"}
        )
        give_consent(greta, topic=letter(), wording="Yes")
        give_consent(short, topic=letter(), wording="Yes")
        withdraw_consent(short, topic=letter())
    find_duplicates(kettle)
    return greta, short


def the_pair(kettle) -> DuplicatePair:
    with working_in(kettle):
        return DuplicatePair.objects.get()


def test_nothing_waits_and_a_search_can_be_begun(as_ada, kettle):
    page = as_ada.get(PAGE).content.decode()

    assert "No pair waits" in page
    assert as_ada.post(f"{PAGE}search/").status_code == 302
    assert AgendaItem.objects.filter(work="contacts.duplicates").exists()


def test_a_pair_stands_side_by_side_with_why_and_what_it_costs(as_ada, kettle, twins):
    page = as_ada.get(PAGE).content.decode()

    assert "Is Greta Lindquist also Greta Lindqvist?" in page
    assert "Same birthday" in page
    assert "1980-02-03" in page
    assert "Earl Grey" in page
    assert "stops getting: Newsletter" in page
    weights = [float(one.replace("−", "-").replace("+", "")) for one in re.findall(r">([+−]\d\.\d\d)<", page)]
    assert sum(weights) + 0.5 == pytest.approx(the_pair(kettle).score_milli / 1000, abs=0.006 * len(weights))


def test_who_stays_can_be_swapped(as_ada, kettle, twins):
    page = as_ada.get(PAGE, {"stay": twins[1].pk}).content.decode()

    assert "Is Greta Lindqvist also Greta Lindquist?" in page
    assert "stops getting" not in page


def test_a_merge_and_its_undo(as_ada, kettle, twins):
    greta, short = twins
    done = as_ada.post(
        f"{PAGE}{the_pair(kettle).pk}/merge/",
        {"stay": greta.pk, "take-city": "on", "take-tea": ""},
        follow=True,
    ).content.decode()

    assert "Merged." in done
    assert "No pair waits" in done
    with working_in(kettle):
        greta.refresh_from_db()
        assert (survivor_of(short.pk), greta.city) == (greta.pk, "Göteborg")
        assert FieldValue.objects.get(contact=greta, name="tea").text == "Assam"
        record = MergeRecord.objects.get()
    assert as_ada.get(f"/w/kettle/contacts/{short.pk}/").url == f"/w/kettle/contacts/{greta.pk}/"

    undone = as_ada.post(f"{PAGE}merges/{record.pk}/undo/", follow=True).content.decode()
    again = as_ada.post(f"{PAGE}merges/{record.pk}/undo/", follow=True).content.decode()

    assert "Taken back" in undone
    assert "taken back already" in again
    with working_in(kettle):
        greta.refresh_from_db()
        assert (survivor_of(short.pk), greta.city) == (short.pk, "Gothenburg")
    assert find_duplicates(kettle) == 0


def test_two_people_are_remembered(as_ada, kettle, twins):
    done = as_ada.post(f"{PAGE}{the_pair(kettle).pk}/not-the-same/", follow=True).content.decode()

    assert "two people" in done
    assert find_duplicates(kettle) == 0


@pytest.mark.parametrize("stay", ["", "²", "99999999999999999999", "-1"])
def test_a_strange_choice_of_who_stays_falls_back_to_the_proposal(as_ada, kettle, twins, stay):
    assert as_ada.get(PAGE, {"stay": stay, "pair": stay}).status_code == 200
    assert as_ada.post(f"{PAGE}{the_pair(kettle).pk}/merge/", {"stay": stay}).status_code == 302
    with working_in(kettle):
        assert MergeRecord.objects.get().survivor_id == twins[0].pk


def test_a_pair_that_somebody_merged_meanwhile_changes_nothing(as_ada, kettle, twins):
    pair = the_pair(kettle)
    as_ada.post(f"{PAGE}{pair.pk}/merge/", {"stay": twins[0].pk})

    again = as_ada.post(f"{PAGE}{pair.pk}/merge/", {"stay": twins[1].pk}, follow=True).content.decode()

    assert "Nothing was changed" in again
    with working_in(kettle):
        assert MergeRecord.objects.count() == 1


def test_analysts_and_colleagues_do_not_decide(kettle, twins, member):
    for role in ("analyst", "colleague"):
        assert member(role).get(PAGE).status_code == 403


def test_more_pairs_cost_no_more_questions(as_ada, kettle, twins, django_assert_max_num_queries):
    with working_in(kettle):
        for number in range(30):
            for last in ("Adler", "Adlar"):
                person("Ruth" + chr(97 + number), last, custom={"passport": f"X{number}00{number}7"})
    find_duplicates(kettle)

    with django_assert_max_num_queries(60):
        page = as_ada.get(PAGE).content.decode()
    assert "31 pairs" in page


def test_the_page_is_found_by_its_name_and_marked_in_the_row_above(as_ada, kettle):
    page = as_ada.get(PAGE).content.decode()
    row = page.split('<nav class="area"')[1].split("</nav>")[0]

    assert re.findall(r'aria-current="page"[^>]*>\s*([A-Za-z ]+?)\s*<', row) == ["Duplicates"]
    assert PAGE in as_ada.get("/w/kettle/palette/", {"q": "duplicates"}).content.decode()
