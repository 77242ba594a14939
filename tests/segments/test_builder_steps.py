"""What the builder does by each button and says afterwards: the tree, the counts, who fits, why somebody is in or out."""

import itertools
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
import time_machine

from consent.consenting import give_consent
from consent.models import Topic
from contacts.merging import link_contacts
from contacts.models import Audience, AudienceRole
from contacts.searching import index_people
from segments.builder import building
from segments.builder.building import Draft, change, results, rounded
from segments.builder.drawing import Opened, draw, leaf_form
from segments.leaf_types.base import Phrase, RuleError
from segments.leaf_types.tag import TagForm
from segments.models import Segment
from segments.rules import counting
from segments.rules.compiler import (
    DEEPEST,
    MOST_LEAVES,
    check_rule,
    compile_rule,
    leaves_of,
    read_leaves,
    segments_named_in,
    walk,
)
from segments.rules.counting import count_lines, ids_fitting, sample_rule
from segments.rules.explaining import evaluate, explain, is_negated
from tests.factories.contacts import make_contact, make_reader

NOW = datetime(2026, 6, 3, 10, tzinfo=UTC)
VIP, FAIR, CUSTOMER = {"tag": {"has_any": ["vip"]}}, {"tag": {"has_any": ["fair"]}}, {"role": {"in": ["customer"]}}
NAMED = {"field": {"name": "name", "op": "contains", "value": "greta"}}


@pytest.fixture(autouse=True)
def on_the_third_of_june():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def asked_by(ada, inside):
    def ask(role="owner"):
        return SimpleNamespace(user=ada, membership=SimpleNamespace(role=role), workspace=inside, session={})

    return ask


def press(rule, do, **more):
    return change(rule, {"do": do, **more})


class TestButtons:
    def test_open_a_new_line_of_a_kind_with_its_empty_form(self, inside):
        draft = press({"all": [VIP]}, "add:1", **{"kind-1": "tag"})

        assert (draft.rule, draft.opened.path, draft.opened.kind, type(draft.opened.form)) == (
            {"all": [VIP]},
            (1,),
            "tag",
            TagForm,
        )
        assert (draft.opened.form.is_bound, draft.opened.form.prefix, draft.is_invalid) == (False, "leaf", False)
        assert press({"all": []}, "add:0", **{"kind-0": "zzz"}).opened is None
        assert press({"all": []}, "add:0").opened is None

    def test_open_a_line_that_is_there_with_its_values(self, inside):
        draft = press({"all": [CUSTOMER, VIP]}, "edit:1")

        assert (draft.opened.path, draft.opened.kind) == ((1,), "tag")
        assert draft.opened.form.initial == {"test": "has_any", "names": "vip"}
        for do in ("edit:7", "edit:"):
            assert press({"all": [VIP]}, do).opened is None
        assert press({"all": [{"zzz": {}}, {"a": 1, "b": 2}]}, "edit:0").opened is None
        assert press({"all": [{"zzz": {}}, {"a": 1, "b": 2}]}, "edit:1").opened is None

    def test_set_a_line_where_its_values_are_right(self, inside):
        values = {"leaf-test": "has_all", "leaf-names": "fair"}

        draft = press({"all": [CUSTOMER, VIP]}, "set:1:tag", **values)

        assert (draft.rule, draft.opened, draft.is_invalid) == (
            {"all": [CUSTOMER, {"tag": {"has_all": ["fair"]}}]},
            None,
            False,
        )
        assert press({"all": []}, "set:0:zzz", **values) == Draft({"all": []})

    def test_keep_the_form_open_where_its_values_are_wrong(self, inside):
        draft = press({"all": []}, "set:0:tag", **{"leaf-test": "has_all", "leaf-names": ""})
        refused = press({"all": []}, "set:0:tag", **{"leaf-test": "has_all", "leaf-names": " , "})

        assert (draft.rule, draft.opened.path, draft.opened.kind, draft.is_invalid) == ({"all": []}, (0,), "tag", True)
        assert list(draft.opened.form.errors) == ["names"]
        assert (refused.rule, refused.is_invalid) == ({"all": []}, True)
        assert refused.opened.form.non_field_errors() == ["This needs a list of words."]

    @pytest.mark.parametrize(
        ("do", "after"),
        [
            ("remove:0", {"all": [FAIR]}),
            ("up:1", {"all": [FAIR, VIP]}),
            ("group::any", {"all": [VIP, FAIR, {"any": []}]}),
            ("join::any", {"any": [VIP, FAIR]}),
            ("nothing", {"all": [VIP, FAIR]}),
            ("", {"all": [VIP, FAIR]}),
        ],
    )
    def test_change_the_tree(self, do, after):
        before = {"all": [VIP, FAIR]}

        assert press(before, do) == Draft(after, past=[before] if after != before else [])

    def test_draw_other_people_and_keep_what_was_asked(self):
        assert press({"all": []}, "others", salt="x").salt == "xx"
        assert press({"all": []}, "others", salt="ab" * 10).salt == "b" + "ab" * 9 + "x"
        asked = press({"all": []}, "why", person="p" * 201, salt="s" * 21)
        assert (asked.person, asked.salt, asked.is_kept, asked.error) == ("p" * 200, "s" * 20, False, None)


