"""Who may be one person: what is found, what is not, and a merge that can be taken back."""

import csv
import io
from datetime import timedelta
from itertools import combinations, pairwise
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contacts.duplicates.blocking import candidate_pairs
from contacts.duplicates.columns import make_columns
from contacts.duplicates.comparing import compare_fields, proposed_survivor
from contacts.duplicates.deciding import NotThereError, merge_contacts, part, undo_merge
from contacts.duplicates.finding import find_duplicates, find_pairs, search_tonight
from contacts.duplicates.gathering import gather, split_name
from contacts.merging import link_contacts, survivor_of, unlink_contact
from contacts.models import Contact, DuplicatePair, FieldValue, Identity, Merged, MergeRecord
from lib.clock import now
from tests.examples import examples
from tests.factories.contacts import make_contact
from tests.inputs import INPUTS, needs_inputs
from workspaces.current import working_in

OPEN, DIFFERENT, MERGED = DuplicatePair.State.OPEN, DuplicatePair.State.DIFFERENT, DuplicatePair.State.MERGED


@pytest.fixture
def inside(kettle):
    with working_in(kettle):
        yield kettle


def person(first, last, email="", **more):
    return make_contact(f"{first} {last}".strip(), email, given_name=first, family_name=last, **more)


def scores() -> dict[frozenset[str], float]:
    """Names of both → score, of every pair above a half."""
    names = dict(Contact.objects.values_list("pk", "name"))
    return {frozenset({names[one.left], names[one.right]}): one.score for one in find_pairs(gather(), least=0.5)}


def test_what_two_records_share_speaks_for_one_person(inside):
    street = {"street": "Nordhemsgatan 31", "postcode": "413 09"}
    greta = person("Greta", "Lindqvist", "greta@slowwater.example", custom=street | {"phone": "+46705550142"})
    short = person("G.", "Lindqvist", "greta@slowvater.example", custom=street | {"phone": "+46705550142"})
    person("Emil", "Krause", "emil@people.example", custom={"street": "Hauptstr. 4"})

    [pair] = find_pairs(gather())

    assert (pair.left, pair.right) == (greta.pk, short.pk)
    assert pair.score > 0.8
    told = {one["field"]: (one["how"], one["milli"]) for one in pair.evidence}
    assert {name: how for name, (how, _milli) in told.items()} == {
        "phone": "same",
        "email": "almost",
        "family_name": "same",
        "street": "same",
        "postcode": "same",
        "given_name": told["given_name"][0],
    }
    assert sum(milli for _how, milli in told.values()) == round(1000 * (pair.score - 0.5))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(("Jonas", "Weber"), ("Weber", "Jonas"), id="names in each other's place"),
        pytest.param(("Théo", "Rousseau"), ("Theo", "Rousseau"), id="an accent"),
        pytest.param(("Hana", "Kobayashi"), ("Hana", "Kobayasi"), id="a letter"),
    ],
)
def test_names_are_the_same_however_they_are_written(inside, one, other):
    custom = {"date of birth": "1984-02-11"}
    person(*one, custom=custom)
    person(*other, custom=custom)

    [pair] = find_pairs(gather())
    assert pair.score > 0.85


def test_people_of_one_household_or_office_are_not_one(inside):
    home = {"street": "Teichweg 9", "postcode": "50667", "town": "Köln", "landline phone": "+4922155501"}
    for first, born in (("Paul", "1961-04-30"), ("Jan", "1988-12-05"), ("Ida", "1992-07-17")):
        person(first, "Lorenz", f"{first.lower()}@lorenz.example", custom=home | {"birthday": born})
    for name in ("Ada Berg", "Cem Yıldız", "Ife Adeyemi", "Ruth Adler", "Hana Kobayashi"):
        person(*name.split(), custom={"company": "Kettle & Co", "town": "Ulm"})

    assert not list(find_pairs(gather()))


def test_numbered_and_shared_mailboxes_say_nothing(inside):
    for number in range(30):
        make_contact("", f"person{number}@people.example")
    person("Ana", "Silva", "info@teahouse.example")
    person("Bea", "Grün", "info@teahaus.example")
    Contact.objects.exclude(family_name__gt="").update(name="")

    assert not list(find_pairs(gather()))


def test_what_changes_with_the_weather_says_nothing(inside):
    """A favourite, points and days of visits are of a moment; they neither join nor part."""
    person("Ada", "Berg", custom={"favourite tea": "Assam", "points": 12345.0, "last visit": "2026-11-03"})
    person("Cem", "Yıldız", custom={"favourite tea": "Assam", "points": 12345.0, "last visit": "2026-11-03"})

    assert not list(find_pairs(gather(), least=0.4))


