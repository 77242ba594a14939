"""What segments cost in the world of a million people: rules, filling, looking again, counts, the list of people.

CPU of Python and PostgreSQL, medians of five; the six-leaf rule also beside its naive form, in which every line's set is
found for everybody and joined to everybody.
"""

import os
import random
import statistics
from collections.abc import Callable
from typing import Any

import psycopg
from django.db import connection, transaction

from bench.recording import measured
from bench.world import the_world
from lib.sql import run_text
from segments.listing import count_people, list_people
from segments.members.filling import fill, request_fill
from segments.members.membership import recheck, refresh
from segments.models import Segment, SegmentMember
from segments.rules.compiler import compile_rule
from segments.rules.counting import count_lines
from segments.rules.statements import bounded
from workspaces.current import working_in
from workspaces.models import Workspace

ROUNDS, LOOKED_AT, LIMIT_MS = 5, 1_000, 400
ONE_MS, REFRESH_MS = 5, 1_500
SIX: dict[str, Any] = {
    "all": [
        {"role": {"in": ["customer"]}},
        {"field": {"name": "country", "op": "in", "value": ["DE", "AT", "CH", "NL", "SE"]}},
        {"did": {"kind": "opened", "count": {"op": ">=", "n": 3}, "window": {"last_days": 30}}},
        {"last": {"kind": "purchase", "ago": {"op": ">=", "days": 60}}},
        {"consent": {"channel": "email", "topic": "letter", "state": "given"}},
        {"score": {"name": "involvement", "op": ">=", "value": 40}},
    ]
}
A_THIRD = {"all": [{"bucket": {"salt": "bench", "from": 0, "to": 3333}}]}
LISTS: dict[str, dict[str, Any]] = {
    "newest": {},
    "by name": {"sort": "name"},
    "hottest": {"sort": "heat"},
    "customers": {"role": 1},
    "hottest customers": {"role": 1, "sort": "heat"},
    "critics": {"role": 5},
    "search of one word": {"text": "anna"},
    "search of two": {"text": "anna keller"},
}


def run(_workspace: Workspace) -> None:
    """Print the figures."""
    world = the_world()
    _rules(world)
    _filling(world)
    _looking_again(world)
    _six_again(world)
    _lists(world)


def _rules(world: Workspace) -> None:
    cold = _told("six leaves, cold", lambda: _count(world, SIX), before=_forget)
    _told("six leaves, warm", lambda: _count(world, SIX))
    naive = _told("six leaves, naive", lambda: _count_naive(world))
    print(
        f"limit {LIMIT_MS} ms, cold {cold / LIMIT_MS:.2f} of it; the naive form takes {naive / max(cold, 1e-9):.1f} times"
    )
    for leaf in SIX["all"]:
        _told(f"leaf {next(iter(leaf))}", lambda leaf=leaf: _count(world, {"all": [leaf]}))  # type: ignore[misc]
    _told("counts of each line", lambda: _inside(world, lambda: count_lines(SIX)))


def _filling(world: Workspace) -> None:
    with working_in(world):
        segment = Segment.objects.create(name="Bench: a third", rule=A_THIRD)

    def empty() -> None:
        with working_in(world):
            SegmentMember.objects.filter(segment=segment).delete()
            request_fill(segment)
        with psycopg.connect(os.environ["ADMIN_DATABASE_URL"], autocommit=True) as admin:
            admin.execute("VACUUM segments_segmentmember")  # or a first fill would step over who stood there before

    took = _told("first fill of a third", lambda: fill(world, segment), before=empty)
    with working_in(world):
        segment.refresh_from_db()
        print(f"{segment.member_count:,} members; limit 1,500 ms, {took / 1500:.2f} of it")
        SegmentMember.objects.filter(segment=segment).delete()
        segment.delete()


def _looking_again(world: Workspace) -> None:
    rules = [SIX, *({"all": [leaf]} for leaf in SIX["all"]), *({"not": leaf} for leaf in SIX["all"])]
    people = sorted(random.Random(3).sample(range(1, _people(world) + 1), min(LOOKED_AT, _people(world))))

    def look(action: Callable[[Callable[[], int]], object]) -> None:
        with working_in(world):
            Segment.objects.bulk_create(Segment(name=f"Bench {n}", rule=rules[n % len(rules)]) for n in range(20))
            made = list(Segment.objects.filter(name__startswith="Bench "))
            action(lambda: recheck(people, segments=made))
            transaction.set_rollback(True)

    _told(f"{len(people)} enter 20 segments", lambda: look(lambda again: again()))

    def stay(again: Callable[[], int]) -> None:
        again()
        _told(f"{len(people)} stay in 20 segments", again)

    look(stay)


def _six_again(world: Workspace) -> None:
    """The six-leaf rule as a segment: one person looked at again, and everybody while a thousand moved."""
    with working_in(world):
        segment = Segment.objects.create(name="Bench: six leaves", rule=SIX)
        refresh(segment)
        someone = SegmentMember.objects.filter(segment=segment).values_list("contact_id", flat=True).first() or 1

        def part() -> None:
            some = SegmentMember.objects.filter(segment=segment).values_list("pk", flat=True)[:LOOKED_AT]
            SegmentMember.objects.filter(pk__in=list(some)).delete()

        one = _told("one person, six leaves", lambda: recheck([someone], segments=[segment]))
        all_of_them = _told("refresh by difference", lambda: refresh(segment), before=part)
        print(f"limits {ONE_MS} and {REFRESH_MS:,} ms: {one / ONE_MS:.2f} and {all_of_them / REFRESH_MS:.2f} of them")
        transaction.set_rollback(True)


def _lists(world: Workspace) -> None:
    for name, asked in LISTS.items():
        _told(f"list, {name}", lambda asked=asked: _inside(world, lambda: list_people(**asked)))  # type: ignore[misc]
        counted = {key: value for key, value in asked.items() if key != "sort"}
        _told(f"count, {name}", lambda asked=counted: _inside(world, lambda: count_people(**asked)))  # type: ignore[misc]


def _count(world: Workspace, rule: dict[str, Any]) -> None:
    with working_in(world):
        compiled = compile_rule(rule)
        with bounded():
            run_text(f"SELECT count(*) FROM ({compiled.sql}) AS fits", compiled.params)


def _count_naive(world: Workspace) -> None:
    """The same rule without anything that drives it."""
    with working_in(world):
        compiled = compile_rule({"any": [SIX]})
        with bounded():
            run_text(f"SELECT count(*) FROM ({compiled.sql}) AS fits", compiled.params)


def _inside(world: Workspace, action: Callable[[], object]) -> None:
    with working_in(world):
        action()


def _people(world: Workspace) -> int:
    with working_in(world):
        return int(run_text("SELECT count(*) FROM contacts_contact WHERE workspace_id = %(w)s", {"w": world.pk})[0][0])


def _forget() -> None:
    """A connection that knows nothing yet."""
    connection.close()
    connection.ensure_connection()


def _told(name: str, action: Callable[[], object], *, before: Callable[[], object] | None = None) -> float:
    """Print and return the CPU of an action in milliseconds, the median of five."""
    rows = []
    for _round in range(ROUNDS):
        if before:
            before()
        rows.append(measured(action))
    wall, python, postgres = (statistics.median(column) * 1000 for column in zip(*rows, strict=True))
    print(f"{name:26} {wall:8.0f} ms wall {python:7.0f} ms Python {postgres:7.0f} ms PostgreSQL", flush=True)
    return float(python + postgres)
