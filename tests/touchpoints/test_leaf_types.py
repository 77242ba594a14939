"""The lines of a segment about what people did: who fits, how they are written, said, shown and refused."""

from datetime import UTC, datetime, timedelta

import pytest

from contacts.merging import link_contacts
from contacts.models import Contact
from segments.leaf_types.base import Evidence, RuleError
from segments.rules.counting import ids_fitting
from touchpoints.correcting import Change, Field, correct
from touchpoints.facts import Fact
from touchpoints.leaf_types.did import DidForm, DidLeaf
from touchpoints.leaf_types.last import LastForm, LastLeaf
from touchpoints.models import OwnKind
from touchpoints.recording import record
from touchpoints.sources import source_for

NOON = datetime(2026, 3, 18, 12, tzinfo=UTC)


def happen(who: int, kind: str, *days_ago: float, **more) -> list:
    source = source_for("test", "Test")
    facts = [
        Fact(kind, f"{who}{kind}{n}{ago}{more}", NOON - timedelta(days=ago), contact_id=who, **more)
        for n, ago in enumerate(days_ago)
    ]
    return record(facts, source=source).ids


@pytest.fixture
def people(here):
    """none: nothing; one: a purchase of 10 € 60 days ago; two: 5 € and 25 €; three: on three days, and a machine's.

    four: one deleted, one counted under the name it was linked to.
    """
    ids = {name: Contact.objects.create(name=name).pk for name in ("none", "one", "two", "three", "four", "alias")}
    happen(ids["one"], "purchase", 60, value_minor=1000, payload={"sku": "a", "size": 3, "item": {"colour": "red"}})
    happen(ids["two"], "purchase", 10, value_minor=500, payload={"sku": "b", "size": "2.5"})
    happen(ids["two"], "purchase", 1, value_minor=2500, payload={"sku": "B c", "size": "big"}, channel=10)
    happen(ids["three"], "purchase", 100, 60, 59.99, payload={"sku": "a"})
    happen(ids["three"], "purchase", 2, value_minor=9900, certainty=2)
    (gone,) = happen(ids["four"], "purchase", 5, value_minor=7)
    correct([Change(gone, Field.DELETED, 1)])
    happen(ids["alias"], "purchase", 30, value_minor=50, direction=1, message_id=77)
    link_contacts(ids["alias"], ids["four"])
    happen(ids["none"], "visit", 3)
    return ids


def fits(people: dict[str, int], rule: dict) -> set[str]:
    names = {who: name for name, who in people.items()}
    whole = {names[who] for who in ids_fitting(rule)}
    some = {"none", "one", "four"}
    assert ids_fitting(rule, only=[people[name] for name in some]) == {people[name] for name in whole & some}
    return whole


EVERYBODY = {"none", "one", "two", "three", "four"}
BUYERS = {"one", "two", "three", "four"}


