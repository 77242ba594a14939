"""The line of a segment about things done in an order: who fits, how it is written, said, shown and refused."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contacts.merging import link_contacts
from contacts.models import Contact
from segments.builder.building import change
from segments.builder.suggesting import suggest
from segments.leaf_types.base import Evidence, RuleError
from segments.members.rechecking import recheck_due, refresh_with_readers
from segments.models import Segment, SegmentMember
from segments.rules.counting import ids_fitting
from segments.rules.explaining import explain
from segments.words.understanding import rule_of
from tests.segments.oracle import Event, Person, sequence_holds
from touchpoints.correcting import Change, Field, correct
from touchpoints.facts import Fact
from touchpoints.kinds import KINDS
from touchpoints.leaf_types.sequence import USUAL, SequenceForm, SequenceLeaf
from touchpoints.models import OwnKind, Touchpoint
from touchpoints.recording import record
from touchpoints.sources import source_for
from workspaces.current import working_in

NOON = datetime(2026, 3, 18, 12, tzinfo=UTC)
LEAST = timedelta(milliseconds=1)  # the ledger knows no less


def ago(days: float) -> datetime:
    return NOON - timedelta(days=days)


def happen(who: int, *moments: tuple, **more) -> list:
    """(kind, days ago, more of the fact) one by one."""
    facts = [
        Fact(kind, f"{who} {number} {kind} {at}", at, contact_id=who, **dict(*rest), **more)
        for number, (kind, at, *rest) in enumerate((kind, ago(days), *rest) for kind, days, *rest in moments)
    ]
    return record(facts, source=source_for("test", "Test")).ids


def steps_of(*steps, within: int = 30) -> dict:
    return {"steps": [{"kind": one} if isinstance(one, str) else one for one in steps], "within_days": within}


def sequence(*steps, within: int = 30) -> SequenceLeaf:
    return SequenceLeaf.open(steps_of(*steps, within=within))


def fit(who: int, *steps, within: int = 30) -> bool:
    rule = {"sequence": steps_of(*steps, within=within)}
    is_in = who in ids_fitting(rule)
    assert (who in ids_fitting(rule, only=[who])) == is_in
    assert explain(rule, Contact.objects.get(pk=who)).fits == is_in
    return is_in


@pytest.fixture
def greta(here) -> int:
    return Contact.objects.create(name="Greta").pk


def test_things_in_their_order_with_others_between(greta):
    happen(greta, ("form", 20), ("visit", 15), ("purchase", 10))

    assert fit(greta, "form", "purchase")
    assert fit(greta, "form", "visit", "purchase")
    assert not fit(greta, "purchase", "form")
    assert not fit(greta, "form", "purchase", "visit")
    assert not fit(greta, "form", "form")


def test_each_step_needs_a_fact_of_its_own(greta):
    happen(greta, ("purchase", 9), ("purchase", 8), ("purchase", 7))

    assert fit(greta, "purchase", "purchase", "purchase")
    assert not fit(greta, "purchase", "purchase", "purchase", "purchase")


def test_the_same_moment_is_not_after(greta):
    happen(greta, ("form", 5), ("purchase", 5))
    assert not fit(greta, "form", "purchase")
    assert not fit(greta, "purchase", "form")

    record([Fact("purchase", "later", ago(5) + LEAST, contact_id=greta)], source=source_for("test", "Test"))
    assert fit(greta, "form", "purchase")


def test_the_last_day_belongs_to_the_span(greta):
    happen(greta, ("form", 40), ("visit", 35), ("purchase", 33))
    assert fit(greta, "form", "visit", "purchase", within=7)
    assert not fit(greta, "form", "visit", "purchase", within=6)

    other = Contact.objects.create(name="Ines").pk
    facts = [Fact("form", "f", ago(40), contact_id=other), Fact("purchase", "p", ago(33) + LEAST, contact_id=other)]
    record(facts, source=source_for("test", "Test"))
    assert not fit(other, "form", "purchase", within=7)
    assert fit(other, "form", "purchase", within=8)


def test_any_chain_counts_however_long_ago(greta):
    happen(greta, ("form", 1000), ("form", 903), ("form", 850), ("purchase", 900), ("purchase", 400))

    assert fit(greta, "form", "purchase", within=3)
    assert not fit(greta, "form", "purchase", within=2)


def test_the_shortest_of_many_chains_counts(greta):
    happen(greta, ("form", 90), ("visit", 80), ("form", 20), ("visit", 19), ("visit", 12), ("purchase", 11))

    assert fit(greta, "form", "visit", "purchase", within=9)
    assert not fit(greta, "form", "visit", "purchase", within=8)


def test_facts_of_everybody_merged_into_one_are_one_row(greta):
    visitor = Contact.objects.create(name="", is_anonymous=True).pk
    happen(visitor, ("form", 20))
    happen(greta, ("purchase", 10))
    assert not fit(greta, "form", "purchase")

    link_contacts(visitor, greta)
    assert fit(greta, "form", "purchase")
    assert not fit(greta, "purchase", "form")


def test_deleted_facts_and_machines_are_no_steps(greta):
    first, _second, _third = happen(greta, ("opened", 20), ("clicked", 15, {"certainty": 2}), ("purchase", 10))

    assert fit(greta, "opened", "purchase")
    assert not fit(greta, "opened", "clicked")
    assert fit(greta, "opened", {"kind": "clicked", "certainty": "any"}, "purchase")
    correct([Change(first, Field.DELETED, 1)])
    assert not fit(greta, "opened", "purchase")


def test_a_step_asks_of_its_fact_what_another_line_asks(greta):
    happen(greta, ("page", 9, {"payload": {"path": "/tea"}}), ("purchase", 8, {"value_minor": 900, "channel": 2}))

    for where, is_in in [
        ([{"path": "value", "op": ">=", "value": 900}], True),
        ([{"path": "value", "op": ">", "value": 900}], False),
        ([{"path": "channel", "op": "=", "value": 2}, {"path": "value", "op": "<", "value": 1000}], True),
        ([{"path": "channel", "op": "=", "value": 3}], False),
    ]:
        assert fit(greta, "page", {"kind": "purchase", "where": where}) is is_in
    for path, is_in in (("/tea", True), ("/mugs", False)):
        tea = {"kind": "page", "where": [{"path": "path", "op": "=", "value": path}]}
        assert fit(greta, tea, "purchase") is is_in


def test_nobody_without_a_chain_is_in_its_negation_alone(greta):
    happen(greta, ("form", 20), ("purchase", 10))
    ines = Contact.objects.create(name="Ines").pk
    rule = {"not": {"sequence": steps_of("form", "purchase")}}

    assert ids_fitting(rule) == {ines}


moments = st.lists(
    st.tuples(st.sampled_from(["form", "visit", "purchase"]), st.integers(0, 8), st.sampled_from([0, 0, 0, 2])),
    max_size=9,
)
drawn_steps = st.lists(
    st.builds(
        lambda kind, more: {"kind": kind} | more,
        st.sampled_from(["form", "visit", "purchase"]),
        st.sampled_from([{}, {}, {"certainty": "any"}]),
    ),
    min_size=2,
    max_size=4,
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
@given(drawn=moments, steps=drawn_steps, within=st.integers(1, 5))
def test_any_moments_and_any_steps_are_as_plain_python_says(kettle, drawn, steps, within):
    with working_in(kettle), transaction.atomic():
        who = Contact.objects.create(name="Greta").pk
        events = [Event(kind, ago(days), None, certainty) for kind, days, certainty in drawn]
        Touchpoint.objects.bulk_create(
            Touchpoint(
                contact_id=who, kind=KINDS[one.kind].code, occurred_at=one.at, certainty=one.certainty, channel=1,
                direction=0, source_id=1, external_id="",
            )
            for one in events
        )  # fmt: skip
        rule = {"sequence": {"steps": steps, "within_days": within}}
        expected = sequence_holds(rule["sequence"], Person(who, events=events), NOON)

        assert (who in ids_fitting(rule), who in ids_fitting(rule, only=[who])) == (expected, expected)
        assert SequenceLeaf.open(rule["sequence"]).evidence([who]).holds == expected
        transaction.set_rollback(True)


def test_who_comes_so_far_is_in_once_the_last_step_is_recorded(greta, clock):
    happen(greta, ("form", 3))
    segment = Segment.objects.create(name="Asked, then bought", rule={"sequence": steps_of("form", "purchase")})
    refresh_with_readers(segment)
    recheck_due(segment.workspace)
    assert not SegmentMember.objects.filter(segment=segment).exists()

    happen(greta, ("purchase", 1))
    recheck_due(segment.workspace)
    assert [one.contact_id for one in SegmentMember.objects.filter(segment=segment)] == [greta]


@pytest.fixture
def clock():
    with time_machine.travel(NOON, tick=False):
        yield


def test_in_words(here):
    OwnKind.objects.create(key="Tea", code=1000)
    size = {"kind": "purchase", "where": [{"path": "size", "op": ">", "value": 3}, {"path": "sku", "op": "set"}]}

    assert str(sequence("form", "purchase").phrase()) == "form submitted, then purchase within 30 days of the first"
    assert str(sequence("Tea", size, "visit", within=1).phrase()) == (
        "Tea, then purchase, then visit within 1 day of the first; step 2: size is above 3 and sku is known"
    )
    assert (sequence("purchase", "Tea").phrase().icon, sequence("Tea", "purchase").phrase().icon) == (
        "shopping-bag",
        "activity",
    )


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"steps": []}, "A sequence has two to four steps."),
        ({"steps": [{"kind": "visit"}]}, "A sequence has two to four steps."),
        ({"steps": [{"kind": "visit"}] * 5}, "A sequence has two to four steps."),
        ({"steps": [{"kind": "visit"}] * 4}, None),
        ({"steps": [{"kind": "visit"}, {"kind": "teleport"}]}, "There is no kind of touchpoint “teleport”."),
        ({"steps": [{"kind": "visit"}, {"kind": "visit", "where": [{"path": "a", "op": "set"}] * 6}]},
         "At most five conditions on one moment."),
        ({"within_days": 0}, "This needs a number of days."), ({"within_days": -1}, "This needs a number of days."),
        ({"within_days": 36_501}, "This needs a number of days."), ({"within_days": 36_500}, None),
        ({"within_days": 1}, None),
        ({"steps": [{"kind": "visit"}, {"kind": "visit", "count": {"op": ">", "n": 1}}]},
         "This line cannot be read: Object contains unknown field `count` - at `$.steps[1]`."),
        ({"steps": [{"kind": "visit"}, {"kind": "visit", "window": {"last_days": 3}}]},
         "This line cannot be read: Object contains unknown field `window` - at `$.steps[1]`."),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(here, more, reason):
    raw = steps_of("visit", "visit") | more
    if reason is None:
        SequenceLeaf.open(raw)
        return
    with pytest.raises(RuleError) as refused:
        SequenceLeaf.open(raw, (2,))
    assert (refused.value.path, refused.value.text) == ((2,), reason)


def test_how_far_somebody_came(greta):
    visitor = Contact.objects.create(name="").pk
    leaf = sequence("form", "visit", "purchase", within=10)
    assert leaf.evidence([greta]) == Evidence("not even the first step", holds=False)

    happen(greta, ("purchase", 50), ("form", 40), ("form", 9))
    assert leaf.evidence([greta]) == Evidence("1 of 3 steps", ago(9), holds=False)
    happen(visitor, ("visit", 35), ("visit", 12))
    assert leaf.evidence([greta]) == Evidence("1 of 3 steps", ago(9), holds=False)
    link_contacts(visitor, greta)
    assert leaf.evidence([greta, visitor]) == Evidence("2 of 3 steps", ago(35), holds=False)
    happen(greta, ("purchase", 29), ("purchase", 28))
    assert leaf.evidence([greta, visitor]) == Evidence("2 of 3 steps", ago(35), holds=False)
    happen(greta, ("purchase", 30))
    assert leaf.evidence([greta, visitor]) == Evidence("all steps", ago(30), holds=True)


def test_the_form_writes_the_line_and_reads_it_back(here):
    OwnKind.objects.create(key="Tea", code=1000)
    posted = {"first": "form", "second": "Tea", "third": "", "fourth": "", "days": "7"}

    for more, kinds in [
        ({}, ["form", "Tea"]),
        ({"third": "visit"}, ["form", "Tea", "visit"]),
        ({"third": "visit", "fourth": "purchase"}, ["form", "Tea", "visit", "purchase"]),
        ({"fourth": "purchase"}, ["form", "Tea", "purchase"]),  # the gap closes
    ]:
        form = SequenceForm(posted | more)
        assert form.is_valid()
        assert form.argument() == steps_of(*kinds, within=7)
        again = SequenceForm(SequenceForm.initial_of(form.argument()))
        assert again.is_valid()
        assert again.argument() == form.argument()


def test_the_form_refuses_what_the_line_refuses(here):
    posted = {"first": "form", "second": "purchase", "third": "", "fourth": "", "days": "7"}

    for more, is_valid in [
        ({}, True), ({"second": ""}, False), ({"first": ""}, False), ({"third": "teleport"}, False),
        ({"days": "0"}, False), ({"days": "1"}, True), ({"days": "36500"}, True), ({"days": "36501"}, False),
        ({"days": ""}, False),
    ]:  # fmt: skip
        assert SequenceForm(posted | more).is_valid() is is_valid
    assert SequenceForm().fields["days"].initial == 30


def test_the_builder_opens_sets_and_edits_the_line(here):
    opened = change({"all": []}, {"do": "add:0", "kind-0": "sequence"}).opened
    assert (opened.kind, type(opened.form)) == ("sequence", SequenceForm)

    posted = {"leaf-first": "form", "leaf-second": "purchase", "leaf-third": "", "leaf-fourth": "", "leaf-days": "9"}
    rule = change({"all": []}, {"do": "set:0:sequence", **posted}).rule
    assert rule == {"all": [{"sequence": steps_of("form", "purchase", within=9)}]}
    edited = change(rule, {"do": "edit:0"}).opened.form
    assert (edited["first"].value(), edited["second"].value(), edited["days"].value()) == ("form", "purchase", 9)


def test_who_types_then_is_offered_an_order(here):
    found = suggest("submitted then purchase", {"all": []}, (0,))

    assert [str(one.phrase) for one in found] == [
        "form submitted, then purchase within 7 days of the first",
        "form submitted, then purchase within 30 days of the first",
    ]
    for kinds in USUAL:
        sequence(*kinds)


def test_the_line_stands_in_the_menu_and_time_alone_never_flips_it(here):
    assert (SequenceLeaf.type, SequenceLeaf.order, SequenceLeaf.reads) == ("sequence", 47, {"touchpoint"})
    assert not sequence("form", "purchase").moves_with_time()
    assert not sequence("form", "purchase").identifies()


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "who first submitted a form, then bought something, all within 30 days"),
        ("en", "people who submitted a form then bought within 30 days"),
        ("en", "People who within 30 days submitted a form and then bought something"),
        ("en", "who submitted a form, and after that bought something within a month"),
        ("de", "die innerhalb von 30 Tagen erst ein Formular ausgefüllt, dann etwas gekauft haben"),
        ("de", "Personen, die zuerst ein Formular abgeschickt und danach etwas gekauft haben, alles innerhalb von 30 Tagen"),
        ("de", "die ein Formular ausgefüllt haben, dann gekauft haben, binnen 30 Tagen"),
    ],
)  # fmt: skip
def test_an_order_in_a_sentence(here, language, sentence):
    assert rule_of(sentence, language).rule == {"all": [{"sequence": steps_of("form", "purchase")}]}


def test_an_order_beside_other_lines_of_a_sentence(here):
    said = "customers who first opened an email, then clicked a link, then bought, all within 7 days and who visited"

    assert rule_of(said, "en").rule == {
        "all": [
            {"role": {"in": ["customer"]}},
            {"sequence": steps_of("opened", "clicked", "purchase", within=7)},
            {"did": {"kind": "visit"}},
        ]
    }
    assert rule_of("who first submitted a form, then bought", "en").rule is None  # within how long is not said