def branch(node):
    """The parts of a drawn node that differ from nothing, with what stands below it."""
    parts = {
        name: getattr(node, name)
        for name in ("path", "kind", "before", "joint", "inner", "count", "count_word", "form_kind", "error")
        if getattr(node, name) not in {"", None}
    }
    if node.phrase:
        parts["phrase"] = str(node.phrase)
    if node.has_form:
        parts["has_form"] = True
    if node.children:
        parts["children"] = [branch(child) for child in node.children]
    return parts


class TestTheTree:
    RULE = {"all": [VIP, {"not": {"any": [FAIR, CUSTOMER]}}, {"any": [CUSTOMER, FAIR]}, FAIR]}

    def test_is_drawn_in_words_with_the_count_of_each_line(self, inside):
        make_contact(tags=["vip"])
        for tags, roles in [(["vip", "fair"], []), (["vip"], [1]), (["vip"], [])]:
            make_contact(tags=tags, roles=roles)

        drawn = branch(draw(self.RULE, count_lines(self.RULE)))

        def line(path, phrase, count, **more):
            kind = "role" if "role" in phrase else "tag"
            return {"path": path, "kind": kind, "phrase": phrase, "has_form": True, "count": count, **more}

        assert drawn == {
            "kind": "all",
            "joint": "all",
            "children": [
                line("0", "tags include vip", 4),
                {
                    "path": "1",
                    "kind": "not",
                    "before": "but",
                    "joint": "none",
                    "inner": "1.0",
                    "count": 2,
                    "children": [
                        line("1.0.0", "tags include fair", 1, count_word="fewer"),
                        line("1.0.1", "plays the role of customer", 1, count_word="fewer", before="or"),
                    ],
                },
                {
                    "path": "2",
                    "kind": "any",
                    "before": "and",
                    "joint": "any",
                    "inner": "2",
                    "count": 0,
                    "children": [
                        line("2.0", "plays the role of customer", 0),
                        line("2.1", "tags include fair", 0, before="or", count_word="more"),
                    ],
                },
                line("3", "tags include fair", 0, before="and"),
            ],
        }

    def test_knows_where_a_next_line_goes(self, inside):
        top = draw(self.RULE, None)

        assert [top.next_path, *(child.next_path for child in top.children[1:3])] == ["4", "1.0.2", "2.2"]
        assert draw({"all": []}, None).next_path == "0"

    def test_opens_a_form_at_a_line_or_at_the_end_of_its_group(self, inside):
        form = TagForm(prefix="leaf")

        def opened_at(path):
            found = []
            nodes = [draw(self.RULE, None, Opened(path, "tag", form))]
            while nodes:
                node = nodes.pop()
                nodes += node.children
                found += [(node.path, node.form_kind)] if node.form is form else []
            return found

        assert opened_at((0,)) == [("0", "tag")]
        assert opened_at((2, 1)) == [("2.1", "tag")]
        assert opened_at((4,)) == [("", "tag")]
        assert opened_at((1, 0, 2)) == [("1", "tag")]
        assert opened_at((9,)) == []

    def test_says_an_error_at_its_line_and_hides_what_it_must(self, inside):
        rule = {"all": [NAMED, {"zzz": {"a": 1}}, {"tag": {"has_any": []}}]}

        drawn = draw(rule, None, error=((1,), "There is no such word."), hidden=[(0,)])

        assert [(str(one.phrase), one.has_form, one.error) for one in drawn.children] == [
            ("name contains …", False, ""),
            ("zzz ?", False, "There is no such word."),
            ("has a tag ?", True, ""),
        ]
        assert drawn.children[1].phrase == Phrase("zzz", "", "?", "help-hexagon")
        assert drawn.children[2].phrase.icon == "help-hexagon"
        assert (leaf_form("tag"), leaf_form("zzz")) == (TagForm, None)


