"""Counting: who fits a rule, how many are left after each condition, a few of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from contacts.models import Contact
from lib.sql import run_text
from segments.compiler import Compiled, Rule, compile_rule
from segments.leaf_types.base import Path
from segments.statements import bounded


@dataclass(frozen=True, slots=True)
class Count:
    """How many people fit, of how many, and how long the count took."""

    people: int
    of: int
    milliseconds: int
    lines: dict[Path, int]


def count_lines(rule: Rule) -> Count:
    """How many fit, and for each node how many are left (all), come in (any) or drop out (not) there; one statement."""
    compiled = compile_rule(rule)
    measures: dict[Path, str] = {}
    _measure(rule, (), "TRUE", compiled, measures)
    whole = compiled.conditions[()]
    columns = ["count(*)", f"count(*) FILTER (WHERE {whole})"]
    columns += [f"count(*) FILTER (WHERE {text})" for text in measures.values()]
    begun = perf_counter()
    with bounded():
        row = run_text(compiled.select(", ".join(columns)), compiled.params)[0]
    took = round((perf_counter() - begun) * 1000)
    return Count(row[1], row[0], took, dict(zip(measures, row[2:], strict=True)))


def sample_rule(rule: Rule, limit: int = 5, *, salt: str = "") -> list[Contact]:
    """A few people who fit, by chance but the same ones for the same `salt`."""
    compiled = compile_rule(rule)
    params = compiled.params | {"r_salt": salt, "r_limit": limit}
    with bounded():
        rows = run_text(
            f"SELECT contact_id FROM ({compiled.sql}) AS fits"
            " ORDER BY hashtextextended(contact_id::text || %(r_salt)s, 0) LIMIT %(r_limit)s",
            params,
        )
    found = Contact.objects.in_bulk([row[0] for row in rows])
    return [found[row[0]] for row in rows]


def ids_fitting(rule: Rule, *, only: Sequence[int] | None = None) -> set[int]:
    """The contact ids of everybody who fits."""
    compiled = compile_rule(rule, only=only)
    with bounded():
        return {row[0] for row in run_text(compiled.sql, compiled.params)}


def _measure(node: Rule, path: Path, context: str, compiled: Compiled, measures: dict[Path, str]) -> None:
    """What to count at `node`, given that only people who fit `context` reach it."""
    kind: str
    argument: Any
    kind, argument = next(iter(node.items()), ("all", []))
    if kind == "all":
        for number, child in enumerate(argument):
            here = (*path, number)
            _measure(child, here, context, compiled, measures)
            context = f"{context} AND {compiled.conditions[here]}"
            measures[here] = context
    elif kind == "any":
        left = context
        for number, child in enumerate(argument):
            here = (*path, number)
            _measure(child, here, left, compiled, measures)
            measures[here] = f"{left} AND {compiled.conditions[here]}"
            left = f"{left} AND NOT {compiled.conditions[here]}"
    elif kind == "not":
        _measure(argument, (*path, 0), context, compiled, measures)
