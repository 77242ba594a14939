"""The lines of a segment about scores and levels: who fits, how they are written, said and refused."""

from datetime import timedelta

import pytest

from contacts.merging import link_contacts
from engagement.leaf_types.level import LevelForm, LevelLeaf
from engagement.leaf_types.level_moved import LevelMovedForm, LevelMovedLeaf
from engagement.leaf_types.score import ScoreForm, ScoreLeaf
from engagement.models import LevelMove, Score
from segments.leaf_types.base import Evidence, RuleError
from segments.rules.counting import ids_fitting
from tests.engagement.world import NOON, person, with_sum

OPS = {"=": [3], "!=": [1, 6], "<": [1], "<=": [1, 3], ">": [6], ">=": [3, 6]}


@pytest.mark.parametrize("op", OPS)
def test_who_stands_at_a_level(here, op):
    by_level = {level: person() for level in (0, 1, 3, 6)}
    for level, who in by_level.items():
        Score.objects.create(contact_id=who, level=level)
    person()  # whom nobody scored
    rule = {"level": {"op": op, "value": 3}}

    assert ids_fitting(rule) == {by_level[level] for level in OPS[op]}
    assert ids_fitting(rule, only=[by_level[6], by_level[0]]) == {by_level[level] for level in OPS[op] if level == 6}


@pytest.mark.parametrize("value", [0, 7, -1])
def test_a_level_that_nobody_has_is_refused(here, value):
    with pytest.raises(RuleError, match="from 1"):
        LevelLeaf.open({"op": ">=", "value": value})
    with pytest.raises(RuleError, match="like"):
        LevelLeaf.open({"op": "like", "value": 3})


def test_a_level_is_said_and_shown(here):
    leaf = LevelLeaf.open({"op": ">=", "value": 4})
    who = person()
    with_sum(who, involvement_short=1.0)
    Score.objects.update(level=4)

    assert str(leaf.phrase()) == "relationship level is at least engaged"
    assert leaf.evidence([who]) == Evidence("Engaged")
    assert leaf.evidence([person()]) == Evidence("unknown")
    assert leaf.moves_with_time() is False
    form = LevelForm({"op": "<", "value": "2"})
    assert form.is_valid()
    assert form.argument() == {"op": "<", "value": 2}
    assert [value for value, _label in form.fields["value"].choices] == [1, 2, 3, 4, 5, 6]
    assert (form.fields["value"].initial, form.fields["op"].initial) == (5, ">=")
    assert not LevelForm({"op": "<", "value": "0"}).is_valid()


def move(who: int, before: int, after: int, days_ago: float) -> None:
    LevelMove.objects.create(contact_id=who, before=before, after=after, at=NOON - timedelta(days=days_ago))


@pytest.fixture
def movers(here):
    """up: rose lately; down: fell lately; both: long ago up, lately down; alias, who is up: fell long ago."""
    people = {name: person() for name in ("up", "down", "both", "still", "alias")}
    move(people["up"], 2, 3, 28)
    move(people["up"], 3, 4, 1)
    move(people["down"], 3, 2, 27)
    move(people["both"], 1, 2, 60)
    move(people["both"], 2, 1, 2)
    move(people["alias"], 4, 3, 29)
    link_contacts(people["alias"], people["up"])
    return people


@pytest.mark.parametrize(
    ("direction", "window", "fits"),
    [
        ("up", None, {"up", "both"}), ("down", None, {"down", "both", "up"}), ("up", {"last_days": 28}, {"up"}),
        ("down", {"last_days": 28}, {"down", "both"}), ("down", {"last_days": 29}, {"down", "both", "up"}),
        ("down", {"last_days": 1}, set()), ("up", {"before": "2026-02-01"}, {"both"}),
    ],
)  # fmt: skip
def test_who_moved_between_levels_in_a_span_of_time(movers, direction, window, fits):
    rule = {"level_moved": {"direction": direction} | ({"window": window} if window else {})}

    assert ids_fitting(rule) == {movers[name] for name in fits}
    assert ids_fitting(rule, only=[movers["both"]]) == {movers[name] for name in fits & {"both"}}
    leaf = LevelMovedLeaf.open(rule["level_moved"])
    assert leaf.moves_with_time() is (window is not None and "last_days" in window)


def test_a_move_is_said_and_shown_with_its_moment(movers):
    up = LevelMovedLeaf.open({"direction": "up", "window": {"last_days": 28}})
    down = LevelMovedLeaf.open({"direction": "down"})

    assert str(up.phrase()) == "relationship moved up in the last 28 days"
    assert str(down.phrase()) == "relationship moved down ever"
    assert up.evidence([movers["up"], movers["alias"]]) == Evidence("Warm to Engaged", NOON - timedelta(days=1))
    assert down.evidence([movers["up"], movers["alias"]]) == Evidence("Engaged to Warm", NOON - timedelta(days=29))
    assert down.evidence([movers["still"]]) == up.evidence([movers["down"]]) == Evidence("never")


