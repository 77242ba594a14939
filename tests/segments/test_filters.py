"""Filters of the list of people: lines of a rule in the address, read, refused, kept; and what they read."""

import json
from types import SimpleNamespace
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.http import QueryDict

from contacts.models import Contact, FieldValue
from contacts.searching import index_people
from lib.rooms import house
from segments import listing
from segments.leaf_types.base import leaf_types
from segments.models import Segment, SegmentMember, SegmentPick
from segments.people.asking import read_asked
from segments.people.filters import MOST, write_filter
from segments.rules.counting import ids_fitting
from tests.conftest import as_owner_sql
from tests.factories.contacts import make_contact
from tests.plans import explained
from workspaces.current import current_workspace_id, working_in
from workspaces.models import Role

LIST = "/w/kettle/contacts/"
NAMES = ("Ann", "Ben", "Cyd")
VIP, BERLIN = {"tag": {"has_any": ["vip"]}}, {"field": {"name": "city", "op": "=", "value": "Berlin"}}


@pytest.fixture
def three(kettle):
    with working_in(kettle):
        ann = make_contact("Ann", roles=[1], tags=["vip"], city="Berlin")
        ben = make_contact("Ben", roles=[1], city="Berlin")
        cyd = make_contact("Cyd", roles=[2], tags=["vip"], city="Bonn")
        FieldValue.objects.create(contact=ann, name="cups", number=4)
        index_people([ann.pk, ben.pk, cyd.pk])
        return [ann, ben, cyd]


def address(*nodes, **more):
    return f"{LIST}?{urlencode([*(('f', json.dumps(one)) for one in nodes), *more.items()])}"


def names(page):
    return [name for name in NAMES if f">{name}</a>" in page.text]


def test_several_filters_at_once_are_chips_that_come_off(as_ada, three):
    page = as_ada.get(address(VIP, BERLIN, role="1"))

    assert names(page) == ["Ann"]
    assert "1 of 3 people" in page.text
    assert page.text.count('class="chip-remove"') == 3
    without = f"{LIST}?" + urlencode({"role": "1", "f": write_filter(BERLIN)})
    assert without.replace("&", "&amp;") in page.text
    assert names(as_ada.get(without)) == ["Ann", "Ben"]


@pytest.mark.parametrize(
    ("add", "fits"),
    [
        ({"add": "tag", "x-test": "has_any", "x-names": "VIP"}, ["Ann", "Cyd"]),
        ({"add": "role", "x-roles": "prospect"}, ["Cyd"]),
        ({"add": "field", "x-name": "city", "x-op": "contains", "x-value": "erl"}, ["Ann", "Ben"]),
        ({"add": "field", "x-name": "cups", "x-op": ">=", "x-value": "4"}, ["Ann"]),
        ({"add": "field", "x-name": "created_at", "x-op": "before", "x-value": "2001-01-01"}, []),
        ({"add": "field", "x-name": "is_profiled", "x-op": "=", "x-value": "no"}, []),
        ({"add": "consent", "x-state": "none", "x-topic": "", "x-channel": "email"}, list(NAMES)),
        ({"add": "consent", "x-state": "given", "x-topic": "", "x-channel": "email"}, []),
        ({"say": "customers in Berlin"}, ["Ann", "Ben"]),
    ],
)
def test_a_filter_is_written_in_its_form_or_in_words(as_ada, three, add, fits):
    page = as_ada.get(LIST, add, follow=True)

    assert page.redirect_chain
    assert "f=" in page.redirect_chain[-1][0]
    assert names(page) == fits


def test_a_filter_is_changed_in_its_place(as_ada, three):
    changed = {"f": [json.dumps(VIP), json.dumps(BERLIN)], "add": "tag", "at": "0"}
    assert 'name="x-names" value="vip"' in as_ada.get(LIST, changed).text

    page = as_ada.get(LIST, changed | {"x-test": "has_none", "x-names": "vip"}, follow=True)

    assert names(page) == ["Ben"]
    assert QueryDict(page.redirect_chain[-1][0].partition("?")[2]).getlist("f")[0] == '{"tag":{"has_none":["vip"]}}'


