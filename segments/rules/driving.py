"""Driving: which set a statement begins with, so that it never looks at a million people for the few who fit.

Of the lines that hold for everybody who fits, the one that the planner believes to be the smallest set is found first;
every other set is then looked for among these people alone, and only they are read (six conditions on a million people:
7.2 s with everybody's sets joined to everybody, a fifth of a second so).
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lib.sql import load_sql, run_text
from segments.leaf_types.base import LeafType, Path, QueryBuilder, in_set

FEW = 100_000  # people: to look for more of them in another set costs more than that whole set


@dataclass(frozen=True, slots=True)
class Driver:
    """The line that drives, and the FROM clause over the people that it found."""

    path: Path
    people: str
    size: float = 0  # as the planner believes


def drive(paths: Sequence[Path], leaves: Mapping[Path, LeafType], query: QueryBuilder) -> Driver | None:
    """Begin `query` with the smallest set of these lines; None where no line is a set, and nothing is changed then.

    Where these people are few, steps made afterwards look at them only (`query.only`).
    """
    sizes = {path: size for path in paths if (size := _believed_size(leaves[path], query)) is not None}
    if not sizes:
        return None
    path = min(sizes, key=lambda one: (sizes[one], one))
    leaves[path].condition(query)
    found = f"r_set_{len(query.sets)}"
    query.subject = f"{found}.contact_id"
    if sizes[path] < FEW:
        query.whom = query.step(load_sql("segments/alike", found=found))
    return Driver(
        path,
        f"{found} JOIN contacts_contact c ON c.workspace_id = %(workspace)s AND c.id = {found}.contact_id",
        sizes[path],
    )


def _believed_size(leaf: LeafType, query: QueryBuilder) -> float | None:
    """How many people the planner expects in the line's set; None for a line that is no set, or the rest of one."""
    trial = QueryBuilder(now=query.now)
    condition = leaf.condition(trial)
    if not trial.sets or condition != in_set(f"r_set_{len(trial.sets)}"):
        return None
    *before, last = trial.sets
    steps = "WITH " + ",\n".join(before) + "\n" if before else ""
    select = last.split("(\n", 1)[1].rsplit("\n)", 1)[0]
    plan: Any = run_text(f"EXPLAIN (FORMAT JSON) {steps}{select}", trial.params)[0][0]
    plan = json.loads(plan) if isinstance(plan, str) else plan
    return float(plan[0]["Plan"]["Plan Rows"])
