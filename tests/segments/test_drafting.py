"""One step of the builder at a time: a rule and a path in, another rule out, and the first one as it was."""

import copy
import json

import pytest

from segments.builder.drafting import (
    add_group,
    in_shape,
    join_by,
    move_up,
    node_at,
    put,
    read_path,
    read_rule,
    remove,
    write_path,
)

A, B, C, NEW = {"a": 1}, {"b": 2}, {"c": 3}, {"new": 0}
FLAT = {"all": [A, B, C]}
DEEP = {"all": [A, {"any": [B, C]}, {"not": {"any": [A, B]}}]}


@pytest.mark.parametrize(
    ("rule", "shape"),
    [
        ({}, {"all": []}),
        ({"a": 1, "b": 2}, {"all": []}),
        (A, {"all": [A]}),
        ({"all": [A]}, {"all": [A]}),
        ({"any": [A, {"all": [B]}]}, {"any": [A, {"all": [B]}]}),
        ({"not": A}, {"all": [{"not": {"any": [A]}}]}),
        ({"not": {"any": [A, B]}}, {"all": [{"not": {"any": [A, B]}}]}),
        ({"not": {"all": [A]}}, {"all": [{"not": {"any": [{"all": [A]}]}}]}),
        ({"all": [{"not": {"not": A}}]}, {"all": [{"not": {"any": [{"not": {"any": [A]}}]}}]}),
        ({"all": 3}, {"all": []}),
        ({"any": None}, {"any": []}),
        ({"all": [5, {}, {"a": 1, "b": 2}]}, {"all": [{"all": []}, {"all": []}, {"all": []}]}),
    ],
)
def test_any_rule_has_a_group_at_the_top_and_every_not_around_an_any(rule, shape):
    assert in_shape(rule) == shape
    assert read_rule(json.dumps(rule)) == shape


@pytest.mark.parametrize("text", ["", "[1]", "null", "{", "[" * 5000])
def test_what_is_no_rule_is_an_empty_one(text):
    assert read_rule(text) == {"all": []}


def test_a_rule_may_be_twenty_thousand_letters_long():
    longest = '{"all": [{"a": "%s"}]}' % ("x" * (20_000 - 20))
    assert len(longest) == 20_000

    assert read_rule(longest) == {"all": [{"a": "x" * 19_980}]}
    assert read_rule(longest.replace("x", "xx", 1)) == {"all": []}


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("", ()),
        ("0", (0,)),
        ("0.2.1", (0, 2, 1)),
        ("999", (999,)),
        ("1000", ()),
        ("0.1000", ()),
        ("-1", ()),
        ("0.x", ()),
        ("0..1", ()),
        ("²", ()),
        ("٣", ()),
    ],
)
def test_a_path_is_numbers_with_points_between_them(text, path):
    assert read_path(text) == path


def test_paths_are_written_as_they_are_read():
    assert [write_path(path) for path in ((), (3,), (0, 2, 1))] == ["", "3", "0.2.1"]


@pytest.mark.parametrize(
    ("path", "node"),
    [
        ((), DEEP),
        ((0,), A),
        ((2,), {"not": {"any": [A, B]}}),
        ((3,), None),
        ((1, 1), C),
        ((1, 2), None),
        ((2, 0), {"any": [A, B]}),
        ((2, 1), None),
        ((2, 0, 1), B),
        ((0, 0), None),
        ((2, 0, 2), None),
    ],
)
def test_a_path_leads_to_its_node_or_nowhere(path, node):
    assert node_at(DEEP, path) == node


@pytest.mark.parametrize("rule", [{"all": 3}, {"a": 1, "all": [A]}, {"a": [A]}, {"not": [A]}])
def test_a_path_ends_where_there_is_no_group(rule):
    assert node_at(rule, (0, 0)) is None


@pytest.mark.parametrize(
    ("step", "path", "after"),
    [
        (put, (0,), {"all": [NEW, B, C]}),
        (put, (2,), {"all": [A, B, NEW]}),
        (put, (3,), {"all": [A, B, C, NEW]}),
        (put, (4,), FLAT),
        (put, (), FLAT),
        (put, (0, 0), FLAT),
        (remove, (0,), {"all": [B, C]}),
        (remove, (2,), {"all": [A, B]}),
        (remove, (3,), FLAT),
        (remove, (), FLAT),
        (remove, (1, 0), FLAT),
        (move_up, (0,), FLAT),
        (move_up, (1,), {"all": [B, A, C]}),
        (move_up, (2,), {"all": [A, C, B]}),
        (move_up, (3,), FLAT),
        (move_up, (), FLAT),
    ],
)
def test_lines_come_go_and_move(step, path, after):
    before = copy.deepcopy(FLAT)

    found = step(FLAT, path, NEW) if step is put else step(FLAT, path)

    assert (found, FLAT) == (after, before)


def test_lines_inside_groups_come_go_and_move():
    assert put(DEEP, (2, 0, 1), NEW) == {"all": [A, {"any": [B, C]}, {"not": {"any": [A, NEW]}}]}
    assert remove(DEEP, (1, 0)) == {"all": [A, {"any": [C]}, {"not": {"any": [A, B]}}]}
    assert move_up(DEEP, (2, 0, 1)) == {"all": [A, {"any": [B, C]}, {"not": {"any": [B, A]}}]}
    assert remove(DEEP, (2,)) == {"all": [A, {"any": [B, C]}]}


@pytest.mark.parametrize(
    ("path", "joint", "after"),
    [
        ((), "all", {"all": [A, B, C, {"all": []}]}),
        ((), "any", {"all": [A, B, C, {"any": []}]}),
        ((), "none", {"all": [A, B, C, {"not": {"any": []}}]}),
        ((), "xor", FLAT),
        ((0,), "any", FLAT),
        ((7,), "any", FLAT),
    ],
)
def test_a_group_is_added_at_the_end_of_a_group(path, joint, after):
    before = copy.deepcopy(FLAT)

    assert (add_group(FLAT, path, joint), FLAT) == (after, before)


def test_a_group_is_added_inside_a_group():
    assert add_group({"all": [{"any": [A]}]}, (0,), "none") == {"all": [{"any": [A, {"not": {"any": []}}]}]}


@pytest.mark.parametrize(
    ("path", "joint", "after"),
    [
        ((), "any", {"any": DEEP["all"]}),
        ((), "all", DEEP),
        ((), "none", DEEP),
        ((), "xor", DEEP),
        ((0,), "any", DEEP),
        ((9,), "any", DEEP),
        ((1,), "all", {"all": [A, {"all": [B, C]}, {"not": {"any": [A, B]}}]}),
        ((1,), "none", {"all": [A, {"not": {"any": [B, C]}}, {"not": {"any": [A, B]}}]}),
        ((2,), "all", {"all": [A, {"any": [B, C]}, {"all": [A, B]}]}),
        ((2,), "none", DEEP),
    ],
)
def test_a_group_is_joined_another_way(path, joint, after):
    before = copy.deepcopy(DEEP)

    found = join_by(DEEP, path, joint)

    assert (found, DEEP) == (after, before)