def test_a_form_that_is_wrong_and_words_that_mean_nothing_stay_open(as_ada, three):
    wrong = as_ada.get(LIST, {"add": "tag", "x-test": "has_any", "x-names": ""})
    said = as_ada.get(LIST, {"say": "customers who sing"})

    assert (wrong.status_code, said.status_code) == (200, 200)
    assert "This field is required" in wrong.text
    assert "<mark>" in said.text
    assert names(said) == list(NAMES)


@pytest.mark.parametrize(
    "text",
    [
        "nonsense",
        "[]",
        "{}",
        '{"tag": 5}',
        '{"nobody": {}}',
        '{"all": [], "any": []}',
        '{"all": []}',
        '{"level": {"op": ">=", "value": 99e99}}',
        '{"segment": {"id": 99, "in": true}}',
        '{"consent": {"channel": "email", "state": "given", "topic": "gone"}}',
        '{"tag": {"has_any": ["' + "x" * 3000 + '"]}}',
        "[" * 900,
    ],
)
def test_nonsense_is_left_out_with_a_word(as_ada, three, text):
    page = as_ada.get(LIST, {"f": [text, json.dumps(VIP)]})

    assert names(page) == ["Ann", "Cyd"]
    assert "Left out, because" in page.text


@pytest.mark.parametrize("query", ["role=99", "role=x", "level=abc", "segment=99"])
def test_an_unknown_value_is_named(as_ada, three, query):
    page = as_ada.get(f"{LIST}?{query}")

    assert names(page) == list(NAMES)
    assert f"nothing here is called that: {query}" in page.text


def test_more_filters_than_the_list_takes_are_left_out(as_ada, three):
    nodes = [{"tag": {"has_none": [f"t{n}"]}} for n in range(MOST + 2)]

    page = as_ada.get(address(*nodes))

    assert page.text.count('class="chip-remove"') == MOST


def test_nobody_asks_for_what_they_may_not_see(member, kettle, three):
    with working_in(kettle):
        private = Segment.objects.create(name="Mine", is_private=True, owner_id=77, rule={"all": []})
        SegmentMember.objects.create(segment=private, contact=three[0])
        SegmentPick.objects.create(segment=private, contact=three[0])
    by_name = {"field": {"name": "name", "op": "starts", "value": "A"}}
    inside, picked = {"segment": {"id": private.pk, "in": True}}, {"picked": {"list": private.pk}}

    for role in (Role.ANALYST, Role.MARKETER):
        page = member(role).get(address(inside, picked, *([by_name] if role == Role.ANALYST else [])))
        assert page.context["said"].total == 3
        assert "Mine" not in page.text

    assert member(Role.COLLEAGUE).get(address(VIP)).status_code == 403


def test_what_somebody_types_swaps_the_table_with_the_chips(as_ada, three):
    headers = {"HX-Request": "true", "HX-Target": "people"}

    page = as_ada.get(address(VIP, q="Ann"), headers=headers)

    assert "<h1" not in page.text
    assert names(page) == ["Ann"]
    assert 'id="people-filters"' in page.text
    assert "1 of 3 people" in page.text
    assert "<h1" in as_ada.get(address(VIP), headers=headers | {"HX-Target": "people-page"}).text


def test_the_list_is_kept_as_a_segment_and_as_a_list(as_ada, kettle, three):
    with working_in(kettle):
        named = Segment.objects.create(name="Named", rule={"all": []})
    view = urlencode([("f", json.dumps(VIP)), ("role", "1"), ("segment", named.pk), ("level", "5")])

    assert as_ada.post(f"{LIST}keep/", {"view": view, "name": "Best", "as": "rule"}).status_code == 302
    taken = as_ada.post(f"{LIST}keep/", {"view": view, "name": "Best", "as": "rule"})
    words = as_ada.post(f"{LIST}keep/", {"view": "q=Ann", "name": "Words", "as": "rule"})
    as_ada.post(f"{LIST}keep/", {"view": f"q=Ann&f={json.dumps(VIP)}", "name": "Today", "as": "list"})

    assert (taken.status_code, words.status_code) == (422, 422)
    assert "called that already" in taken.text
    assert "No segment can say this" in words.text
    with working_in(kettle):
        assert Segment.objects.get(name="Best").rule == {
            "all": [
                {"role": {"in": ["customer"]}},
                {"segment": {"id": named.pk, "in": True}},
                {"level": {"op": "=", "value": 5}},
                VIP,
            ]
        }
        today = Segment.objects.get(name="Today")
        assert today.is_list
        assert set(today.members.values_list("contact", flat=True)) == {three[0].pk}
        assert not Segment.objects.filter(name="Words").exists()