class TestWhatThePageSays:
    def test_of_a_rule_that_counts(self, asked_by):
        make_reader("Greta", tags=["vip"])
        bea = make_contact("Bea", tags=["vip"])
        give_consent(bea, topic=Topic.objects.get(key="offers"))
        make_contact("Carl")
        Topic.objects.bulk_create(Topic(key=f"t{n}", name=f"Topic {n}", position=9) for n in range(3))

        page = results(asked_by(), Draft({"all": [VIP]}, salt="s"))

        assert (page["count"].people, page["count"].of, page["count"].lines) == (2, 3, {(0,): 2})
        assert {one.name for one in page["sample"]} == {"Greta", "Bea"}
        assert [(reach.topic.key, reach.people) for reach in page["reachable"]] == [
            ("letter", 1),
            ("offers", 1),
            ("t0", 0),
            ("t1", 0),
        ]
        assert (page["error"], page["hint"], page["person_text"], page["salt"]) == (None, "", "", "s")
        assert "explanation" not in page
        assert "candidates" not in page
        assert [(one["kind"], str(one["label"])) for one in page["words"]][:3] == [
            ("role", "plays a role"),
            ("field", "has a field"),
            ("tag", "has a tag"),
        ]
        assert page["tree"].children[0].count == 2

    def test_of_more_people_than_the_gate_is_asked_for_it_says_about(self, asked_by, monkeypatch):
        assert (building.ASKED, building.MOST_TOPICS) == (2_000, 4)
        for _ in range(3):
            make_reader()

        for most, reached, is_about in [(3, 3, False), (2, 3, True), (1, 3, True)]:
            monkeypatch.setattr(building, "ASKED", most)
            reach = results(asked_by(), Draft({"all": []}))["reachable"][0]
            assert (reach.topic.key, reach.people, reach.is_about) == ("letter", reached, is_about)

    @pytest.mark.parametrize(("told", "shown"), [(0, 0), (7, 7), (99, 99), (104, 100), (12_345, 12_000), (996, 1000)])
    def test_of_a_part_it_says_no_more_than_it_knows(self, told, shown):
        assert rounded(told) == shown

    def test_of_many_people_comes_after_the_page_without_a_count(self, asked_by):
        make_contact()

        page = results(asked_by(), Draft({"all": []}), counts=False)

        assert (page["count"], page["is_counted_later"], "sample" in page) == (None, True, False)
        assert results(asked_by(), Draft({"all": []}))["is_counted_later"] is False

    def test_of_a_rule_that_cannot_be_read_or_that_this_member_may_not_ask(self, asked_by):
        make_contact("Greta")
        broken, named = {"all": [VIP, {"zzz": {}}]}, {"all": [VIP, NAMED]}

        def trouble(role, draft):
            page = results(asked_by(role), draft)
            return page["error"], page["count"] is not None, "sample" in page

        unknown = ((1,), "There is no condition of the type “zzz”.")
        assert trouble("owner", Draft(broken)) == (unknown, False, False)
        assert trouble("owner", Draft(broken, error=((), "Said before."))) == (((), "Said before."), False, False)
        assert trouble("owner", Draft(named)) == (None, True, True)
        closed = ((1,), "Your role sees no names and addresses, so it cannot ask for them either.")
        assert trouble("analyst", Draft(named)) == (closed, False, False)
        assert trouble("analyst", Draft(named, is_kept=True)) == (None, True, True)

    @pytest.mark.parametrize(
        ("rule", "hint"),
        [
            ({"all": [VIP, FAIR]}, "Condition 2 takes the last 2 people out; try a wider value."),
            ({"all": [VIP, CUSTOMER, FAIR]}, "Condition 2 takes the last 2 people out; try a wider value."),
            ({"all": [FAIR, VIP]}, "Condition 1 takes the last 3 people out; try a wider value."),
            ({"all": [VIP]}, ""),
            ({"any": [FAIR]}, ""),
        ],
    )
    def test_of_a_rule_that_nobody_fits_is_which_line_did_it(self, asked_by, rule, hint):
        for tags in (["vip"], ["vip"], []):
            make_contact(tags=tags)

        assert results(asked_by(), Draft(rule))["hint"] == hint

    def test_has_no_hint_where_there_is_nobody_at_all(self, asked_by):
        assert results(asked_by(), Draft({"all": [VIP]}))["hint"] == ""

    def test_of_one_person_is_why_they_are_in_or_out(self, asked_by):
        greta = make_contact("Greta Lind", tags=["vip"])
        index_people([greta.pk])
        rule = {"all": [VIP, FAIR]}

        by_name = results(asked_by(), Draft(rule, person="lind"))
        by_number = results(asked_by("analyst"), Draft(rule, person=str(greta.pk)))

        assert by_name["explanation"] == by_number["explanation"] == explain(rule, greta)
        assert (by_name["explained"].name, by_number["explained"].name) == ("Greta Lind", f"Contact {greta.pk}")
        assert "candidates" not in by_name

    def test_of_several_people_is_who_they_are(self, asked_by):
        people = [make_contact(f"Lind {n}") for n in reversed(range(7))]
        gone = make_contact("Lind gone", erased_at=NOW)
        index_people([one.pk for one in people])

        page = results(asked_by(), Draft({"all": []}, person="lind"))

        assert ([one.name for one in page["candidates"]], page["is_unknown"]) == (
            [f"Lind {n}" for n in range(1, 7)],
            False,
        )
        for role, person in [("owner", "zebra"), ("owner", str(gone.pk)), ("analyst", "lind")]:
            page = results(asked_by(role), Draft({"all": []}, person=person))
            assert (page["candidates"], page["is_unknown"]) == ([], True)

    def test_hides_from_those_who_see_no_names_what_a_kept_rule_asks(self, asked_by):
        greta = make_contact("Greta")
        rule = {"all": [NAMED, VIP]}

        page = results(asked_by("analyst"), Draft(rule, is_kept=True, person=str(greta.pk)))

        lines = page["explanation"].lines
        assert [(str(line.phrase), line.evidence is None) for line in lines] == [
            ("name contains …", True),
            ("tags include vip", False),
        ]
        assert str(page["tree"].children[0].phrase) == "name contains …"


