"""Counting: who fits a rule, how many are left after each condition, a few of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter

from contacts.models import Contact
from lib.sql import run_text
from segments.leaf_types.base import Path
from segments.rules.compiler import Rule, compile_rule
from segments.rules.measuring import compile_counts
from segments.rules.statements import bounded


@dataclass(frozen=True, slots=True)
class Count:
    """How many people fit, of how many, and how long the count took."""

    people: int
    of: int
    milliseconds: int
    lines: dict[Path, int]


def count_lines(rule: Rule) -> Count:
    """How many fit, and for each node how many are left (all), come in (any) or drop out (not) there; one statement."""
    counting = compile_counts(rule)
    begun = perf_counter()
    with bounded():
        row = run_text(counting.sql, counting.params)[0]
    took = round((perf_counter() - begun) * 1000)
    numbers = [number for found in row[1:] for number in found]
    return Count(numbers[-1], row[0], took, dict(zip(counting.paths, numbers[:-1], strict=True)))


def sample_rule(rule: Rule, limit: int = 5, *, salt: str = "") -> list[Contact]:
    """A few people who fit, by chance but the same ones for the same `salt`."""
    ids = sample_ids(rule, limit, salt=salt)
    found = Contact.objects.in_bulk(ids)
    return [found[one] for one in ids]


def sample_ids(rule: Rule, limit: int, *, salt: str = "") -> list[int]:
    """Their ids, in an order by chance."""
    compiled = compile_rule(rule)
    params = compiled.params | {"r_salt": salt, "r_limit": limit}
    with bounded():
        rows = run_text(
            f"SELECT contact_id FROM ({compiled.sql}) AS fits"
            " ORDER BY hashtextextended(contact_id::text || %(r_salt)s, 0) LIMIT %(r_limit)s",
            params,
        )
    return [row[0] for row in rows]


def ids_fitting(rule: Rule, *, only: Sequence[int] | None = None) -> set[int]:
    """The contact ids of everybody who fits."""
    compiled = compile_rule(rule, only=only)
    with bounded():
        return {row[0] for row in run_text(compiled.sql, compiled.params)}