def test_every_kind_of_line_that_has_a_form_can_be_a_filter(as_ada, three):
    page = as_ada.get(LIST)

    for one in leaf_types():
        assert (f"add={one.type}" in page.text) == (one.form is not None)
        assert as_ada.get(LIST, {"add": one.type}).status_code == 200


PEOPLE, BIG = 8_000, 2_000


class TestManyPeople:
    """Of many who fit the list is walked; of few their set is found: the same people in the same order."""

    @pytest.fixture
    def crowd(self, inside, monkeypatch):
        monkeypatch.setattr(listing, "is_big", lambda: True)
        monkeypatch.setattr(listing, "FEW_FIT", 400)
        Contact.objects.bulk_create(Contact(name=f"P{n}", city="Berlin" if n % 2 else "") for n in range(PEOPLE))
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO contacts_tag (workspace_id, contact_id, name, folded) SELECT %(w)s, c.id, t, t"
                " FROM contacts_contact c CROSS JOIN unnest(ARRAY['many', 'few']) t"
                " WHERE (t = 'many' AND c.id %% 3 > 0) OR c.id %% 400 = 0",
                {"w": current_workspace_id()},
            )
            cursor.execute(
                "INSERT INTO engagement_heat (workspace_id, contact_id, heat)"
                " SELECT %(w)s, c.id, c.id %% 997 + 1 FROM contacts_contact c WHERE c.id %% 7 > 0",
                {"w": current_workspace_id()},
            )
        as_owner_sql("ANALYZE")

    RULES = (
        {"all": [{"tag": {"has_any": ["many"]}}]},
        {"all": [{"tag": {"has_any": ["few"]}}]},
        {"all": [{"tag": {"has_none": ["many"]}}, BERLIN]},
        {"all": [{"tag": {"has_any": ["many"]}}, {"tag": {"has_any": ["few"]}}]},
    )

    def test_the_pages_hold_everybody_who_fits_once(self, crowd):
        for rule in self.RULES:
            for sort in house.list_orders:
                seen, cursor = [], ""
                for _page in range(3):
                    page = listing.list_people(rule=rule, sort=sort, cursor=cursor)
                    seen += [row["id"] for row in page.rows]
                    cursor = page.cursor
                    if not cursor:
                        break
                fitting = ids_fitting(rule)
                everybody = [row["id"] for row in listing.list_people(sort=sort, size=PEOPLE).rows]
                assert seen == [one for one in everybody if one in fitting][:150]
            assert listing.count_people(rule=rule) == len(fitting)

    def test_a_page_reads_no_table_whole(self, crowd):
        for rule in (self.RULES[0], self.RULES[1], self.RULES[3]):
            for sort in house.list_orders:
                with explained(analyze=True) as plans:
                    assert listing.list_people(rule=rule, sort=sort).rows
                assert {one.sql: one.walked(BIG) for one in plans if one.walked(BIG)} == {}


def test_what_is_asked_is_written_as_it_was_read(inside, ada):
    request = SimpleNamespace(user=ada, membership=SimpleNamespace(role=Role.OWNER), GET={})
    said = QueryDict(urlencode([("q", "ann"), ("role", "1"), ("f", json.dumps(VIP)), ("sort", "name")]))

    asked = read_asked(request, said)

    assert read_asked(request, QueryDict(asked.address())) == asked
