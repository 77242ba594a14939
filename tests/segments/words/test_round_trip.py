"""Every rule that the builder can make reads as a sentence that becomes exactly this rule again, in both languages."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contacts.channels import sendable
from contacts.models import Audience
from contacts.models.people import ContactFrequency
from delivery.models import Content, Message
from engagement.leaf_types.score import LABELS
from segments.builder.drafting import in_shape
from segments.models import Segment
from segments.rules.compiler import check_rule
from segments.words.saying import sentence_of
from segments.words.understanding import rule_of
from tests.segments.words.world import make_world
from touchpoints.kinds import KINDS
from touchpoints.models import OwnKind
from workspaces.current import working_in

LANGUAGES = ["en", "de"]
SEGMENT, PRIVATE, GONE, EMAIL, TWIN = -1, -2, -3, -4, -5
odd = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=12).filter(str.strip)
names = st.one_of(
    odd,
    st.sampled_from(
        ["salt and pepper", "Kaffee und Kuchen", 'the "best"', "„so“", "a\\b", "who", "die", "not", "(x)", "and", "or",
         "in the last 30 days", "city", "Ort", "Berlin", "7", "2026-01-31", "1,5", "né", "İstanbul", "👩‍🚀", "a, b", " x "]
    ),
)  # fmt: skip
plain_names = names.map(str.strip).filter(bool)
days = st.integers(1, 36_500)
iso_days = st.dates(
    min_value=__import__("datetime").date(1901, 1, 1), max_value=__import__("datetime").date(2199, 1, 1)
).map(str)
moments = st.one_of(iso_days, st.sampled_from(["2026-3-1", "2026-05-01T12:30", "2026-05-01 08:00:00+02:00"]))
numbers = st.one_of(
    st.integers(-(10**14), 10**14), st.floats(allow_nan=False, allow_infinity=False), st.sampled_from([0.1, 1e-7, 1e22])
)
number_ops = st.sampled_from(["=", "!=", "<", "<=", ">", ">="])
windows = st.one_of(
    days.map(lambda n: {"last_days": n}),
    st.tuples(moments, moments).map(lambda both: {"between": list(both)}),
    moments.map(lambda one: {"before": one}),
    moments.map(lambda one: {"after": one}),
)
maybe_window = st.one_of(st.just({}), windows.map(lambda one: {"window": one}))
aims = st.builds(
    lambda p, op, v: {"path": p, "op": op, "value": v}, st.one_of(st.just("value"), odd), number_ops, numbers
)
wheres = st.lists(
    st.one_of(
        st.builds(lambda p, op, v: {"path": p, "op": op, "value": v}, odd, number_ops, numbers),
        st.builds(
            lambda p, op, v: {"path": p, "op": op, "value": v},
            odd,
            st.sampled_from(["=", "!=", "contains", "starts"]),
            names,
        ),
        st.builds(lambda p, v: {"path": p, "op": "in", "value": v}, odd, st.lists(names, min_size=1, max_size=3)),
        st.builds(lambda p, op: {"path": p, "op": op}, odd, st.sampled_from(["set", "unset"])),
    ),
    max_size=2,
).map(lambda tests: {"where": tests} if tests else {})
measures = st.one_of(
    st.just({}),
    st.builds(lambda op, n: {"count": {"op": op, "n": n}}, number_ops, st.integers(0, 10**9)),
    st.builds(lambda name, aim: {name: aim}, st.sampled_from(["sum", "min", "max", "distinct"]), aims),
)
kinds = st.sampled_from([*KINDS, "Ticket scanned", "bought and sold", "order completed"])
custom = st.one_of(names, st.sampled_from(["points", "favourite tea", "size (cm)", "field", "birthday"]))


def field(name, ops, values):
    return st.builds(lambda n, op, v: {"field": {"name": n, "op": op, "value": v}}, name, ops, values)


text_fields = st.sampled_from(["name", "given_name", "family_name", "email", "language", "city", "zone"])
leaves = st.one_of(
    st.lists(st.sampled_from([one.name.lower() for one in Audience]), min_size=1, max_size=4).map(
        lambda v: {"role": {"in": v}}
    ),
    field(st.one_of(text_fields, custom), st.sampled_from(["=", "!=", "contains", "starts"]), names),
    field(st.just("country"), st.sampled_from(["=", "!="]), st.sampled_from(["DE", "FR", "us"])),
    field(st.one_of(text_fields, custom), st.just("in"), st.lists(plain_names, min_size=1, max_size=4)),
    st.builds(
        lambda n, op: {"field": {"name": n, "op": op}},
        st.one_of(text_fields, custom, st.sampled_from(["complaint_since", "paused_until", "created_at"])),
        st.sampled_from(["set", "unset"]),
    ),
    field(custom, number_ops, numbers),
    field(st.just("contact_frequency"), number_ops, st.sampled_from([int(one) for one in ContactFrequency])),
    field(st.one_of(custom, st.just("created_at")), st.sampled_from(["before", "after"]), moments),
    field(custom, st.sampled_from(["<", "<=", ">", ">="]), moments),
    field(st.one_of(custom, st.just("complaint_since")), st.just("last_days"), days),
    field(st.just("complaint_since"), st.sampled_from(["=", "!="]), moments),
    field(st.just("is_profiled"), st.just("="), st.booleans()),
    st.builds(
        lambda t, v: {"tag": {t: v}},
        st.sampled_from(["has_any", "has_all", "has_none"]),
        st.lists(plain_names, min_size=1, max_size=4),
    ),
    st.builds(
        lambda c, s, t: {"consent": {"channel": c, "state": s, "topic": t}},
        st.sampled_from([one.name.lower() for one in sendable()]),
        st.sampled_from(["given", "withdrawn", "none"]),
        st.sampled_from([None, "letter", "offers", "and", "x"]),
    ),
    st.sampled_from([{"suppressed": {"channel": one.name.lower()}} for one in sendable()]),
    st.builds(
        lambda pk, inside: {"segment": {"id": pk, "in": inside}},
        st.sampled_from([SEGMENT, PRIVATE, GONE]),
        st.booleans(),
    ),
    st.builds(
        lambda salt, ends: {"bucket": {"salt": salt, "from": min(ends), "to": max(ends)}},
        odd,
        st.lists(st.integers(0, 10_000), min_size=2, max_size=2, unique=True),
    ),
    st.builds(lambda salt, n: {"bucket": {"salt": salt, "from": 0, "to": n * 100}}, odd, st.integers(1, 100)),
    st.builds(
        lambda kind, measure, where, window, certainty: {"did": {"kind": kind} | measure | where | window | certainty},
        kinds,
        measures,
        wheres,
        maybe_window,
        st.sampled_from([{}, {"certainty": "any"}]),
    ),
    st.builds(
        lambda kind, op, n: {"last": {"kind": kind, "ago": {"op": op, "days": n}}},
        kinds,
        st.sampled_from(["<", "<=", ">", ">="]),
        days,
    ),
    st.builds(
        lambda steps, n: {"sequence": {"steps": steps, "within_days": n}},
        st.lists(
            st.builds(
                lambda kind, where, certainty: {"kind": kind} | where | certainty,
                kinds,
                wheres,
                st.sampled_from([{}, {"certainty": "any"}]),
            ),
            min_size=2,
            max_size=4,
        ),
        days,
    ),
    st.builds(
        lambda did, which, window: {"message": {"did": did} | which | window},
        st.sampled_from(["received", "opened", "clicked"]),
        st.sampled_from([{}, {"message": EMAIL}, {"message": TWIN}]),
        maybe_window,
    ),
    st.builds(
        lambda name, op, v: {"score": {"name": name, "op": op, "value": v}},
        st.sampled_from([*LABELS]),
        number_ops,
        numbers,
    ),
    st.builds(
        lambda tag, much: {"interest": {"in": tag, "at_least": much}},
        odd,
        st.sampled_from(["little", "clear", "strong"]),
    ),
    st.builds(
        lambda key, state: {"offer": {"key": key, "is": state}},
        st.sampled_from(["spring", "and", "who", "die", "gone_1"]),
        st.sampled_from(["got", "none", "used", "unused"]),
    ),
    st.builds(lambda op, v: {"level": {"op": op, "value": v}}, number_ops, st.integers(1, 6)),
    st.builds(lambda d, w: {"level_moved": {"direction": d} | w}, st.sampled_from(["up", "down"]), maybe_window),
)
nodes = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4).map(lambda kids: {"all": kids}),
        st.lists(inner, max_size=4).map(lambda kids: {"any": kids}),
        st.lists(inner, max_size=3).map(lambda kids: {"not": {"any": kids}}),
    ),
    max_leaves=8,
)
rules = st.builds(lambda joint, kids: {joint: kids}, st.sampled_from(["all", "any"]), st.lists(nodes, max_size=4))


@pytest.fixture
def numbered(kettle):
    """The numbers behind the placeholders in drawn rules."""
    with working_in(kettle):
        make_world()
        from consent.models import Topic

        for key, name in (("and", "salt and pepper"), ("x", "Offers")):
            Topic.objects.create(key=key, name=name)
        for number, kind in enumerate(["Ticket scanned", "bought and sold"]):
            OwnKind.objects.create(key=kind, code=1000 + number)
        twins = [Message.objects.create(name="Twin", content=Content.objects.create(subject="Twin")) for _one in "ab"]
        private = Segment.objects.create(name="and mine", is_private=True, rule={"all": []})
        return {
            SEGMENT: Segment.objects.get(name="Not in “Berlin”").pk,
            PRIVATE: private.pk,
            GONE: 10**6,
            EMAIL: Message.objects.get(name="Advent, second list").pk,
            TWIN: twins[0].pk,
        }


def with_numbers(node, numbers, key=""):
    if isinstance(node, dict):
        return {name: with_numbers(value, numbers, name) for name, value in node.items()}
    if isinstance(node, list):
        return [with_numbers(one, numbers) for one in node]
    return numbers.get(node, node) if key in {"id", "message"} and isinstance(node, int) else node


@pytest.mark.parametrize("language", LANGUAGES)
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(drawn=rules)
def test_a_rule_comes_back_from_its_sentence(kettle, numbered, language, drawn):
    with working_in(kettle):
        rule = in_shape(with_numbers(drawn, numbered))
        said = sentence_of(rule, language)

        assert (rule_of(said, language).rule, said) == (rule, said)


@pytest.mark.parametrize("language", LANGUAGES)
@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(leaf=leaves)
def test_every_line_comes_back_in_words_of_its_own(kettle, numbered, language, leaf):
    with working_in(kettle):
        rule = {"all": [with_numbers(leaf, numbered)]}
        said = sentence_of(rule, language)
        is_known = "segment" in leaf or _is_readable(rule)

        assert (rule_of(said, language).rule, said) == (rule, said)
        assert not is_known or not said.startswith(("People line ", "Personen, Zeile "))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_moment_has_words_of_its_own(kettle, language, kind):
    for leaf in ({"did": {"kind": kind}}, {"did": {"kind": kind, "count": {"op": "=", "n": 0}}}):
        with working_in(kettle):
            said = sentence_of({"all": [leaf]}, language)

            assert (rule_of(said, language).rule, said) == ({"all": [leaf]}, said)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_moment_can_be_a_step_in_words(kettle, language, kind):
    for kinds in ((kind, "purchase"), ("purchase", kind), (kind, kind, kind, kind)):
        leaf = {"sequence": {"steps": [{"kind": one} for one in kinds], "within_days": 30}}
        with working_in(kettle):
            said = sentence_of({"all": [leaf]}, language)

            assert (rule_of(said, language).rule, said) == ({"all": [leaf]}, said)


def _is_readable(rule):
    from segments.leaf_types.base import RuleError

    try:
        check_rule(rule)
    except RuleError:
        return False
    return True