def test_the_twenty_newest_moves_are_looked_at(movers):
    who = movers["still"]
    move(who, 3, 2, 100)
    for n in range(19):
        move(who, 2, 3, n)
    down = LevelMovedLeaf.open({"direction": "down"})

    assert down.evidence([who]) == Evidence("Warm to Aware", NOON - timedelta(days=100))
    move(who, 2, 3, 19)
    assert down.evidence([who]) == Evidence("never")


@pytest.mark.parametrize(
    "wrong",
    [{"direction": "sideways"}, {"direction": "up", "window": {"last_days": 0}}, {"direction": "up", "window": {}}],
)
def test_a_move_that_is_none_is_refused(here, wrong):
    with pytest.raises(RuleError):
        LevelMovedLeaf.open(wrong)


def test_a_move_comes_from_its_form_and_goes_back(here):
    argument = {"direction": "up", "window": {"last_days": 7}}
    form = LevelMovedForm({"direction": "up", "last_days": "7"})

    assert form.is_valid()
    assert form.argument() == argument
    assert LevelMovedForm.initial_of(argument) == {"direction": "up", "last_days": 7}
    assert LevelMovedForm.initial_of({}) == {"direction": "down", "last_days": 28}
    assert LevelMovedForm.initial_of({"direction": "up", "window": None}) == {"direction": "up", "last_days": 28}
    assert form.fields["last_days"].initial == 28
    for days, fits in ((0, False), (1, True), (3650, True), (3651, False)):
        assert LevelMovedForm({"direction": "down", "last_days": str(days)}).is_valid() is fits


@pytest.mark.parametrize(
    ("name", "op", "value", "fits"),
    [
        ("involvement", ">=", 49.9, "ab"), ("involvement", ">", 50.1, "b"), ("involvement", "<", 50.1, "ac"),
        ("intimacy", "<=", -49.9, "c"), ("intimacy", "=", 0, "ab"), ("intimacy", "!=", 0, "c"),
        ("overall", ">", 24.9, "ab"), ("overall", "<=", 0, "c"), ("influence", ">", 0, ""),
    ],
)  # fmt: skip
def test_who_has_a_score(here, name, op, value, fits):
    people = {letter: person() for letter in "abcd"}
    with_sum(people["a"], involvement_short=9.0)
    with_sum(people["b"], involvement_long=18.0)
    with_sum(people["c"], cold_short=2.0)
    rule = {"score": {"name": name, "op": op, "value": value}}

    assert ids_fitting(rule) == {people[letter] for letter in fits}
    assert ids_fitting(rule, only=[people["a"]]) == {people[letter] for letter in fits if letter == "a"}


def test_a_score_is_said_and_shown_and_moves_with_time(here):
    leaf = ScoreLeaf.open({"name": "involvement", "op": ">=", "value": 40})
    whole = ScoreLeaf.open({"name": "overall", "op": "<", "value": 7.5})
    who = person()
    with_sum(who, involvement_short=9.0)

    assert (str(leaf.phrase()), leaf.phrase().shape) == ("involvement is at least 40", "involvement")
    assert (str(whole.phrase()), whole.phrase().shape) == ("overall score is below 7.5", "")
    assert (leaf.evidence([who]), whole.evidence([who])) == (Evidence("50"), Evidence("25"))
    assert leaf.evidence([person()]) == Evidence("unknown")
    assert leaf.moves_with_time() is True
    for wrong in ({"name": "love"}, {"op": "like"}, {"value": True}):
        with pytest.raises(RuleError):
            ScoreLeaf.open({"name": "involvement", "op": ">=", "value": 40} | wrong)


def test_a_score_comes_from_its_form(here):
    form = ScoreForm({"name": "intimacy", "op": "<", "value": "-20.5"})

    assert form.is_valid()
    assert form.argument() == {"name": "intimacy", "op": "<", "value": -20.5}
    assert form.fields["value"].initial == 40
    assert [name for name, _label in form.fields["name"].choices] == [
        "involvement", "interaction", "intimacy", "influence", "overall",
    ]  # fmt: skip
    for value, fits in ((-101, False), (-100, True), (100, True), (101, False)):
        assert ScoreForm({"name": "overall", "op": "<", "value": str(value)}).is_valid() is fits


def test_the_lines_stand_in_the_menu_one_after_the_other():
    assert [(leaf.type, leaf.order, sorted(leaf.reads)) for leaf in (ScoreLeaf, LevelLeaf, LevelMovedLeaf)] == [
        ("score", 60, ["role", "score"]), ("level", 61, ["level"]), ("level_moved", 62, ["level"]),
    ]  # fmt: skip
