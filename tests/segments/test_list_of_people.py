"""The list of people page by page, its count, what the palette finds, the file of a segment, who may ask for names."""

import csv
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
import time_machine

from contacts.fields import names_at
from contacts.merging import link_contacts
from contacts.models import Audience, AudienceRole, Contact, Tag
from contacts.searching import index_people
from lib.pages import read_cursor, write_cursor
from segments import exporting, listing
from segments.exporting import members_as_csv
from segments.finding import find_people, find_segments
from segments.leaf_types.base import RuleError
from segments.listing import PAGE_SIZE, column_labels, count_people, list_fields, list_people
from segments.masking import check_may_ask, hidden_paths, identifying_paths
from segments.models import Segment, SegmentMember
from tests.factories.contacts import make_contact

pytestmark = pytest.mark.usefixtures("inside")
NOW = datetime(2026, 6, 3, 10, tzinfo=UTC)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@pytest.fixture(autouse=True)
def on_the_third_of_june():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def asked_by(ada, inside):
    def ask(role):
        return SimpleNamespace(user=ada, membership=SimpleNamespace(role=role), workspace=inside, session={})

    return ask


def crowd(number, **fields):
    Contact.objects.bulk_create(
        Contact(**{"name": f"P{n:03}", "created_at": NOW - n * MINUTE, **fields}) for n in range(number)
    )
    return list(Contact.objects.order_by("pk").values_list("pk", flat=True))


def ids(page):
    return [row["id"] for row in page.rows]


class TestPages:
    def test_hold_fifty_and_the_next_begins_behind_them(self):
        made = crowd(101)

        first = list_people()
        second = list_people(cursor=first.cursor)
        third = list_people(cursor=second.cursor)

        assert (ids(first), ids(second), ids(third)) == (made[:50], made[50:100], made[100:])
        assert read_cursor(first.cursor, str, datetime, int) == ["newest", NOW - 49 * MINUTE, made[49]]
        assert third.cursor == ""

    @pytest.mark.parametrize(("number", "is_more"), [(0, False), (49, False), (50, False), (51, True)])
    def test_say_whether_there_is_another(self, number, is_more):
        crowd(number)

        page = list_people()

        assert (len(page.rows), bool(page.cursor)) == (min(number, PAGE_SIZE), is_more)

    def test_of_one_moment_or_one_name_go_by_number(self):
        made = crowd(52, created_at=NOW, name="Same")

        newest, by_name = list_people(), list_people(sort="name")

        assert (ids(newest), ids(list_people(cursor=newest.cursor))) == (made[:1:-1], made[1::-1])
        assert (ids(by_name), ids(list_people(sort="name", cursor=by_name.cursor))) == (made[:50], made[50:])

    def test_by_name_go_from_a_to_z(self):
        made = {name: make_contact(name).pk for name in ("Carl", "Ada", "Bea")}

        assert ids(list_people(sort="name")) == [made["Ada"], made["Bea"], made["Carl"]]
        assert ids(list_people(sort="nonsense")) == ids(list_people())

    def test_of_a_foreign_cursor_are_the_first(self):
        made = crowd(3)

        for cursor in (
            "nonsense",
            write_cursor("name", "P001", made[0]),
            write_cursor("newest", "soon", made[0]),
            write_cursor("newest", str(NOW)),
        ):
            assert ids(list_people(cursor=cursor)) == made
        assert ids(list_people(sort="heat", cursor=write_cursor("heat", "0.0", made[2]))) == [made[1], made[0]]

    def test_show_who_stands_for_whom_and_nobody_unknown(self):
        greta, also_greta = make_contact(), make_contact()
        make_contact(is_anonymous=True)
        make_contact(erased_at=NOW)
        link_contacts(also_greta.pk, greta.pk)

        assert (ids(list_people()), count_people()) == ([greta.pk], 1)