class TestWhy:
    @pytest.mark.parametrize(
        ("rule", "fits", "lines"),
        [  # (holds, is wanted, decides); she is a VIP and a customer, and not at the fair
            ({"all": [VIP, CUSTOMER]}, True, [(True, True, True), (True, True, True)]),
            ({"all": [VIP, FAIR]}, False, [(True, True, False), (False, True, True)]),
            ({"any": [VIP, CUSTOMER]}, True, [(True, True, False), (True, True, False)]),
            ({"any": [VIP, FAIR]}, True, [(True, True, True), (False, True, False)]),
            ({"not": {"any": [VIP, FAIR]}}, False, [(True, False, True), (False, False, False)]),
            ({"all": [CUSTOMER, {"not": VIP}]}, False, [(True, True, False), (True, False, True)]),
            ({"not": {"not": FAIR}}, False, [(False, True, True)]),
            ({"not": {"all": [VIP, {"not": FAIR}]}}, False, [(True, False, True), (False, True, True)]),
            ({}, True, []),
        ],
    )
    def test_each_line_says_whether_it_holds_is_wanted_and_decides(self, inside, rule, fits, lines):
        greta = make_contact(tags=["vip"], roles=[Audience.CUSTOMER])

        found = explain(rule, greta)

        assert (found.contact, found.fits) == (greta, fits)
        assert [(line.holds, line.is_wanted, line.decides) for line in found.lines] == lines
        assert [line.counts for line in found.lines] == [holds == wanted for holds, wanted, _ in lines]
        assert found.deciding == [line for line in found.lines if line.decides]

    def test_of_somebody_unknown_there_is_nothing_to_say(self, inside):
        for unknown in (make_contact(erased_at=NOW, tags=["vip"]), make_contact(is_anonymous=True, tags=["vip"])):
            found = explain({"all": [VIP]}, unknown)
            assert (found.fits, found.lines) == (False, [])

    def test_of_a_merged_person_is_that_of_who_stands_for_them(self, inside):
        greta, also_greta = make_contact(tags=["vip"]), make_contact()
        since = NOW - timedelta(days=1)
        AudienceRole.objects.create(contact=also_greta, role=Audience.CUSTOMER, since=since)
        link_contacts(also_greta.pk, greta.pk)

        for one in (greta, also_greta):
            found = explain({"all": [VIP, CUSTOMER]}, one)
            assert (found.contact, found.fits) == (one, True)
            assert [line.evidence.since for line in found.lines] == [None, since]

    def test_a_rule_is_true_by_its_lines(self):
        held = {(0,): True, (1, 0): False, (2, 0): False}
        rule = {"all": [{"a": 1}, {"not": {"b": 1}}, {"any": [{"c": 1}]}]}

        assert evaluate(rule, (), held) is False
        assert evaluate(rule, (), {**held, (2, 0): True}) is True
        assert evaluate(rule, (), {**held, (2, 0): True, (1, 0): True}) is False
        assert [is_negated(rule, path) for path in ((0,), (1, 0), (2, 0))] == [False, True, False]
        assert (evaluate({"any": []}, (), {}), evaluate({}, (), {})) == (False, True)