@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        ({}, BUYERS), ({"count": {"op": "=", "n": 0}}, {"none"}), ({"count": {"op": "<", "n": 1}}, {"none"}),
        ({"count": {"op": "<=", "n": 0}}, {"none"}), ({"count": {"op": "<=", "n": 1}}, {"none", "one", "four"}),
        ({"count": {"op": "<", "n": 3}}, EVERYBODY - {"three"}), ({"count": {"op": ">", "n": 2}}, {"three"}),
        ({"count": {"op": ">=", "n": 2}}, {"two", "three"}), ({"count": {"op": "=", "n": 2}}, {"two"}),
        ({"count": {"op": "!=", "n": 2}}, EVERYBODY - {"two"}), ({"count": {"op": ">=", "n": 0}}, EVERYBODY),
        ({"count": {"op": "!=", "n": 0}}, BUYERS), ({"count": {"op": ">=", "n": 4}}, set()),
        ({"certainty": "any", "count": {"op": ">=", "n": 4}}, {"three"}),
        ({"window": {"last_days": 60}}, BUYERS), ({"window": {"last_days": 59}}, {"two", "four"}),
        ({"window": {"last_days": 60}, "count": {"op": "=", "n": 2}}, {"two", "three"}),
        ({"window": {"before": "2026-01-01"}}, {"three"}),
        ({"sum": {"path": "value", "op": ">=", "value": 1000}}, {"one", "two"}),
        ({"sum": {"path": "value", "op": ">", "value": 1000}}, {"two"}), ({"sum": {"path": "value", "op": "<", "value": 1000}}, {"four"}),
        ({"sum": {"path": "value", "op": "!=", "value": 3000}}, {"one", "four"}),
        ({"min": {"path": "value", "op": "<=", "value": 500}}, {"two", "four"}), ({"max": {"path": "value", "op": "=", "value": 2500}}, {"two"}),
        ({"distinct": {"path": "sku", "op": "=", "value": 2}}, {"two"}), ({"distinct": {"path": "sku", "op": "=", "value": 1}}, {"one", "three"}),
        ({"distinct": {"path": "channel", "op": "=", "value": 2}}, {"two"}), ({"distinct": {"path": "sku", "op": "=", "value": 0}}, {"four"}),
        ({"sum": {"path": "size", "op": "=", "value": 2.5}}, {"two"}), ({"max": {"path": "size", "op": ">=", "value": 3}}, {"one"}),
        ({"where": [{"path": "value", "op": ">", "value": 500}]}, {"one", "two"}),
        ({"where": [{"path": "value", "op": "!=", "value": 1000}]}, {"two", "three", "four"}),
        ({"where": [{"path": "value", "op": "=", "value": 1000}]}, {"one"}),
        ({"where": [{"path": "size", "op": "<", "value": 3}]}, {"two"}),
        ({"where": [{"path": "size", "op": "!=", "value": 3}]}, {"two", "three", "four"}),
        ({"where": [{"path": "sku", "op": "=", "value": "a"}]}, {"one", "three"}), ({"where": [{"path": "sku", "op": "=", "value": "A"}]}, {"one", "three"}),
        ({"where": [{"path": "sku", "op": "!=", "value": "a"}]}, {"two", "four"}),
        ({"where": [{"path": "sku", "op": "in", "value": ["a", "b"]}]}, {"one", "two", "three"}),
        ({"where": [{"path": "sku", "op": "set"}]}, {"one", "two", "three"}), ({"where": [{"path": "sku", "op": "unset"}]}, {"four"}),
        ({"where": [{"path": "sku", "op": "starts", "value": "b "}]}, {"two"}), ({"where": [{"path": "item.colour", "op": "contains", "value": "RE"}]}, {"one"}),
        ({"where": [{"path": "message", "op": "=", "value": 77}]}, {"four"}), ({"where": [{"path": "direction", "op": "=", "value": 1}]}, {"four"}),
        ({"where": [{"path": "channel", "op": "=", "value": 10}, {"path": "value", "op": "<", "value": 2500}]}, set()),
        ({"where": [{"path": "sentiment", "op": "!=", "value": 1}]}, BUYERS),
    ],
)  # fmt: skip
def test_who_did_something(people, argument, expected):
    assert fits(people, {"did": {"kind": "purchase", **argument}}) == expected


@pytest.mark.parametrize(
    ("op", "days", "expected"),
    [
        (">=", 60, {"one"}), (">", 60, set()), (">=", 30, {"one", "three", "four"}), (">", 30, {"one", "three"}),
        ("<=", 60, BUYERS), ("<", 60, {"two", "three", "four"}), ("<=", 30, {"two", "four"}), ("<", 30, {"two"}), ("<", 1, set()), ("<=", 1, {"two"}),
    ],
)  # fmt: skip
def test_who_did_something_last_so_long_ago(people, op, days, expected):
    assert fits(people, {"last": {"kind": "Order Completed", "ago": {"op": op, "days": days}}}) == expected


def did(**argument) -> DidLeaf:
    return DidLeaf.open({"kind": "purchase", **argument})


