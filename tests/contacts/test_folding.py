"""Text is folded once, in Python, into a column of its own; segments compare it there and search finds by it."""

import csv

import pytest

from contacts.enriching import enrich
from contacts.folding import fold, fold_case, folded
from contacts.models import Contact, FieldValue, Identity, Tag
from contacts.searching import find_people, index_people
from segments.exporting import members_as_csv
from segments.leaf_types.field import FieldForm, FieldLeaf
from segments.models import Segment, SegmentMember
from segments.rules.compiler import check_rule
from segments.rules.counting import ids_fitting
from segments.rules.explaining import explain
from tests.factories.contacts import make_contact


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("İstanbul", "ISTANBUL"), ("ısparta", "ISPARTA"), ("i\u0307zmir", "İZMİR"), ("Straße", "STRASSE"), ("ẞ", "ss"),
        ("Łódź", "łÓDŹ"), ("Ｇold", "gold"), ("ﬁsh", "FISH"), ("Σίσυφος", "ΣΊΣΥΦΟΣ"), ("A\u030a", "å"), ("²", "2"),
    ],
)  # fmt: skip
def test_one_word_in_all_its_cases(one, other):
    assert fold_case(one) == fold_case(other)
    assert fold_case(fold_case(one)) == fold_case(one)


def test_accents_are_letters_in_rules_and_none_in_searches():
    assert fold_case("Köln") != fold_case("Koln")
    assert [fold(one) for one in ("Köln", "Sørensen", "Łukasz", "Ægir", "İpek", "Đorđe", "O’Neil")] == [
        "koln", "sorensen", "lukasz", "aegir", "ipek", "dorde", "o'neil",
    ]  # fmt: skip
    assert folded("  Groß \n", 4) == "gros"


def test_every_way_of_writing_writes_the_folded_twin(inside):
    made = Contact.objects.create(name="Łukasz Weiß", city="İzmir")
    Contact.objects.bulk_create([Contact(name="BULK", city="ÅRHUS")])
    enrich([(made.pk, {"family_name": "STRAẞE", "Plan": "Gold", "since": "2024-03-31"})])
    enrich([(made.pk, {"family_name": "Other", "Plan": "Tin"})], trusted=False)
    Tag.objects.bulk_create([Tag(contact=made, name="VIP")])

    made.refresh_from_db()
    assert (made.name_folded, made.city_folded) == ("lukasz weiss", "izmir")
    assert (made.family_name, made.family_name_folded) == ("STRAẞE", "strasse")
    assert Contact.objects.get(name="BULK").city_folded == "århus"
    assert FieldValue.objects.get(name="Plan").folded == "gold"
    assert Tag.objects.get().folded == "vip"
    made.city = ""
    made.save()
    assert Contact.objects.get(pk=made.pk).city_folded == ""


PEOPLE = {
    "a": {"city": "Vienna", "Plan": "Gold", "Points": 10, "Since": "2024-03-01", "Card": "40012345678"},
    "b": {"city": "vienna", "Plan": "gold", "Points": 5, "Since": "2024-03-31", "Card": "0012"},
    "c": {"city": "Graz", "Since": "2024-03-31 14:00", "Points": 1_234_567},
    "d": {"Plan": "Silver", "Points": "abc", "Since": "2024-04-01", "Card": "12"},
}


@pytest.fixture
def people(inside):
    made = {letter: make_contact(letter.upper(), email=f"{letter}@g.example") for letter in PEOPLE}
    enrich([(made[letter].pk, profile) for letter, profile in PEOPLE.items()])
    Tag.objects.create(contact=made["a"], name="VIP")
    Tag.objects.create(contact=made["b"], name="vip")
    index_people([one.pk for one in made.values()])
    return made


def who(people, rule) -> str:
    check_rule(rule)
    found = ids_fitting(rule)
    for letter, one in people.items():
        assert explain(rule, one).lines[0].evidence.holds == (one.pk in found), letter
    return "".join(letter for letter, one in people.items() if one.pk in found)


def field(name, op, value=None):
    return {"field": {"name": name, "op": op} | ({} if value is None else {"value": value})}


