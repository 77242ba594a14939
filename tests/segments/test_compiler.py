from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings

from contacts.merging import link_contacts
from contacts.models import Audience, AudienceRole, Contact, FieldValue, Tag
from lib.bucketing import bucket
from segments.leaf_types.base import RuleError
from segments.models import Segment
from segments.rules.compiler import check_rule, compile_rule, compile_together
from segments.rules.counting import count_lines, ids_fitting
from segments.rules.explaining import explain
from segments.whom import whom_of
from tests.examples import examples
from tests.factories.contacts import make_contact
from tests.segments.oracle import fits, holds
from tests.segments.worlds import build_world, people, put_segment, rules
from touchpoints.kinds import KINDS
from workspaces.current import working_in


@settings(
    max_examples=examples(100),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(rule=rules, other=rules, people=people)
def test_the_compiler_and_plain_python_agree_on_any_rule_and_any_people(kettle, rule, other, people):
    with working_in(kettle), transaction.atomic():
        now = timezone.now()
        segment = Segment.objects.create(name="Elsewhere")
        rule, other = put_segment(rule, segment.pk), put_segment(other, segment.pk)
        plain = build_world(people, segment, now)
        expected = {one.id for one in plain if fits(rule, one, now)}

        assert set(ids(compile_rule(rule, now=now))) == expected
        counted = count_lines(rule)
        assert (counted.people, counted.of) == (len(expected), sum(one.is_known for one in plain))
        assert counted.lines == lines_of(rule, [one for one in plain if one.is_known], now)
        everyone = list(Contact.objects.values_list("pk", flat=True))
        some = everyone[: len(everyone) // 2 + 1]
        survivors = {one.id for one in plain} & {survivor(pk) for pk in some}
        assert set(ids(compile_rule(rule, only=some, now=now))) == expected & survivors
        assert together([rule, other, {"not": rule}], some, now) == {
            one.id: [fits(rule, one, now), fits(other, one, now), holds({"not": rule}, one, now)]
            for one in plain
            if one.is_known and one.id in survivors
        }
        for person in plain:
            found = explain(rule, Contact.objects.get(pk=person.id))
            assert found.fits == (person.id in expected)
            seen = [(line.path, line.evidence.holds) for line in found.lines if line.evidence.holds is not None]
            assert seen == [(line.path, line.holds) for line in found.lines if line.evidence.holds is not None]
        transaction.set_rollback(True)


def lines_of(node, reaching, now, path=()):
    """What stands beside each line, said again in plain Python: who is left of those who reach it."""
    ((kind, argument),) = node.items()
    found = {}
    if kind == "not":
        return lines_of(argument, reaching, now, (*path, 0))
    if kind not in {"all", "any"}:
        return found
    for number, child in enumerate(argument):
        here = (*path, number)
        found |= lines_of(child, reaching, now, here)
        inside = [one for one in reaching if holds(child, one, now)]
        found[here] = len(inside)
        reaching = inside if kind == "all" else [one for one in reaching if one not in inside]
    return found


def count_rule(rule):
    return len(ids_fitting(rule))


def ids(compiled):
    from lib.sql import run_text

    found = [row[0] for row in run_text(compiled.sql, compiled.params)]
    assert len(found) == len(set(found))
    return found


def together(rules, some, now):
    """Of each of these people, whether they fit each rule, found by one look at all of them."""
    from lib.sql import run_text

    found = compile_together(dict(enumerate(rules)), whom_of(some), now=now)
    columns = ", ".join(found.answers.values())
    rows = run_text(f"{found.steps}SELECT l.contact_id, {columns} FROM {found.looked} l", found.params)
    return {row[0]: list(row[1:]) for row in rows}


def survivor(pk):
    from contacts.merging import survivor_of

    return survivor_of(pk)


class TestWhatIsRefused:
    @pytest.mark.parametrize(
        ("rule", "path", "words"),
        [
            ({"all": [{"role": {"in": ["customer"]}}, {"rolle": {}}]}, (1,), "rolle"),
            ({"any": [{"not": {"role": {"in": ["king"]}}}]}, (0, 0), "customer"),
            ({"all": {}}, (), "list"),
            ({"all": [], "any": []}, (), "one word"),
            ({"did": {"kind": "teleport"}}, (), "teleport"),
            ({"did": {"kind": "purchase", "window": {"last_days": "; DROP"}}}, (), "days"),
            ({"did": {"kind": "purchase", "count": {"op": "like", "n": 1}}}, (), "like"),
            (
                {
                    "did": {
                        "kind": "purchase",
                        "count": {"op": ">=", "n": 1},
                        "sum": {"path": "value", "op": ">", "value": 1},
                    }
                },
                (),
                "one thing",
            ),
            ({"field": {"name": "dialogue_mode", "op": "=", "value": 1}}, (), "dialogue_mode"),
            ({"field": {"name": "city", "op": "=", "value": {}}}, (), "$.value"),
            ({"field": {"name": "city", "op": "=", "value": "x", "also": 1}}, (), "also"),
            ({"field": {"name": "city", "op": "="}}, (), "text"),
            ({"field": {"name": "", "op": "set"}}, (), "field"),
            ({"segment": {"id": 987654}}, (), "gone"),
            ({"bucket": {"salt": "a", "from": 5, "to": 2}}, (), "share"),
            ({"consent": {"channel": "email", "topic": "nope", "state": "given"}}, (), "nope"),
            ("all", (), "one word"),
        ],
    )
    def test_with_its_place_and_reason(self, inside, rule, path, words):
        with pytest.raises(RuleError) as refused:
            check_rule(rule)

        assert refused.value.path == path
        assert words in refused.value.text

    def test_too_deep(self, inside):
        rule = {"role": {"in": ["customer"]}}
        for _ in range(6):
            rule = {"all": [rule]}

        with pytest.raises(RuleError, match="deep"):
            check_rule(rule)

    def test_bottomless(self, inside):
        rule = {"role": {"in": ["customer"]}}
        for _ in range(5000):
            rule = {"not": rule}

        with pytest.raises(RuleError, match="deep"):
            check_rule(rule)

    def test_too_long(self, inside):
        with pytest.raises(RuleError, match="50"):
            check_rule({"any": [{"role": {"in": ["customer"]}}] * 51})

    def test_a_circle(self, inside):
        first, second = Segment.objects.create(name="A"), Segment.objects.create(name="B")
        Segment.objects.filter(pk=second.pk).update(rule={"segment": {"id": first.pk}})

        with pytest.raises(RuleError, match="itself"):
            check_rule({"all": [{"segment": {"id": second.pk}}]}, segment_id=first.pk)


def test_a_line_of_several_rules_is_asked_once_and_the_ledger_is_looked_at_once(inside):
    bought = {"did": {"kind": "purchase", "count": {"op": ">=", "n": 2}, "window": {"last_days": 40}}}
    spent = {"did": {"kind": "purchase", "sum": {"path": "value", "op": ">", "value": 5000}}}
    titled = {"did": {"kind": "page", "where": [{"path": "title", "op": "=", "value": "Tea"}]}}
    rules = [
        bought,
        {"not": bought},
        {"all": [bought, {"tag": {"has_any": ["vip"]}}]},
        {"any": [{"last": {"kind": "opened", "ago": {"op": "<", "days": 9}}}, spent, titled]},
        {"tag": {"has_every": ["vip"]}},  # no rule
    ]

    found = compile_together(dict(enumerate(rules)), whom_of([make_contact().pk]))
    recent = compile_together({0: bought}, whom_of([]))

    assert list(found.answers) == [0, 1, 2, 3]
    assert found.answers[1] == f"(NOT {found.answers[0]})"
    assert (found.steps.count("FROM contacts_tag"), found.steps.count("r_moments AS MATERIALIZED")) == (1, 1)
    assert found.steps.count("FROM touchpoints_touchpoint") == 2  # what no index holds, a title, is read apart
    assert found.params["r_kinds"] == sorted([KINDS["purchase"].code, KINDS["opened"].code])
    assert (found.params["r_since"], "%(r_since)s" in found.steps) == (None, False)
    assert recent.params["r_since"] == recent.params["r_now"] - timedelta(days=40)


def test_values_are_never_part_of_the_statement(inside):
    nasty = "'; DROP TABLE contacts_contact; -- %s %(x)s"
    rule = {
        "any": [
            {"field": {"name": "city", "op": "contains", "value": nasty}},
            {"tag": {"has_any": [nasty]}},
            {"field": {"name": nasty, "op": "=", "value": nasty}},
            {"bucket": {"salt": nasty, "from": 0, "to": 10000}},
        ]
    }
    make_contact()

    assert count_rule(rule) == 1
    assert nasty not in compile_rule(rule).sql


def test_an_underscore_is_an_underscore(inside):
    make_contact(city="New_York")
    make_contact(city="New York")

    assert count_rule({"field": {"name": "city", "op": "contains", "value": "w_y"}}) == 1


def test_the_share_by_chance_is_the_bucket_of_holdouts(inside):
    people = [make_contact().pk for _ in range(40)]

    drawn = ids_fitting({"bucket": {"salt": "may", "from": 0, "to": 5000}})

    assert drawn == {pk for pk in people if bucket(pk, "may") < 5000}
    assert 0 < len(drawn) < 40


def test_the_count_says_who_is_left_after_each_line(inside):
    for city, roles in [("Bonn", [1]), ("Bonn", [1, 5]), ("Bonn", []), ("Ghent", [1]), ("", [1])]:
        make_contact(city=city, roles=roles)
    rule = {
        "all": [
            {"role": {"in": ["customer"]}},
            {
                "any": [
                    {"field": {"name": "city", "op": "=", "value": "Bonn"}},
                    {"field": {"name": "city", "op": "set"}},
                ]
            },
            {"not": {"any": [{"role": {"in": ["critic"]}}]}},
        ]
    }

    found = count_lines(rule)

    assert (found.people, found.of) == (2, 5)
    assert found.lines == {(0,): 4, (1,): 3, (1, 0): 2, (1, 1): 1, (2,): 2, (2, 0, 0): 1}


def test_other_workspaces_are_not_counted(kettle, rival):
    with working_in(rival):
        make_contact(roles=[1], tags=["vip"])
    with working_in(kettle):
        assert count_rule({"any": [{"role": {"in": ["customer"]}}, {"tag": {"has_any": ["vip"]}}, {"all": []}]}) == 0


def test_why_somebody_is_out_names_the_deciding_line_with_evidence(inside):
    critic = make_contact(city="Bonn", roles=[Audience.CUSTOMER, Audience.CRITIC])
    since = AudienceRole.objects.get(contact=critic, role=Audience.CRITIC).since
    rule = {
        "all": [{"role": {"in": ["customer"]}}, {"not": {"role": {"in": ["critic"]}}}, {"tag": {"has_none": ["x"]}}]
    }

    found = explain(rule, critic)

    assert not found.fits
    assert [(str(line.phrase), line.evidence.since) for line in found.deciding] == [("plays the role of critic", since)]
    assert [line.counts for line in found.lines] == [True, False, True]


def test_merged_people_are_explained_with_each_others_rows(inside):
    one, other = make_contact(), make_contact()
    Tag.objects.create(contact=other, name="vip")
    FieldValue.objects.create(contact=other, name="tea", text="Assam")
    link_contacts(other.pk, one.pk)

    found = explain(
        {"all": [{"tag": {"has_any": ["vip"]}}, {"field": {"name": "tea", "op": "=", "value": "Assam"}}]}, other
    )

    assert found.fits
    assert [line.evidence.text for line in found.lines] == ["vip", "Assam"]