class TestCounting:
    def test_says_how_long_it_took(self, inside, monkeypatch):
        clock = itertools.count(start=1.0, step=0.25)
        monkeypatch.setattr(counting, "perf_counter", lambda: next(clock))

        assert count_lines({"all": []}).milliseconds == 250

    @pytest.mark.parametrize(
        ("rule", "lines"),
        [
            ({"any": [VIP, FAIR, CUSTOMER]}, {(0,): 3, (1,): 1, (2,): 1}),
            ({"any": [FAIR, {"all": [VIP, CUSTOMER]}]}, {(0,): 2, (1,): 1, (1, 0): 2, (1, 1): 1}),
            ({"not": {"any": [FAIR, VIP]}}, {(0, 0): 2, (0, 1): 2}),
            ({"all": [VIP, {"not": FAIR}, CUSTOMER]}, {(0,): 3, (1,): 2, (2,): 1}),
            ({"all": [{"any": [VIP, CUSTOMER]}, FAIR]}, {(0,): 4, (0, 0): 3, (0, 1): 1, (1,): 1}),
            (VIP, {}),
            ({}, {}),
        ],
    )
    def test_says_of_each_line_who_is_left_comes_in_or_drops_out(self, inside, rule, lines):
        for tags, roles in [
            (["vip"], []),
            (["vip"], [1]),
            (["vip", "fair"], []),
            (["fair"], []),
            ([], [1]),
            ([], []),
        ]:
            make_contact(tags=tags, roles=roles)

        found = count_lines(rule)

        assert (found.lines, found.of, found.people) == (lines, 6, len(ids_fitting(rule)))

    def test_a_few_people_are_the_same_for_the_same_word(self, inside):
        fitting = {make_contact(tags=["vip"]).pk for _ in range(12)}
        make_contact()

        def drawn(salt, *limit):
            return [one.pk for one in sample_rule(VIP, *limit, salt=salt)]

        assert drawn("a", 12) == drawn("a", 20)
        assert drawn("a") == drawn("a", 12)[:5]
        assert set(drawn("a", 12)) == set(drawn("b", 12)) == fitting
        assert drawn("a", 12) != drawn("b", 12)
        assert sample_rule({"any": []}) == []


def nested(depth, leaf=VIP):
    rule = leaf
    for _ in range(depth):
        rule = {"all": [rule]}
    return rule