def test_who_is_merged_anonymous_or_erased_is_in_no_pair(inside):
    twins = [person("Greta", "Lindqvist", custom={"birthday": "1980-01-01"}) for _ in range(4)]
    link_contacts(twins[1].pk, twins[0].pk)
    Contact.objects.filter(pk=twins[2].pk).update(is_anonymous=True)

    assert [(one.left, one.right) for one in find_pairs(gather())] == [(twins[0].pk, twins[3].pk)]


def test_an_empty_workspace_and_one_person_have_no_pairs(inside):
    assert not list(find_pairs(gather()))
    person("Ada", "Berg")
    assert not list(find_pairs(gather()))


def test_a_night_compares_no_more_pairs_than_it_can():
    """Where too many share too much, what few share still joins them."""
    names = ["ann"] * 60 + ["bea"] * 60
    born = [f"19{number % 60 + 30}" for number in range(120)]
    columns = make_columns({"family_name": names, "birthday": born, "town": ["ulm"] * 30 + [""] * 90})

    every, few = candidate_pairs(columns), candidate_pairs(columns, most_pairs=100)

    assert len(every) > 400
    assert sorted(map(tuple, few.tolist())) == [(place, place + 60) for place in range(60)]


def test_whole_names_are_taken_apart():
    assert split_name("Greta Maria Lindqvist") == ("Greta Maria", "Lindqvist")
    assert split_name("Lindqvist, Greta") == ("Greta", "Lindqvist")
    assert split_name(" Cher ") == ("", "Cher")
    assert split_name("") == ("", "")


FIELDS = {"given_name": "given_name", "surname": "family_name"}


@needs_inputs("duplicates")
@pytest.mark.parametrize("name", ["dataset1.csv", "dataset2.csv", "dataset3.csv"])
def test_generated_people_are_found_again(inside, name):
    """febrl's people with misspelt, missing and swapped values: F1 over all pairs of one entity at the review threshold."""
    file = INPUTS / "duplicates" / name
    rows = list(csv.DictReader(file.read_text().splitlines(), skipinitialspace=True))
    people = Contact.objects.bulk_create(
        Contact(name=row["rec_id"], given_name=row["given_name"], family_name=row["surname"]) for row in rows
    )
    FieldValue.objects.bulk_create(
        FieldValue(contact=one, name=field, text=text)
        for one, row in zip(people, rows, strict=True)
        for field, text in row.items()
        if text and field not in {*FIELDS, "rec_id"}
    )
    entity = {one.pk: row["rec_id"].split("-")[1] for one, row in zip(people, rows, strict=True)}
    together: dict[str, list[int]] = {}
    for pk, key in entity.items():
        together.setdefault(key, []).append(pk)
    true = {pair for those in together.values() for pair in combinations(sorted(those), 2)}

    found = {(one.left, one.right) for one in find_pairs(gather())}

    right = len(found & true)
    assert 2 * right / (len(found) + len(true)) >= 0.97
    assert not found - true


@needs_inputs("duplicates")
def test_generated_people_come_in_as_a_file_and_go_out_as_pairs(kettle, tmp_path):
    """The whole way by command: a file with a number of each person, imported, compared, written as pairs of numbers."""
    rows = (INPUTS / "duplicates" / "dataset1.csv").read_text().splitlines()
    file = tmp_path / "people.csv"
    file.write_text("\n".join([rows[0].replace("rec_id", "customer number"), *rows[1:]]))
    call_command(
        "import_contacts",
        str(file),
        workspace="kettle",
        basis="interest",
        proof="Generated people of a public data set",
        stdout=io.StringIO(),
    )

    out = io.StringIO()
    call_command("find_duplicates", workspace="kettle", stdout=out)

    found = {(a, b) for a, b, _score in list(csv.reader(out.getvalue().splitlines()))[1:]}
    right = sum(a.split("-")[1] == b.split("-")[1] for a, b in found)
    assert right == len(found)
    assert 2 * right / (len(found) + 500) >= 0.97


def test_a_decision_stands_until_something_more_speaks_for_it(kettle, ada):
    with working_in(kettle):
        twins = [person("Greta", "Lindqvist", custom={"birthday": "1980-01-01"}) for _ in range(2)]
    assert find_duplicates(kettle) == 1
    with working_in(kettle):
        part(DuplicatePair.objects.get(), by=ada)
    assert find_duplicates(kettle) == 0

    with working_in(kettle):
        pair = DuplicatePair.objects.get()
        assert (pair.state, pair.decided_by_id) == (DIFFERENT, ada.pk)
        for one in twins:
            FieldValue.objects.create(contact=one, name="passport", text="X123456")

    assert find_duplicates(kettle) == 1
    with working_in(kettle):
        FieldValue.objects.filter(contact=twins[0]).update(text="other", folded="other")
        Contact.objects.filter(pk=twins[0].pk).update(given_name="Someone", name="Else")
    assert find_duplicates(kettle) == 0


