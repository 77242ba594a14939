"""One statement that counts who is left after each line of a rule.

Lines are taken in the rule's order, each among those whom the lines before it left: a line is a step of the statement,
and what stands in a group below is measured within its step. The columns of people that lines ask for are looked at
once, with the known people themselves.
"""

import re
from dataclasses import dataclass, field
from typing import Any

from lib.sql import load_sql
from segments.leaf_types.base import LeafType, Path, QueryBuilder
from segments.rules.compiler import Rule, check_rule, read_leaves

OWN_COLUMN = re.compile(r"\bc\.(?!id\b)")
Conditions = dict[Path, str]


@dataclass(frozen=True, slots=True)
class Counting:
    """`sql` gives one row: how many people there are, then arrays of counts, for `paths` in order and the last one for
    the whole rule.
    """

    sql: str
    params: dict[str, Any]
    paths: list[Path]


@dataclass
class _Chain:
    """The statement in the making; `left` is the step with those whom the lines so far left."""

    query: QueryBuilder
    leaves: dict[Path, LeafType]
    own: Conditions = field(default_factory=dict)  # conditions on people's own columns, by the names they get
    left: str = ""
    columns: list[str] = field(default_factory=list)
    paths: list[Path] = field(default_factory=list)

    def begin(self) -> None:
        """The known people, with what lines ask of their own columns."""
        asked = "".join(f", {text} AS {_name(path)}" for path, text in self.own.items())
        text = load_sql("segments/rule", steps="", columns=f"c.id{asked}", people="contacts_contact c", only="")
        self.left = self.query.step(text)

    def condition(self, path: Path) -> str:
        """Of a leaf, over a step's people."""
        return f"c.{_name(path)}" if path in self.own else self.leaves[path].condition(self.query)

    def add_line(self, path: Path) -> None:
        """A leaf as a line: who is left after it."""
        condition = self.condition(path)
        self.left = self.query.step(f"SELECT c.* FROM {self.left} c WHERE {condition}")
        self._count([path], ["count(*)"])

    def add_group(self, node: Any, path: Path) -> None:
        """A group as a line: what its own lines count among those who reach it, and who is left after it."""
        inside = [one for one in self.leaves if one[: len(path)] == path]
        asked = "".join(f", {self.condition(one)} AS in_{_name(one)}" for one in inside)
        among = self.query.step(f"SELECT c.*{asked} FROM {self.left} c")
        measures: Conditions = {}
        whole = _measure(node, path, "TRUE", measures)
        self.left = among
        self._count(list(measures), [f"count(*) FILTER (WHERE {text})" for text in measures.values()])
        self.left = self.query.step(f"SELECT c.* FROM {among} c WHERE {whole}")
        self._count([path] if path else [], ["count(*)"] if path else [])

    def _count(self, paths: list[Path], columns: list[str]) -> None:
        if paths:
            self.paths += paths
            self.columns.append(f"(SELECT ARRAY[{', '.join(columns)}] FROM {self.left} c)")


def compile_counts(rule: Rule) -> Counting:
    """The statement for a rule. RuleError if it cannot be read."""
    check_rule(rule)
    chain = _Chain(QueryBuilder(), read_leaves(rule))
    for path, leaf in chain.leaves.items():
        trial = QueryBuilder(now=chain.query.now)
        if OWN_COLUMN.search(leaf.condition(trial)):
            chain.own[path] = leaf.condition(chain.query)
    chain.begin()
    first = chain.left
    kind, argument = next(iter(rule.items()), ("all", []))
    lines = [((number,), child) for number, child in enumerate(argument)] if kind == "all" else [((), rule)]
    for path, node in lines:
        chain.add_line(path) if path in chain.leaves and path else chain.add_group(node, path)
    steps = "WITH " + ",\n".join(chain.query.sets)
    total = [*chain.columns, f"(SELECT ARRAY[count(*)] FROM {chain.left})"]
    sql = f"{steps}\nSELECT (SELECT count(*) FROM {first}), {', '.join(total)}"
    return Counting(sql, chain.query.params, chain.paths)


def _name(path: Path) -> str:
    return "leaf_" + "_".join(map(str, path))


def _measure(node: Any, path: Path, context: str, measures: Conditions) -> str:
    """What to count below `node`, given that only people who fit `context` reach it; returns the node's condition."""
    kind, argument = next(iter(node.items()), ("all", []))
    if kind == "not":
        return f"(NOT {_measure(argument, (*path, 0), context, measures)})"
    if kind not in {"all", "any"}:
        return f"c.in_{_name(path)}"
    parts, reached = [], context
    for number, child in enumerate(argument):
        here = (*path, number)
        parts.append(_measure(child, here, reached, measures))
        measures[here] = f"{reached} AND {parts[-1]}"
        reached = measures[here] if kind == "all" else f"{reached} AND NOT {parts[-1]}"
    joint, empty = (" AND ", "TRUE") if kind == "all" else (" OR ", "FALSE")
    return f"({joint.join(parts)})" if parts else empty
