"""Finding: everybody is compared, and pairs that may be one person wait for somebody to decide."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from contacts.duplicates.blocking import candidate_pairs
from contacts.duplicates.gathering import Gathered, gather
from contacts.duplicates.weighing import Weighed, weigh
from contacts.models import DuplicatePair
from lib.clock import next_time_of_day, now
from lib.sql import run_sql
from workspaces.agenda import set_due
from workspaces.current import current_workspace_id, working_in
from workspaces.models import Workspace

WORK = "contacts.duplicates"
REVIEW_FROM = 0.65  # below, nobody is asked
AT_ONCE = 200_000  # pairs
SAME, ALMOST, DIFFERS = "same", "almost", "differs"
SHOWN_FROM = 0.004  # what weighs less explains nothing


@dataclass(frozen=True, slots=True)
class Pair:
    """Two contacts (the smaller id first), how likely they are one person, and what speaks for and against it."""

    left: int
    right: int
    score: float
    evidence: list[dict[str, Any]]


def find_pairs(gathered: Gathered, *, least: float = REVIEW_FROM) -> Iterator[Pair]:
    """Every pair that is likely enough, in no order."""
    if not gathered.columns:
        return
    pairs = candidate_pairs(gathered.columns)
    for start in range(0, len(pairs), AT_ONCE):
        some = pairs[start : start + AT_ONCE]
        weighed = weigh(some, gathered.columns)
        for at in np.flatnonzero(weighed.scores >= least):
            left, right = sorted(gathered.ids[place] for place in some[at])
            yield Pair(left, right, float(weighed.scores[at]), explain(weighed, int(at)))


def explain(weighed: Weighed, at: int) -> list[dict[str, Any]]:
    """What each field adds to 0.5, in thousandths: together with 500 they are the score."""
    parts = {name: float(part[at]) for name, part in weighed.parts.items() if abs(part[at]) > 0}
    total = float(weighed.totals[at])
    gains = sum(part for part in parts.values() if part > 0)
    taken = sum(parts.values()) - total  # how unlikely it is that any two are one person lessens what speaks for it
    if not parts or not gains or not total:
        return []
    unit = (float(weighed.scores[at]) - 0.5) / total
    found = []
    for name, part in parts.items():
        weight = unit * (part * (1 - taken / gains) if part > 0 else part)
        alike = float(weighed.likeness[name][at])
        how = SAME if alike >= 1 else ALMOST if part > 0 else DIFFERS
        if abs(weight) >= SHOWN_FROM:
            found.append({"field": name, "how": how, "milli": round(1000 * weight)})
    missing = round(1000 * (float(weighed.scores[at]) - 0.5)) - sum(one["milli"] for one in found)
    if found:
        max(found, key=lambda one: abs(one["milli"]))["milli"] += missing  # so that the figures add up
    return sorted(found, key=lambda one: -one["milli"])


def search_tonight(workspace: Workspace) -> datetime:
    """The agenda's nightly work. Returns the next night."""
    find_duplicates(workspace)
    return next_time_of_day(workspace.zone, 3, 10)


def plan_search(workspace: Workspace) -> None:
    """A new workspace is searched each night."""
    set_due(WORK, next_time_of_day(workspace.zone, 3, 10))


def find_duplicates(workspace: Workspace) -> int:
    """Compare everybody; returns how many pairs wait for a decision. Opens working_in by itself, reading, then writing.

    A pair that somebody has decided stays decided, unless something more speaks for it; an open one that is likely no
    longer goes.
    """
    with working_in(workspace):
        gathered = gather()
    pairs = list(find_pairs(gathered))
    with working_in(workspace):
        keep_pairs(pairs)
        return DuplicatePair.objects.filter(state=DuplicatePair.State.OPEN).count()


def keep_pairs(pairs: Sequence[Pair]) -> None:
    """These are the pairs that are likely today."""
    params = {
        "workspace": current_workspace_id(),
        "now": now(),
        "lefts": [one.left for one in pairs],
        "rights": [one.right for one in pairs],
        "scores": [round(1000 * one.score) for one in pairs],
        "evidence": [json.dumps(one.evidence) for one in pairs],
        "open": DuplicatePair.State.OPEN,
        "different": DuplicatePair.State.DIFFERENT,
        "differs": DIFFERS,
    }
    run_sql("contacts/keep_pairs", params)