class TestRules:
    def test_are_six_deep_and_fifty_lines_long_at_most(self, inside):
        assert (DEEPEST, MOST_LEAVES) == (6, 50)
        assert list(read_leaves(nested(5))) == [(0,) * 5]
        with pytest.raises(RuleError) as deep:
            read_leaves(nested(6))
        assert (deep.value.path, deep.value.text) == ((0,) * 6, "Groups go at most 6 deep.")
        assert len(read_leaves({"any": [VIP] * 50})) == 50
        with pytest.raises(RuleError) as long:
            read_leaves({"any": [VIP] * 25 + [{"not": VIP}] * 26})
        assert (long.value.path, long.value.text) == ((50, 0), "A segment holds at most 50 conditions.")

    def test_are_walked_from_the_top_no_deeper_than_one_too_many(self):
        rule = {"all": [{"not": {"a": 1}}, {"any": []}, 5, {"b": 1, "c": 2}]}

        assert [path for path, _node in walk(rule)] == [(), (0,), (0, 0), (1,), (2,), (3,)]
        assert [len(path) for path, _node in walk(nested(30))] == list(range(8))
        assert [path for path, _node in walk({"all": {"x": 1}})] == [()]

    def test_say_which_leaves_and_segments_they_name(self):
        rule = {
            "all": [
                VIP,
                {"not": {"segment": {"id": 7}}},
                {"segment": {"id": "8"}},
                {"segment": 9},
                {"tag": {"id": 5}},
                {},
            ]
        }

        assert [(path, kind) for path, kind, _argument in leaves_of(rule)] == [
            ((0,), "tag"),
            ((1, 0), "segment"),
            ((2,), "segment"),
            ((3,), "segment"),
            ((4,), "tag"),
        ]
        assert segments_named_in(rule) == {7}
        with pytest.raises(RuleError):
            leaves_of({"all": [5]})

    def test_may_name_a_segment_twice_and_by_two_ways_but_never_themselves(self, inside):
        base, left, right = [Segment.objects.create(name=name, rule={"all": []}) for name in ("Base", "Left", "Right")]
        for one in (left, right):
            Segment.objects.filter(pk=one.pk).update(rule={"segment": {"id": base.pk}})
        both = {
            "all": [{"segment": {"id": left.pk}}, {"not": {"segment": {"id": right.pk}}}, {"segment": {"id": left.pk}}]
        }

        assert check_rule(both) is None
        for rule, segment_id, path in [
            (both, base.pk, (0,)),
            (both, right.pk, (1, 0)),
            ({"any": [VIP, {"segment": {"id": base.pk}}]}, base.pk, (1,)),
        ]:
            with pytest.raises(RuleError) as refused:
                check_rule(rule, segment_id=segment_id)
            assert (refused.value.path, refused.value.text) == (path, "This leads back to the segment itself.")

    def test_that_lead_in_a_circle_or_to_what_is_gone_say_by_which_line(self, inside):
        one, other = Segment.objects.create(name="One"), Segment.objects.create(name="Other")
        Segment.objects.filter(pk=one.pk).update(rule={"segment": {"id": other.pk}})
        Segment.objects.filter(pk=other.pk).update(rule={"segment": {"id": one.pk}})
        lost = Segment.objects.create(name="Lost", rule={"segment": {"id": 10**9}})

        for segment, text in [(one, "This leads back to the segment itself."), (lost, "A segment named here is gone.")]:
            for read in (check_rule, compile_rule):
                with pytest.raises(RuleError) as refused:
                    read({"all": [VIP, {"any": [{"segment": {"id": segment.pk}}]}]})
                assert (refused.value.path, refused.value.text) == ((1, 0), text)

    def test_of_nothing_are_everybody_and_of_any_of_nothing_nobody(self, inside):
        greta = make_contact()
        make_contact(is_anonymous=True)
        make_contact(erased_at=NOW)

        found = {
            str(rule): ids_fitting(rule) for rule in ({}, {"all": []}, {"any": []}, {"not": {"any": []}}, {"not": {}})
        }

        assert found == {
            "{}": {greta.pk},
            "{'all': []}": {greta.pk},
            "{'any': []}": set(),
            "{'not': {'any': []}}": {greta.pk},
            "{'not': {}}": set(),
        }

    def test_are_read_as_of_a_moment(self, inside):
        greta = make_contact(complaint_since=NOW - timedelta(days=3))
        rule = {"field": {"name": "complaint_since", "op": "last_days", "value": 3}}

        compiled = [compile_rule(rule, now=NOW + timedelta(microseconds=n)) for n in (0, 1)]

        assert [one.params["r_now"] for one in compiled] == [NOW, NOW + timedelta(microseconds=1)]
        assert ids_fitting(rule) == {greta.pk}
        with time_machine.travel(NOW + timedelta(microseconds=1), tick=False):
            assert ids_fitting(rule) == set()