def test_a_merge_takes_what_was_chosen_and_an_undo_gives_it_back(inside, ada):
    greta = person("Greta", "Lindqvist", "greta@slowwater.example", city="Gothenburg", custom={"tea": "Assam"})
    short = person(
        "G.", "Lindqvist", "g@slowwater.example", city="Göteborg", custom={"tea": "Earl Grey", "born": "1980"}
    )

    record = merge_contacts(greta.pk, short.pk, by=ada, take={"city"})

    greta.refresh_from_db()
    assert (greta.name, greta.city, greta.city_folded) == ("Greta Lindqvist", "Göteborg", "göteborg")
    assert survivor_of(short.pk) == greta.pk
    own = dict(FieldValue.objects.filter(contact=greta).values_list("name", "text"))
    assert own == {"tea": "Assam", "born": "1980"}

    greta.name = "Greta L."
    greta.save()
    assert undo_merge(record, by=ada)
    assert not undo_merge(record, by=ada)

    greta.refresh_from_db()
    assert (greta.name, greta.city, greta.email) == ("Greta L.", "Gothenburg", "greta@slowwater.example")
    assert dict(FieldValue.objects.filter(contact=greta).values_list("name", "text")) == {"tea": "Assam"}
    assert survivor_of(short.pk) == short.pk
    assert dict(FieldValue.objects.filter(contact=short).values_list("name", "text")) == {
        "tea": "Earl Grey",
        "born": "1980",
    }


def test_what_was_written_after_the_merge_stays(inside, ada):
    greta = person("Greta", "Lindqvist", custom={"tea": "Assam"})
    short = person("G.", "Lindqvist", city="Göteborg", custom={"tea": "Earl Grey"})
    record = merge_contacts(greta.pk, short.pk, by=ada, take={"tea", "city"})

    FieldValue.objects.filter(contact=greta, name="tea").update(text="Sencha", folded="sencha")
    Contact.objects.filter(pk=greta.pk).update(city="Oslo", city_folded="oslo")
    undo_merge(record, by=ada)

    greta.refresh_from_db()
    assert greta.city == "Oslo"
    assert FieldValue.objects.get(contact=greta, name="tea").text == "Sencha"


def test_who_is_gone_or_one_already_cannot_be_merged(inside, ada):
    one, other = person("Ada", "Berg"), person("Ada", "Berg")
    merge_contacts(one.pk, other.pk, by=ada)

    for survivor, loser in ((one.pk, other.pk), (one.pk, one.pk), (one.pk, 987_654_321)):
        with pytest.raises(NotThereError):
            merge_contacts(survivor, loser, by=ada)


def test_people_with_two_verified_emails_wait_for_a_person(kettle, ada):
    """Nothing is ever merged by itself, however likely."""
    with working_in(kettle):
        for email in ("a@x.example", "b@x.example"):
            one = person("Greta", "Lindqvist", email, custom={"birthday": "1980-01-01", "passport": "X1"})
            Identity.objects.filter(contact=one).update(verified_at=one.created_at)

    find_duplicates(kettle)

    with working_in(kettle):
        assert DuplicatePair.objects.get().state == OPEN
        assert not Merged.objects.exists()


