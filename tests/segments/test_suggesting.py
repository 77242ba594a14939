"""Whoever types words into the builder is offered lines, each with how many people it leaves."""

import json

import pytest

from contacts.models import Audience
from segments.builder.suggesting import suggest
from segments.leaf_types.base import leaf_types
from segments.models import Segment
from tests.factories.contacts import make_contact, make_reader
from touchpoints.facts import Fact
from touchpoints.recording import record
from touchpoints.sources import source_for
from workspaces.current import working_in

HERE = "/w/kettle/segments/suggestions/"


@pytest.fixture
def people(kettle):
    with working_in(kettle):
        ann = make_contact("Ann", roles=[Audience.CUSTOMER], tags=["VIP"])
        make_contact("Ben", roles=[Audience.CUSTOMER], tags=["wholesale"])
        make_reader("Cyd", roles=[Audience.CRITIC])
        Segment.objects.create(name="Tea writers", rule={"all": []})
        Segment.objects.create(name="Tea secrets", rule={"all": []}, is_private=True, owner_id=1)
        record([Fact("purchase", "o1", contact_id=ann.pk, value_minor=100)], source=source_for("shop", "Shop"))


def said(words: str, rule=None, path=(0,)) -> list[tuple[str, int | None]]:
    return [(str(one.phrase), one.people) for one in suggest(words, rule or {"all": []}, path)]


def test_words_find_lines_by_their_beginnings(kettle, people):
    with working_in(kettle):
        assert said("rol cust") == [("plays the role of customer", 2)]
        assert said("vip")[:1] == [("tags include VIP", 1)]
        assert ("consented to Newsletter by email", 1) in said("consented news")
        assert said("purch ever")[0][1] == 1
        assert [text for text, _n in said("tea")] == ["is in the segment Tea writers"]
        assert said("zzz") == said("") == []
        assert len(said("at least")) == 6


def test_they_count_what_is_left_with_the_lines_before(kettle, people):
    with working_in(kettle):
        rule = {"all": [{"tag": {"has_any": ["wholesale"]}}]}

        assert said("role customer", rule, (1,)) == [("plays the role of customer", 1)]


def test_what_is_usual_can_be_read_and_names_nobody(kettle, people):
    with working_in(kettle):
        offered = [kind.open(argument) for kind in leaf_types() for argument in kind.usual()]

        assert len(offered) > 60
        assert [leaf for leaf in offered if leaf.identifies()] == []


def test_a_suggestion_is_taken_with_one_press(as_ada, kettle, people):
    rule = json.dumps({"all": [{"tag": {"has_any": ["VIP"]}}]})
    page = as_ada.post(HERE, {"rule": rule, "at": "1", "find-1": "role customer"}).text
    assert "leaves 1" in page
    taken = 'take:1:{"role": {"in": ["customer"]}}'

    draft = as_ada.post("/w/kettle/segments/new/", {"rule": rule, "do": taken})

    expected = {"all": [{"tag": {"has_any": ["VIP"]}}, {"role": {"in": ["customer"]}}]}
    assert draft.context["rule_text"] == json.dumps(expected)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"role": {"in": ["nobody"]}}', '{"x": 1}', "1", '{"all": [[]]}'])
def test_what_is_no_line_changes_nothing(as_ada, kettle, text):
    rule = json.dumps({"all": [{"tag": {"has_any": ["VIP"]}}]})

    draft = as_ada.post("/w/kettle/segments/new/", {"rule": rule, "do": f"take:1:{text}"})

    assert draft.status_code == 200
    assert draft.context["rule_text"] == rule


def test_a_rule_that_may_not_be_seen_is_not_counted(member, kettle, people):
    rule = json.dumps({"all": [{"field": {"name": "email", "op": "starts", "value": "ann"}}]})

    page = member("analyst").post(HERE, {"rule": rule, "at": "1", "find-1": "role"})

    assert (page.status_code, "leaves" in page.text) == (200, False)
