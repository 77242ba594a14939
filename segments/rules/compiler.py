"""From a rule tree to ONE statement.

    node := {"all": [node…]} | {"any": [node…]} | {"not": node} | {leaf type: argument}

An empty "all" is everybody, an empty "any" nobody. Everybody means known people: not erased, not anonymous, not
merged into somebody else. Negations include people with no value. The same statement restricted to some contacts is
their re-check; otherwise the smallest set that everybody must be in drives it (segments/rules/driving.py).
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import inf
from typing import Any

from django.utils.translation import gettext as _

from lib.clock import now as this_moment
from lib.sql import load_sql
from segments.leaf_types.base import LeafType, Path, QueryBuilder, RuleError, leaf_type
from segments.models import Segment
from segments.rules.driving import drive
from segments.whom import Whom, whom_of

DEEPEST, MOST_LEAVES = 6, 50
Rule = dict[str, Any]
GROUPS = ("all", "any")


@dataclass(frozen=True)
class Compiled:
    """`sql` selects the contact_id of everybody who fits; by path: each node's boolean, each leaf.

    `believed`: how many fit at most, as the planner sees it; infinite where no line is a set.
    """

    sql: str
    params: dict[str, Any]
    conditions: dict[Path, str] = field(default_factory=dict)
    holes: dict[str, str] = field(default_factory=dict)
    leaves: dict[Path, LeafType] = field(default_factory=dict)
    believed: float = inf

    def select(self, columns: str) -> str:
        """A statement over everybody looked at (not only who fits), with these columns."""
        return load_sql("segments/rule", columns=columns, **self.holes)


@dataclass(frozen=True)
class Together:
    """Several rules over the same people.

    `steps` ends with `looked`, which holds of each of these people the answer to every line; `answers` are the rules as
    booleans over it, by the key that the rule came under. A rule that cannot be read has none.
    """

    steps: str
    looked: str
    answers: dict[int, str]
    params: dict[str, Any]


def check_rule(rule: Rule, *, segment_id: int | None = None) -> None:
    """Raise RuleError with the place and the reason if `rule` cannot be compiled.

    `segment_id`: the segment the rule is for, so that it cannot lead back to itself.
    """
    read_leaves(rule)
    _refuse_cycles(rule, segment_id)


def read_leaves(rule: Rule) -> dict[Path, LeafType]:
    """Every leaf, read and checked, by its path. RuleError with the place."""
    leaves: dict[Path, LeafType] = {}
    for path, node in walk(rule):
        if len(path) >= DEEPEST:
            raise RuleError(path, _("Groups go at most %(n)s deep.") % {"n": DEEPEST})
        kind, argument = _open(node, path)
        if kind in GROUPS:
            if not isinstance(argument, list):
                raise RuleError(path, _("A group holds a list of conditions."))
            continue
        if kind == "not":
            continue
        if len(leaves) >= MOST_LEAVES:
            raise RuleError(path, _("A segment holds at most %(n)s conditions.") % {"n": MOST_LEAVES})
        leaves[path] = _known(kind, path).open(argument, path)
    return leaves


def compile_rule(rule: Rule, *, only: Sequence[int] | Whom | None = None, now: datetime | None = None) -> Compiled:
    """The statement of a rule; with `only`, for these contacts alone. RuleError if the rule cannot be read."""
    leaves = read_leaves(rule)
    _refuse_cycles(rule, None)
    query = QueryBuilder(now=now or this_moment(), is_restricted=only is not None)
    conditions: dict[Path, str] = {}
    people, believed = "contacts_contact c", inf
    if only is not None:
        query.params |= (only if isinstance(only, Whom) else whom_of(only)).params()
    elif driver := drive([path for path in required_paths(rule) if path in leaves], leaves, query):
        conditions[driver.path], people, believed = "TRUE", driver.people, driver.size
    whole = _condition(rule, (), query, leaves, conditions)
    holes = _holes(query, people)
    return Compiled(
        sql=load_sql("segments/rule", columns="c.id AS contact_id", **holes) + f"  AND {whole}",
        params=query.params,
        conditions=conditions,
        holes=holes,
        leaves=leaves,
        believed=believed,
    )


def compile_together(rules: Mapping[int, Rule], whom: Whom, *, now: datetime | None = None) -> Together:
    """One look at these people for several rules: a line that stands in more than one of them is asked once.

    As many statements for fifty rules as for one, but for what a line's own check asks.
    """
    query = QueryBuilder(now=now or this_moment(), is_restricted=True)
    query.params |= whom.params()
    known = dict(Segment.objects.values_list("pk", "rule")) if any(map(_names_others, rules.values())) else {}
    lines: dict[str, str] = {}  # a line as JSON → its condition
    answers = {}
    for key, rule in rules.items():
        try:
            leaves = read_leaves(rule)
            _refuse_cycles(rule, None, known)
        except RuleError:
            continue
        asked = {path: json.dumps([kind, argument], sort_keys=True) for path, kind, argument in leaves_of(rule)}
        for path, leaf in leaves.items():
            if asked[path] not in lines:
                lines[asked[path]] = leaf.condition(query)
        names = {line: f"l.line_{number}" for number, line in enumerate(lines)}
        answers[key] = _condition(rule, (), query, leaves, {path: names[asked[path]] for path in leaves})
    columns = ", ".join(["c.id AS contact_id", *(f"{text} AS line_{n}" for n, text in enumerate(lines.values()))])
    holes = _holes(query, "contacts_contact c") | {"steps": ""}
    looked = query.step(load_sql("segments/rule", columns=columns, **holes))
    return Together(query.steps(), looked, answers, query.params)


def walk(rule: Rule, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every node with its path, from the top; stops below what is deeper than a rule may be."""
    yield path, rule
    if len(path) > DEEPEST or not isinstance(rule, dict) or len(rule) != 1:
        return
    ((kind, argument),) = rule.items()
    if kind in GROUPS and isinstance(argument, list):
        for number, child in enumerate(argument):
            yield from walk(child, (*path, number))
    elif kind == "not":
        yield from walk(argument, (*path, 0))