@settings(
    max_examples=examples(40),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_merges_taken_back_in_any_order_leave_what_was_there(inside, ada, data):
    """Any merges among six people, then any of them undone in any order: fields and links are those of the rest alone."""
    with transaction.atomic():
        people = [person("P", "Q", city=f"City {n}", custom={"tea": f"Tea {n}"}) for n in range(6)]
        before = {one.pk: (one.city, FieldValue.objects.get(contact=one).text) for one in people}
        records = []
        for _ in range(data.draw(st.integers(1, 5))):
            standing = [one.pk for one in people if survivor_of(one.pk) == one.pk]
            if len(standing) < 2:
                break
            survivor, loser = data.draw(st.permutations(standing))[:2]
            records.append(
                merge_contacts(survivor, loser, by=ada, take=data.draw(st.sets(st.sampled_from(["city", "tea"]))))
            )

        for record in data.draw(st.permutations(records)):
            undo_merge(record, by=ada)
            standing = list(MergeRecord.objects.filter(undone_at=None, pk__in=[one.pk for one in records]))
            into = {one.loser_id: one.survivor_id for one in standing}
            for one in people:
                top = one.pk
                while top in into:
                    top = into[top]
                assert survivor_of(one.pk) == top

        after = {
            one.pk: (Contact.objects.get(pk=one.pk).city, FieldValue.objects.get(contact=one).text) for one in people
        }
        assert after == before
        transaction.set_rollback(True)


def test_links_by_hand_part_in_any_order_too(inside):
    a, b, c, d = (make_contact() for _ in range(4))
    for loser, survivor in pairwise((d, c, b, a)):
        link_contacts(loser.pk, survivor.pk)
    assert {survivor_of(one.pk) for one in (a, b, c, d)} == {a.pk}

    unlink_contact(c.pk)

    assert [survivor_of(one.pk) for one in (a, b, c, d)] == [a.pk, a.pk, c.pk, c.pk]


def test_who_is_joined_to_somebody_else_takes_along_who_was_joined_to_them(inside):
    a, b, c, d, e = (make_contact() for _ in range(5))
    for loser, survivor in ((d, c), (c, b), (b, a)):
        link_contacts(loser.pk, survivor.pk)

    link_contacts(b.pk, e.pk)

    assert [survivor_of(one.pk) for one in (a, b, c, d, e)] == [a.pk, e.pk, e.pk, e.pk, e.pk]
    unlink_contact(b.pk)
    assert [survivor_of(one.pk) for one in (a, b, c, d, e)] == [a.pk, b.pk, b.pk, b.pk, e.pk]


def test_the_command_writes_external_ids_likeliest_first(kettle, tmp_path):
    with working_in(kettle):
        for number, born in ((1, "1980-01-01"), (2, "1980-01-01"), (3, "1980-01-02")):
            one = person("Greta", "Lindqvist", custom={"birthday": born})
            if number < 3:
                Identity.objects.create(contact=one, kind=Identity.Kind.EXTERNAL_ID, value=f"K-{number}")
    file = tmp_path / "pairs.csv"

    call_command("find_duplicates", workspace="kettle", csv=str(file), keep=True)

    rows = list(csv.reader(file.read_text().splitlines()))
    assert rows[0] == ["a", "b", "score"]
    assert rows[1][:2] == ["K-1", "K-2"]
    assert all(0.65 <= float(score) <= 1 for _a, _b, score in rows[1:])
    assert rows[1:] == sorted(rows[1:], key=lambda row: -float(row[2]))
    with working_in(kettle):
        assert DuplicatePair.objects.count() == len(rows) - 1
    out = io.StringIO()
    call_command("find_duplicates", workspace="kettle", stdout=out)
    assert out.getvalue() == file.read_text()
    with pytest.raises(CommandError, match="no workspace"):
        call_command("find_duplicates", workspace="nowhere")
    with pytest.raises(CommandError, match="cannot be written"):
        call_command("find_duplicates", workspace="kettle", csv=str(tmp_path / "no" / "pairs.csv"))


def test_each_night_the_list_is_searched_and_the_next_night_named(kettle):
    with working_in(kettle):
        person("Greta", "Lindqvist", custom={"birthday": "1980-01-01"})
        person("Greta", "Lindqvist", custom={"birthday": "1980-01-01"})

    at = search_tonight(kettle).astimezone(ZoneInfo(kettle.zone))

    assert (at.hour, at.minute) == (3, 10)
    assert at > now()
    with working_in(kettle):
        assert DuplicatePair.objects.filter(state=OPEN).count() == 1


def test_who_is_erased_is_merged_with_nobody(inside):
    gone, stays = person("Ada", "Berg"), person("Ada", "Berg")
    Contact.objects.filter(pk=gone.pk).update(erased_at=now())

    for survivor, loser in ((gone, stays), (stays, gone)):
        with pytest.raises(NotThereError):
            merge_contacts(survivor.pk, loser.pk, by=None)
    assert list(gather().ids) == [stays.pk]


def test_who_is_proven_stays_and_the_newer_value_is_proposed(inside):
    older = person("Greta", "Lindqvist", "greta@people.example", custom={"tea": "Assam", "cup": "small"})
    newer = person("Greta", "Lindqvist", "gl@people.example", custom={"tea": "Earl Grey"})
    assert proposed_survivor(newer, older) == older.pk
    FieldValue.objects.filter(contact=older, name="tea").update(updated_at=now() - timedelta(days=9))

    proposed = {one.name: one.proposed for one in compare_fields(older, newer)}
    back = {one.name: one.proposed for one in compare_fields(newer, older)}

    assert (proposed["tea"], proposed["cup"]) == ("Earl Grey", "small")
    assert (back["tea"], back["cup"]) == ("Earl Grey", "small")

    Identity.objects.filter(contact=newer, kind=Identity.Kind.EMAIL).update(verified_at=now())
    assert proposed_survivor(older, newer) == newer.pk