class TestRows:
    def test_hold_what_the_list_shows(self):
        greta = make_contact(
            "Greta Lind",
            email="greta@tea.example",
            city="Bonn",
            country="DE",
            complaint_since=NOW - DAY,
            tags=["e", "c", "a", "d", "b"],
            roles=[Audience.CRITIC, Audience.CUSTOMER],
        )
        AudienceRole.objects.create(contact=greta, role=Audience.PROSPECT, until=NOW)
        make_contact(tags=["z"], roles=[Audience.EMPLOYEE], created_at=NOW - DAY)

        row = list_people().rows[0]

        assert {name: row[name] for name in ("id", "name", "email", "created_at", "complaint_since", "sort_key")} == {
            "id": greta.pk,
            "name": "Greta Lind",
            "email": "greta@tea.example",
            "created_at": NOW,
            "complaint_since": NOW - DAY,
            "sort_key": NOW,
        }
        assert (row["roles"], row["tags"]) == ([Audience.CUSTOMER, Audience.CRITIC], ["a", "b", "c", "d"])
        assert [one.name for one in list_fields()] == ["city", "country"]
        assert (row["fields"], [cell["template"] for cell in row["cells"]]) == (
            ["Bonn", "DE"],
            ["engagement/cells/level.html"],
        )
        assert [str(one) for one in column_labels()] == ["Level", "city", "country"]

    def test_are_those_of_a_role_that_somebody_plays_now(self):
        customer, was, both, also = [make_contact() for _ in range(4)]
        for one, role, until in [
            (customer, Audience.CUSTOMER, None),
            (was, Audience.CUSTOMER, NOW),
            (both, Audience.CRITIC, None),
            (also, Audience.CUSTOMER, None),
        ]:
            AudienceRole.objects.create(contact=one, role=role, until=until)
        link_contacts(also.pk, both.pk)

        assert ids(list_people(role=Audience.CUSTOMER)) == [both.pk, customer.pk]
        assert ids(list_people(role=Audience.CRITIC)) == [both.pk]
        assert [count_people(role=role) for role in (Audience.CUSTOMER, Audience.CRITIC, 0)] == [2, 1, 0]

    def test_are_those_whom_the_words_find_and_who_play_the_role(self):
        greta, carl, loser, winner = (
            make_contact("Greta Lind", roles=[Audience.CUSTOMER]),
            make_contact("Carl Lind"),
            make_contact("Bea Lind"),
            make_contact("Bea Other"),
        )
        index_people([greta.pk, carl.pk, loser.pk, winner.pk])
        link_contacts(loser.pk, winner.pk)

        assert ids(list_people(text="lind")) == [winner.pk, carl.pk, greta.pk]
        assert ids(list_people(text="lind", role=Audience.CUSTOMER)) == [greta.pk]
        assert ids(list_people(text="zebra")) == []
        assert (count_people(text="lind"), count_people(text="lind", role=Audience.CUSTOMER)) == (3, 1)


def test_the_count_goes_one_beyond_what_the_list_says(monkeypatch):
    assert listing.COUNT_UP_TO == 10_000
    monkeypatch.setattr(listing, "COUNT_UP_TO", 3)

    counts = []
    for _ in range(5):
        make_contact()
        counts.append(count_people())

    assert counts == [1, 2, 3, 4, 4]


class TestThePalette:
    def test_finds_six_people_by_two_letters(self, asked_by):
        people = [make_contact(f"Lind {n}", created_at=NOW - n * MINUTE) for n in range(7)]
        index_people([one.pk for one in people])

        assert [one["name"] for one in find_people(asked_by("owner"), "li")] == [f"Lind {n}" for n in range(6)]
        assert find_people(asked_by("owner"), "l") == []

    def test_says_how_each_is_called(self, asked_by):
        greta = make_contact("Greta Lind", email="greta@lind.example")
        nameless = Contact.objects.create(email="lind@tea.example", created_at=NOW - MINUTE)
        silent = Contact.objects.create(name="Lind", created_at=NOW - 2 * MINUTE)
        index_people([greta.pk, nameless.pk, silent.pk])
        Contact.objects.filter(pk=silent.pk).update(name="")

        assert find_people(asked_by("marketer"), "lind") == [
            {
                "name": "Greta Lind",
                "url": f"/w/kettle/contacts/{greta.pk}/",
                "icon": "user",
                "hint": "greta@lind.example",
            },
            {
                "name": "lind@tea.example",
                "url": f"/w/kettle/contacts/{nameless.pk}/",
                "icon": "user",
                "hint": "lind@tea.example",
            },
            {"name": f"#{silent.pk}", "url": f"/w/kettle/contacts/{silent.pk}/", "icon": "user", "hint": "Contact"},
        ]

    def test_finds_nobody_for_those_who_see_no_names(self, asked_by):
        greta = make_contact("Greta Lind")
        index_people([greta.pk])

        assert find_people(asked_by("analyst"), "lind") == []

    def test_reads_two_hundred_letters(self, asked_by):
        greta = make_contact("L" * 120)
        index_people([greta.pk])

        assert len(find_people(asked_by("owner"), "l" * 100)) == 1
        assert len(find_people(asked_by("owner"), "l" * 100 + " " * 100 + "zebra")) == 1
        assert find_people(asked_by("owner"), "l" * 100 + " " * 99 + "zebra") == []

    def test_finds_six_segments_and_private_ones_for_their_owner(self, asked_by, ada):
        made = [Segment.objects.create(name=f"Tea people {n}") for n in range(7)]
        Segment.objects.create(name="Coffee")
        mine = Segment.objects.create(name="My tea", is_private=True, owner_id=ada.pk)
        Segment.objects.create(name="Their tea", is_private=True, owner_id=ada.pk + 1)

        found = find_segments(asked_by("owner"), "TEA")

        assert [one["name"] for one in found] == ["My tea", *(f"Tea people {n}" for n in range(5))]
        assert found[0] == {
            "name": "My tea",
            "url": f"/w/kettle/segments/{mine.pk}/",
            "icon": "filter",
            "hint": "Segment",
        }
        assert [one["name"] for one in find_segments(asked_by("owner"), "people 6")] == [made[6].name]
        assert find_segments(asked_by("colleague"), "tea") == []


