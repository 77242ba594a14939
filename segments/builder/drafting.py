"""Changing a rule that is not saved yet, one step at a time. Pure: a rule and a path in, another rule out."""

import copy
import json
from typing import Any

from lib.foreign.foreign_json import BadJsonError, read_json
from segments.leaf_types.base import Path

Rule = dict[str, Any]
JOINTS = ("all", "any", "none")
MOST_TEXT = 20_000
MOST_STEPS, MOST_PAST = 20, 100_000  # that can be taken back: they travel with the page


def read_rule(text: str) -> Rule:
    """The rule in a hidden field; anything else is an empty one."""
    try:
        found = read_json(text) if len(text) <= MOST_TEXT else {}
    except BadJsonError:
        found = {}
    return in_shape(found if isinstance(found, dict) else {})


def in_shape(rule: Rule) -> Rule:
    """The same meaning with a group at the top and every "not" around an "any": what the builder draws."""
    kind = next(iter(rule), "all") if len(rule) == 1 else "all"
    if not rule or len(rule) != 1:
        return {"all": []}
    return _shaped(rule) if kind in {"all", "any"} else {"all": [_shaped(rule)]}


def read_past(text: str) -> list[Rule]:
    """The drafts in a hidden field, oldest first; anything else is none."""
    try:
        found = read_json(text) if text and len(text) <= MOST_PAST else []
    except BadJsonError:
        return []
    return [in_shape(one) for one in found if isinstance(one, dict)][-MOST_STEPS:] if isinstance(found, list) else []


def write_past(past: list[Rule]) -> str:
    """The newest drafts that fit into a hidden field."""
    kept = past[-MOST_STEPS:]
    while kept and len(text := json.dumps(kept)) > MOST_PAST:
        kept = kept[1:]
    return text if kept else ""


def read_path(text: str) -> Path:
    """Child numbers from "0.2.1"; nonsense is the top."""
    parts = text.split(".") if text else []
    return (
        tuple(int(part) for part in parts)
        if all(part.isascii() and part.isdigit() and len(part) < 4 for part in parts)
        else ()
    )


def write_path(path: Path) -> str:
    """Child numbers as "0.2.1"."""
    return ".".join(str(number) for number in path)


def node_at(rule: Rule, path: Path) -> Any:
    """The node at a path, or None where there is none."""
    node: Any = rule
    for number in path:
        if not isinstance(node, dict) or len(node) != 1:
            return None
        ((kind, argument),) = node.items()
        if kind == "not" and number == 0:
            node = argument
        elif kind in {"all", "any"} and isinstance(argument, list) and number < len(argument):
            node = argument[number]
        else:
            return None
    return node


def put(rule: Rule, path: Path, node: Rule) -> Rule:
    """The rule with another node at `path`; one behind the last child is a new child."""
    changed = copy.deepcopy(rule)
    siblings = _children(changed, path[:-1])
    if path and siblings is not None and path[-1] <= len(siblings):
        siblings[path[-1] : path[-1] + 1] = [node]
    return changed


def remove(rule: Rule, path: Path) -> Rule:
    """The rule without the node at `path`; a "none" group goes with its "not"."""
    changed = copy.deepcopy(rule)
    siblings = _children(changed, path[:-1])
    if path and siblings is not None and path[-1] < len(siblings):
        del siblings[path[-1]]
    return changed


def move_up(rule: Rule, path: Path) -> Rule:
    """The rule with the node one place earlier among its siblings."""
    changed = copy.deepcopy(rule)
    siblings = _children(changed, path[:-1])
    if path and siblings is not None and 0 < path[-1] < len(siblings):
        place = path[-1]
        siblings[place - 1], siblings[place] = siblings[place], siblings[place - 1]
    return changed


def add_group(rule: Rule, path: Path, joint: str) -> Rule:
    """The rule with an empty group at the end of the group at `path`."""
    group: Rule = {"not": {"any": []}} if joint == "none" else {joint: []}
    siblings = _children(rule, path)
    return put(rule, (*path, len(siblings)), group) if joint in JOINTS and siblings is not None else rule


def join_by(rule: Rule, path: Path, joint: str) -> Rule:
    """The rule with the group at `path` joined another way: all, any or none of its lines."""
    node = node_at(rule, path)
    children = _children(rule, path if "not" not in (node or {}) else (*path, 0))
    if joint not in JOINTS or children is None or (joint == "none" and not path):
        return rule
    group: Rule = {"not": {"any": children}} if joint == "none" else {joint: children}
    return put(rule, path, copy.deepcopy(group)) if path else copy.deepcopy(group)


def _children(rule: Rule, path: Path) -> list[Any] | None:
    node = node_at(rule, path)
    if isinstance(node, dict) and len(node) == 1:
        ((kind, argument),) = node.items()
        if kind in {"all", "any"} and isinstance(argument, list):
            return argument
    return None


def _shaped(node: Any) -> Any:
    if not isinstance(node, dict) or len(node) != 1:
        return {"all": []}
    ((kind, argument),) = node.items()
    if kind in {"all", "any"}:
        return {kind: [_shaped(child) for child in argument] if isinstance(argument, list) else []}
    if kind == "not":
        inner = _shaped(argument)
        return {"not": inner if "any" in inner else {"any": [inner]}}
    return node