@pytest.mark.parametrize(
    ("rule", "fitting"),
    [
        (field("Plan", "=", "gold"), "ab"),
        (field("Plan", "!=", "GOLD"), "cd"),
        (field("Plan", "in", ["GOLD", "silver"]), "abd"),
        (field("Plan", "starts", "gO"), "ab"),
        (field("Plan", "contains", "IL"), "d"),
        (field("city", "=", "VIENNA"), "ab"),
        (field("city", "starts", "gr"), "c"),
        (field("Since", "=", "2024-03-31"), "bc"),
        (field("Since", "!=", "2024-03-31"), "ad"),
        (field("Since", "in", ["2024-03-31", "2024-04-01"]), "bcd"),
        (field("Since", "before", "2024-03-31"), "a"),
        (field("Since", "after", "2024-03-31"), "bcd"),
        (field("Since", "<=", "2024-03-31"), "abc"),
        (field("Since", ">", "2024-03-31"), "d"),
        (field("Points", "=", 5), "b"),
        (field("Points", "=", "5"), "b"),
        (field("Points", "in", ["5", "10", "abc"]), "abd"),
        (field("Points", ">", 5), "ac"),
        (field("Points", "=", "ABC"), "d"),
        (field("Card", "=", "0012"), "b"),
        (field("Card", "=", "12"), "d"),
        (field("created_at", "=", "2024-03-31"), ""),
        ({"tag": {"has_any": ["VIP"]}}, "ab"),
        ({"tag": {"has_all": ["Vip", "vip"]}}, "ab"),
        ({"tag": {"has_none": ["vip"]}}, "cd"),
    ],
)
def test_text_dates_and_numbers_of_people_are_compared_as_what_they_are(people, rule, fitting):
    assert who(people, rule) == fitting


def test_an_export_says_what_was_told(people):
    segment = Segment.objects.create(name="All", rule={"all": []})
    SegmentMember.objects.bulk_create(SegmentMember(segment=segment, contact=one) for one in people.values())

    head, *rows = list(csv.reader(members_as_csv(segment).splitlines()))

    assert head[-4:] == ["Card", "Plan", "Points", "Since"]
    assert [row[-4:] for row in rows] == [
        ["40012345678", "Gold", "10", "2024-03-01"],
        ["0012", "gold", "5", "2024-03-31"],
        ["", "", "1234567", "2024-03-31 14:00"],
        ["12", "Silver", "abc", "2024-04-01"],
    ]


@pytest.mark.parametrize(
    ("name", "op", "typed", "value"),
    [
        ("Points", "=", "5", 5), ("Points", "=", "1,5", 1.5), ("Points", "=", "0012", "0012"), ("Points", "=", "abc", "abc"),
        ("Points", ">", "7", 7), ("Since", ">", "2024-03-31", "2024-03-31"), ("Since", "=", "2024-03-31", "2024-03-31"),
        ("Plan", "=", "5", "5"),
    ],
)  # fmt: skip
def test_what_is_typed_into_the_builder_is_kept_as_what_it_is(people, name, op, typed, value):
    form = FieldForm({"name": name, "op": op, "value": typed})

    assert form.is_valid(), form.errors
    assert form.argument() == {"name": name, "op": op, "value": value}
    FieldLeaf.open(form.argument())


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("lukasz", "Łukasz"), ("ŁUKASZ", "Łukasz"), ("WEISS", "Łukasz"), ("weiß", "Łukasz"), ("ipek", "İpek"), ("İPEK", "İpek"),
        ("0012345", "Łukasz"), ("00123", "Łukasz"), ("kd-77 12", None), ("KD-7712", "İpek"), ("12-345-67", "Ann"),
        ("shop", "Ann"), ("anna+shop", "Ann"), ("anna+shop@plus.example", "Ann"), ("ANNA", "Ann"), ("plus.ex", "Ann"),
        ("0170 555 01 42", "Ann"), ("+49 170 5550142", "Ann"), ("40012345678", "Łukasz"), ("4001234567", None),
        ("0012", "İpek"), ("", None), ("+", None),
    ],
)  # fmt: skip
def test_people_are_found_by_what_is_typed(inside, typed, found):
    lukasz, ipek = make_contact("Łukasz Weiß"), make_contact("İpek")
    ann = make_contact("Ann", email="anna+shop@plus.example")
    numbers = [(lukasz, 1, "0012345"), (ipek, 1, "KD-7712"), (ann, 1, "12-345-67"), (ann, 3, "+491705550142")]
    Identity.objects.bulk_create(Identity(contact=who, kind=kind, value=value) for who, kind, value in numbers)
    FieldValue.objects.create(contact=lukasz, name="Card", text="40012345678")
    FieldValue.objects.create(contact=ipek, name="Card", text="0012")
    index_people([lukasz.pk, ipek.pk, ann.pk])

    names = [one.name.split()[0] for one in Contact.objects.filter(pk__in=find_people(typed)).order_by("pk")]

    if typed == "0012":
        assert set(names) == {"Łukasz", "İpek"}  # a number that begins so, and a card
    else:
        assert names == ([found] if found else [])
