"""Counting: how many fit a rule, how many are left after each line, a few of them, how many may be written to."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import batched
from time import perf_counter
from typing import Any

from contacts.gate import Ask
from contacts.models import Channel, Contact
from contacts.segments.compiler import Compiled, Rule, compile_rule
from contacts.segments.statements import bounded
from contacts.segments.words import Path
from contacts.standing import THESE_IDS, standing_params, standing_sql
from ecrm.lib.sql import run_text

CHUNK = 1_000  # the gate is made for it: larger ones made the planner loop
MAY_BE_WRITTEN_TO = """
SELECT count(*) FROM ({standings}) AS p
WHERE p.erased_at IS NULL AND p.address <> '' AND p.dial > 0 AND p.complaint_at IS NULL AND p.bounce_at IS NULL
  AND p.objection_at IS NULL AND p.blocked_at IS NULL AND p.forgotten_at IS NULL
  AND p.word_state = 1 AND NOT p.word_lapsed
  AND coalesce(p.paused_until <= %(now)s, true)
  AND coalesce(p.complaint_since <= %(now)s::timestamptz - interval '14 days', true)
  AND (p.channel <> %(call)s OR p.talk = %(may_call)s)
"""


@dataclass(frozen=True, slots=True)
class Count:
    """How many people fit, of how many, and how long the count took."""

    people: int
    of: int
    milliseconds: int
    lines: dict[Path, int]


def count_rule(rule: Rule) -> int:
    """How many people fit."""
    compiled = compile_rule(rule)
    with bounded():
        return int(run_text(f"SELECT count(*) FROM ({compiled.sql}) AS fits", compiled.params)[0][0])


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


def count_reachable(people: Collection[int], ask: Ask) -> int:
    """How many of these pass the gate's own steps for `ask`, night and upper rooms' steps left aside.

    By ids in chunks: joined into the rule's own statement it took four times as long.
    """
    extra: dict[str, Any] = {"call": int(Channel.CALL), "may_call": int(Contact.Talk.CALL)}
    params = standing_params(ask.channel, ask.topic_id) | extra
    sql = MAY_BE_WRITTEN_TO.format(standings=standing_sql(THESE_IDS))
    with bounded():
        chunks = batched(sorted(people), CHUNK)
        return sum(int(run_text(sql, params | {"ids": list(chunk)})[0][0]) for chunk in chunks)


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