@pytest.mark.parametrize(
    ("argument", "words"),
    [
        ({}, "purchase at least once ever"), ({"count": {"op": ">", "n": 2}}, "purchase more than 2 times ever"),
        ({"count": {"op": "=", "n": 0}}, "purchase not ever"), ({"count": {"op": "<", "n": 1}}, "purchase not ever"),
        ({"count": {"op": "<=", "n": 0}}, "purchase not ever"), ({"count": {"op": "<=", "n": 1}}, "purchase at most once ever"),
        ({"count": {"op": "<", "n": 2}}, "purchase fewer than 2 times ever"), ({"count": {"op": "=", "n": 1}}, "purchase exactly once ever"),
        ({"count": {"op": "!=", "n": 3}}, "purchase not exactly 3 times ever"),
        ({"window": {"last_days": 60}, "where": [{"path": "sku", "op": "set"}, {"path": "value", "op": ">", "value": 5}]},
         "purchase at least once in the last 60 days, sku is known and value is above 5"),
        ({"where": [{"path": "sku", "op": "in", "value": ["a", "b"]}]}, "purchase at least once ever, sku is one of a, b"),
        ({"sum": {"path": "value", "op": ">=", "value": 5000}}, "purchase total of value is at least 5000 ever"),
        ({"min": {"path": "value", "op": "<", "value": 5}}, "purchase smallest value is below 5 ever"),
        ({"max": {"path": "value", "op": "<", "value": 5}}, "purchase largest value is below 5 ever"),
        ({"distinct": {"path": "sku", "op": ">", "value": 1}, "where": [{"path": "sku", "op": "!=", "value": "x"}]},
         "purchase different sku is above 1 ever, sku is not x"),
    ],
)  # fmt: skip
def test_what_somebody_did_in_words(here, argument, words):
    assert (str(did(**argument).phrase()), did(**argument).phrase().icon) == (words, "shopping-bag")


def test_an_own_kind_in_words(here):
    OwnKind.objects.create(key="Tea", code=1000)

    phrase = DidLeaf.open({"kind": "Tea"}).phrase()
    assert (str(phrase), phrase.icon) == ("Tea at least once ever", "activity")


DEEP = ".".join("abcde")


@pytest.mark.parametrize(
    ("argument", "reason"),
    [
        ({"kind": "teleport"}, "There is no kind of touchpoint “teleport”."),
        ({"count": {"op": ">=", "n": 1}, "sum": {"path": "value", "op": ">", "value": 1}}, "One line measures one thing."),
        ({"min": {"path": "value", "op": ">", "value": 1}, "max": {"path": "value", "op": ">", "value": 1}}, "One line measures one thing."),
        ({"sum": {"path": "", "op": ">", "value": 1}}, "This needs the name of something that was recorded."),
        ({"sum": {"path": "value", "op": "like", "value": 1}}, "“like” compares no numbers."),
        ({"count": {"op": "like", "n": 1}}, "“like” compares no numbers."),
        ({"count": {"op": ">=", "n": 1.5}}, "This needs a whole number."), ({"count": {"op": ">=", "n": -1}}, "This needs a whole number."),
        ({"count": {"op": ">=", "n": 2.0}}, None), ({"count": {"op": ">=", "n": 0}}, None),
        ({"window": {}}, "This needs one span of time."), ({"window": {"last_days": 0}}, "This needs a number of days."),
        ({"where": [{"path": "a", "op": "set"}] * 5}, None), ({"where": [{"path": "a", "op": "set"}] * 6}, "At most five conditions on one moment."),
        ({"where": [{"path": DEEP, "op": "set"}]}, None), ({"where": [{"path": DEEP + ".f", "op": "set"}]}, "This needs the name of something that was recorded."),
        ({"where": [{"path": "a" * 120, "op": "set"}]}, None), ({"where": [{"path": "a" * 121, "op": "set"}]}, "This needs the name of something that was recorded."),
        ({"where": [{"path": "a", "op": "contains", "value": 1}]}, "“contains” compares no numbers."),
        ({"where": [{"path": "a", "op": "<", "value": "x"}]}, "“<” compares no text."),
    ],
)  # fmt: skip
def test_a_line_that_no_ledger_can_answer_is_refused(here, argument, reason):
    if reason is None:
        did(**argument)
        return
    with pytest.raises(RuleError) as refused:
        did(**argument)
    assert refused.value.text == reason


def test_what_decides_for_one_person(people):
    def said(name: str, **argument) -> Evidence:
        return did(**argument).evidence([people[name], *([people["alias"]] if name == "four" else [])])

    def ago(days: float) -> datetime:
        return NOON - timedelta(days=days)

    assert said("none") == Evidence("never in this time")
    assert (said("one"), said("two")) == (Evidence("once", ago(60)), Evidence("2 times", ago(1)))
    assert said("three") == Evidence("3 times", ago(59.99))
    assert said("three", certainty="any") == Evidence("4 times", ago(2))
    assert said("four") == Evidence("once", ago(30))
    assert said("two", window={"last_days": 5}) == Evidence("once", ago(1))
    happen(people["one"], "purchase", *[1] * 99)
    assert said("one") == Evidence("100 times", ago(1))
    happen(people["one"], "purchase", 0.5)
    assert said("one") == Evidence("more than 100 times", ago(0.5))