def required_paths(node: Any, path: Path = ()) -> list[Path]:
    """The nodes that hold for everybody who fits: what stands in "all" groups only."""
    kind, argument = _open(node, path)
    if kind != "all":
        return [path]
    return [found for number, child in enumerate(argument) for found in required_paths(child, (*path, number))]


def leaves_of(rule: Rule) -> list[tuple[Path, str, Any]]:
    """(path, kind, argument) of every leaf."""
    found = []
    for path, node in walk(rule):
        kind, argument = _open(node, path)
        if kind not in {*GROUPS, "not"}:
            found.append((path, kind, argument))
    return found


def segments_named_in(rule: Rule) -> set[int]:
    """The ids of the segments that a rule reads."""
    named = set()
    for _path, kind, argument in leaves_of(rule):
        if kind == "segment" and isinstance(argument, dict) and isinstance(argument.get("id"), int):
            named.add(argument["id"])
    return named


def _open(node: Any, path: Path) -> tuple[str, Any]:
    if node == {}:
        return "all", []
    if not isinstance(node, dict) or len(node) != 1:
        raise RuleError(path, _("A condition is one word with its value."))
    ((kind, argument),) = node.items()
    return str(kind), argument


def _known(kind: str, path: Path) -> type[LeafType]:
    known = leaf_type(kind)
    if known is None:
        raise RuleError(path, _("There is no condition of the type “%(kind)s”.") % {"kind": kind})
    return known


def _condition(
    node: Rule, path: Path, query: QueryBuilder, leaves: dict[Path, LeafType], conditions: dict[Path, str]
) -> str:
    if path in conditions:
        return conditions[path]
    if path in leaves:
        conditions[path] = text = leaves[path].condition(query)
        return text
    kind, argument = _open(node, path)
    if kind == "not":
        text = f"(NOT {_condition(argument, (*path, 0), query, leaves, conditions)})"
    else:
        parts = [_condition(child, (*path, n), query, leaves, conditions) for n, child in enumerate(argument)]
        joint, empty = (" AND ", "TRUE") if kind == "all" else (" OR ", "FALSE")
        text = f"({joint.join(parts)})" if parts else empty
    conditions[path] = text
    return text


def _holes(query: QueryBuilder, people: str) -> dict[str, str]:
    return {
        "steps": query.steps(),
        "people": people,
        "only": "\n  AND c.id = ANY(%(r_only)s)" if query.is_restricted else "",
    }


def _names_others(rule: Rule) -> bool:
    try:
        return bool(segments_named_in(rule))
    except RuleError:
        return False


def _refuse_cycles(rule: Rule, segment_id: int | None, known: Mapping[int, Rule] | None = None) -> None:
    """Follow the segments that a rule names; none may be missing, none may lead back. `known`: rules by segment."""
    rules = known
    if rules is None:
        rules = dict(Segment.objects.values_list("pk", "rule")) if segments_named_in(rule) else {}
    safe: set[int] = set()

    def follow(current: Rule, trail: tuple[int, ...]) -> None:
        for named in sorted(segments_named_in(current) - safe):
            place = _place(rule, (*trail, named)[0])
            if named not in rules:
                raise RuleError(place, _("A segment named here is gone."))
            if named == segment_id or named in trail:
                raise RuleError(place, _("This leads back to the segment itself."))
            follow(rules[named], (*trail, named))
            safe.add(named)

    follow(rule, ())


def _place(rule: Rule, segment_id: int) -> Path:
    found = (path for path, kind, arg in leaves_of(rule) if kind == "segment" and arg.get("id") == segment_id)
    return next(found, ())