def test_the_file_of_a_segment_is_its_members_in_order(monkeypatch):
    segment, other = Segment.objects.create(name="VIPs"), Segment.objects.create(name="Others")
    greta, gone, bea, cleo = (
        make_contact("Greta", email="greta@tea.example", city="Bonn", country="DE"),
        make_contact(erased_at=NOW),
        make_contact("=1+1", email="bea@tea.example"),
        make_contact("Cleo"),
    )
    for one in (cleo, bea, gone, greta):
        SegmentMember.objects.create(segment=segment, contact=one, entered_at=NOW - DAY)
    SegmentMember.objects.create(segment=other, contact=make_contact())
    assert exporting.MOST_EXPORTED == 10_000
    monkeypatch.setattr(exporting, "MOST_EXPORTED", 2)

    rows = list(csv.reader(members_as_csv(segment).splitlines()))

    assert names_at("export") == ["name", "email", "city", "country"]
    assert rows == [
        ["id", "name", "email", "city", "country", "in_since"],
        [str(greta.pk), "Greta", "greta@tea.example", "Bonn", "DE", "2026-06-02 10:00:00+00:00"],
        [str(bea.pk), "'=1+1", "bea@tea.example", "", "", "2026-06-02 10:00:00+00:00"],
    ]


class TestRulesAboutNames:
    RULE = {
        "all": [
            {"tag": {"has_any": ["vip"]}},
            {"not": {"field": {"name": "email", "op": "starts", "value": "a"}}},
            {"any": [{"field": {"name": "name", "op": "set"}}, {"field": {"name": "city", "op": "set"}}]},
        ]
    }

    def test_are_found_by_their_lines(self):
        assert identifying_paths(self.RULE) == [(1, 0), (2, 0)]
        assert identifying_paths({"all": [self.RULE, {"zzz": {}}]}) == []

    def test_are_closed_to_those_who_see_no_names(self, asked_by):
        analyst, owner = asked_by("analyst"), asked_by("owner")

        assert (hidden_paths(analyst, self.RULE), hidden_paths(owner, self.RULE)) == ([(1, 0), (2, 0)], [])
        with pytest.raises(RuleError) as refused:
            check_may_ask(analyst, self.RULE)
        assert (refused.value.path, refused.value.text) == (
            (1, 0),
            "Your role sees no names and addresses, so it cannot ask for them either.",
        )
        assert check_may_ask(owner, self.RULE) is None
        assert check_may_ask(analyst, {"all": [{"tag": {"has_any": ["vip"]}}]}) is None


def test_a_tag_in_another_case_is_another_tag():
    greta = make_contact(tags=["vip"])
    Tag.objects.create(contact=greta, name="VIP")

    assert sorted(list_people().rows[0]["tags"]) == ["VIP", "vip"]


@pytest.mark.parametrize("sort", ["newest", "name"])
def test_a_search_that_finds_many_walks_the_list_and_shows_the_same_pages(monkeypatch, sort):
    made = crowd(120)
    Contact.objects.filter(pk__in=made[::2]).update(given_name="Anna")
    twin = make_contact("Anna Twin", created_at=NOW)
    index_people([*made, twin.pk])
    link_contacts(twin.pk, made[1])

    def pages():
        first = list_people(text="anna", sort=sort)
        return ids(first), ids(list_people(text="anna", sort=sort, cursor=first.cursor)), count_people(text="anna")

    few = pages()
    monkeypatch.setattr(listing, "MANY_FOUND", 2)

    assert [len(few[0]), len(few[1]), few[2]] == [50, 11, 61]
    assert pages() == few
    assert made[1] in few[0]


def test_the_count_of_a_search_ends_where_the_list_says_more(monkeypatch):
    monkeypatch.setattr(listing, "COUNT_UP_TO", 3)
    made = crowd(9)
    index_people(made)

    assert (count_people(text="p"), count_people(text="p00"), count_people(text="p001")) == (4, 4, 1)