def test_time_alone_flips_a_line_about_the_last_days(here):
    assert did(window={"last_days": 5}).moves_with_time() is True
    assert did(window={"before": "2026-01-01"}).moves_with_time() is did().moves_with_time() is False
    assert LastLeaf.open({"kind": "visit", "ago": {"op": ">", "days": 1}}).moves_with_time() is True


def test_the_last_time_in_words_and_for_one_person(people):
    leaf = LastLeaf.open({"kind": "purchase", "ago": {"op": ">=", "days": 60}})

    assert str(leaf.phrase()) == "last purchase at least 60 days ago"
    assert leaf.phrase().icon == "shopping-bag"
    for op, words in (("<", "less than"), ("<=", "at most"), (">", "more than")):
        assert (
            str(LastLeaf.open({"kind": "visit", "ago": {"op": op, "days": 1}}).phrase())
            == f"last visit {words} 1 day ago"
        )
    assert leaf.evidence([people["three"]]) == Evidence("last time", NOON - timedelta(days=59.99))
    assert leaf.evidence([people["none"]]) == Evidence("never")
    for wrong in ({"kind": "teleport"}, {"ago": {"op": "=", "days": 1}}, {"ago": {"op": ">", "days": 0}}):
        with pytest.raises(RuleError):
            LastLeaf.open({"kind": "visit", "ago": {"op": ">", "days": 1}} | wrong)


@pytest.mark.parametrize(
    ("posted", "argument"),
    [
        (
            {"measure": "count", "op": "<", "number": "3", "days": "7"},
            {"count": {"op": "<", "n": 3}, "window": {"last_days": 7}},
        ),
        ({"measure": "count", "op": ">=", "number": "0", "days": ""}, {"count": {"op": ">=", "n": 0}}),
        (
            {"measure": "sum", "op": ">", "number": "5000", "days": ""},
            {"sum": {"path": "value", "op": ">", "value": 5000}},
        ),
    ],
)
def test_what_somebody_did_comes_from_its_form_and_goes_back(here, posted, argument):
    form = DidForm({"kind": "purchase", **posted})

    assert form.is_valid()
    assert form.argument() == {"kind": "purchase", **argument}
    back = DidForm.initial_of(form.argument())
    assert {name: str("" if value is None else value) for name, value in back.items()} == {"kind": "purchase", **posted}


def test_the_forms_offer_what_the_workspace_knows_in_bounds(here):
    OwnKind.objects.create(key="Tea", code=1000)
    usual = {"kind": "Tea", "measure": "count", "op": ">=", "number": "1", "days": "1"}

    assert DidForm.initial_of({"kind": "visit"}) == {
        "kind": "visit",
        "measure": "count",
        "op": ">=",
        "number": 1,
        "days": None,
    }
    assert DidForm(usual).is_valid()
    assert (DidForm().fields["number"].initial, DidForm().fields["days"].required) == (1, False)
    for more, valid in [
        ({"number": "-1"}, False), ({"number": "0"}, True), ({"number": str(10**12)}, True), ({"number": str(10**12 + 1)}, False),
        ({"days": "0"}, False), ({"days": "36500"}, True), ({"days": "36501"}, False), ({"kind": "Cup"}, False),
    ]:  # fmt: skip
        assert DidForm(usual | more).is_valid() is valid
    last = {"kind": "Tea", "op": ">=", "days": "1"}
    assert LastForm(last).is_valid()
    for more, valid in (
        ({"days": "0"}, False),
        ({"days": "36500"}, True),
        ({"days": "36501"}, False),
        ({"op": "="}, False),
        ({"days": ""}, False),
    ):
        assert LastForm(last | more).is_valid() is valid
    form = LastForm(last | {"op": "<", "days": "9"})
    assert form.is_valid()
    assert form.argument() == {"kind": "Tea", "ago": {"op": "<", "days": 9}}
    assert LastForm.initial_of(form.argument()) == {"kind": "Tea", "op": "<", "days": 9}


def test_the_lines_stand_in_the_menu():
    assert [(leaf.type, leaf.order, leaf.reads) for leaf in (DidLeaf, LastLeaf)] == [
        ("did", 40, {"touchpoint"}), ("last", 45, {"touchpoint"}),
    ]  # fmt: skip
