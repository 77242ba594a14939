"""What recording a touchpoint costs among a million people: CPU of Python and of PostgreSQL.

Events have ids from outside, so that their first arrival is remembered, too. Beside it what the machine takes for the same
rows: COPY into an unindexed table, and COPY into a copy of the ledger's month with its indexes. The backend's CPU is read
from /proc.
"""

import json
import os
import random
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.db import connection

from bench.world import the_world
from contacts.models import Contact
from contacts.resolving import Hint
from touchpoints.facts import Fact, fact_id
from touchpoints.models import Touchpoint
from touchpoints.recording import record
from touchpoints.sources import source_for
from workspaces.current import working_in
from workspaces.models import Workspace

BATCH, ROUNDS, WARM = 1_000, 9, 40
LIMIT_THOUSAND, LIMIT_FIFTY, LIMIT_ONE = 90.0, 100.0, 3_000.0  # µs an event
_people = [0]
TICKS = os.sysconf("SC_CLK_TCK")


_spent: dict[int, float] = {}  # backend → its CPU seconds when last seen: a connection made anew has another one


def backend_seconds() -> float:
    """CPU seconds of our own PostgreSQL backends so far, and of nobody else's; 0 where the system does not tell."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid = cursor.fetchone()[0]
    try:  # nanoseconds where the scheduler keeps them, ticks of 10 ms elsewhere
        _spent[pid] = int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9
    except OSError:
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            return 0.0
        _spent[pid] = (int(fields[11]) + int(fields[12])) / TICKS
    return sum(_spent.values())


def make_batch(number: int, size: int = BATCH) -> list[Fact]:
    """Events of known people all over the workspace in the last month, of kinds that score."""
    chance, start = random.Random(number), datetime.now(UTC) - timedelta(days=28)
    kinds, stamp = ["page", "purchase", "clicked", "opened", "message"], time.time_ns()
    return [
        Fact(
            kinds[i % 5],
            f"bench-{number}-{i}-{stamp}",
            start + timedelta(seconds=chance.randrange(2_400_000)),
            hints=(Hint(1, f"p{2 * chance.randrange(1, _people[0] // 2)}"),),
            value_minor=1234 if i % 5 == 1 else None,
            sentiment_milli=300 if i % 5 == 4 else None,
            payload={"url": f"https://kettle.example/tea/{i}", "title": "Tea"},
            has_foreign_id=True,
        )
        for i in range(size)
    ]


def measured(action: Callable[[], object]) -> tuple[float, float, float]:
    """(wall, Python CPU, PostgreSQL CPU) in seconds."""
    wall, cpu, pg = time.perf_counter(), time.process_time(), backend_seconds()
    action()
    return time.perf_counter() - wall, time.process_time() - cpu, backend_seconds() - pg


def run(_workspace: Workspace) -> None:
    """Print the figures: batches of a thousand spread over everybody, of fifty, of one; raw COPY of the same rows."""
    workspace = the_world()
    connection.close()  # a session of its own: a benchmark before this one may have had temporary tables
    with connection.cursor() as cursor:
        cursor.execute("SET temp_buffers = '1GB'")  # before the first temporary table, or never
    with working_in(workspace):
        source = source_for("bench", "Benchmark")
        _people[0] = Contact.objects.count()
        print(f"{_people[0]:,} people, {Touchpoint.objects.count():,} facts")

    def door(batch: list[Fact]) -> None:
        with working_in(workspace):
            record(batch, source=source)

    for number in range(WARM):
        door(make_batch(-number - 1))
    batches = [make_batch(n) for n in range(ROUNDS)]
    ours = _told("record, of 1,000", door, batches, LIMIT_THOUSAND)
    raw = _told("raw COPY of these", _copy, batches, None)
    print(f"ratio to raw COPY of the same rows: {ours / max(raw, 1e-9):.0f} (CPU)")
    with working_in(workspace):
        _copy_the_month()
    for number in range(WARM):
        _copy_into_indexes(make_batch(-number - 100))
    indexed = _told("COPY into its indexes", _copy_into_indexes, [make_batch(2_000 + n) for n in range(ROUNDS)], None)
    print(f"ratio to COPY into the ledger's own indexes: {ours / max(indexed, 1e-9):.1f} (CPU)")
    _told("record, of 50", door, [make_batch(1_000 + n, 50) for n in range(20 * ROUNDS)], LIMIT_FIFTY)
    _told("record, of 1", door, [make_batch(9_000 + n, 1) for n in range(40 * ROUNDS)], LIMIT_ONE)


def _told(name: str, action: Callable[[list[Fact]], None], batches: list[list[Fact]], limit: float | None) -> float:
    """Print µs an event, medians over the batches; returns the CPU of both sides."""
    rows = [measured(lambda b=b: action(b)) for b in batches]  # type: ignore[misc]
    each = 1e6 / len(batches[0])
    wall, python, postgres = (statistics.median(column) * each for column in zip(*rows, strict=True))
    total = float(python + postgres)
    said = f"; {total / limit:.2f} of the limit of {limit:,.0f}" if limit else ""
    print(
        f"{name:20} {total:8.1f} µs CPU an event ({python:.1f} Python, {postgres:.1f} PostgreSQL), {wall:.1f} µs wall{said}",
        flush=True,
    )
    return total


def _copy(batch: list[Fact]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE IF NOT EXISTS raw (at timestamptz, who text, kind text, payload jsonb)")
        with cursor.copy("COPY raw FROM STDIN") as out:
            out.write(
                "".join(f"{f.occurred_at}\t{f.hints[0].value}\t{f.kind}\t{json.dumps(f.payload)}\n" for f in batch)
            )


def _copy_the_month() -> None:
    """A temporary copy of the facts of the last month, with the ledger's indexes: neither log nor locks nor rules."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE month (LIKE touchpoints_touchpoint)")
        cursor.execute(
            "INSERT INTO month SELECT * FROM touchpoints_touchpoint WHERE occurred_at > now() - interval '28 days'"
        )
        for name in ("touchpoints_touchpoint_pkey", "touchpoint_people", "touchpoint_kind"):
            cursor.execute("SELECT pg_get_indexdef(%s::regclass)", [name])
            _before, columns = cursor.fetchone()[0].split(" USING ", 1)
            cursor.execute(f"CREATE INDEX ON month USING {columns}")


def _copy_into_indexes(batch: list[Fact]) -> None:
    moment = datetime.now(UTC)
    with (
        connection.cursor() as cursor,
        cursor.copy(
            "COPY month (workspace_id, id, occurred_at, received_at, contact_id, channel, kind, direction, source_id,"
            " weight_milli, certainty, external_id, payload) FROM STDIN"
        ) as out,
    ):
        out.write(
            "".join(
                f"1\t{fact_id(1, 1, f.external_id, f.occurred_at or moment)}\t{f.occurred_at}\t{moment}"
                f"\t{f.hints[0].value[1:]}\t2\t10\t0\t1\t1000\t0\t{f.external_id}\t{json.dumps(f.payload)}\n"
                for f in batch
            )
        )
