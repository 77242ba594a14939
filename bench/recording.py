"""What recording a touchpoint costs: CPU of Python and of PostgreSQL, wall, and the ratio to raw COPY of the same rows.

The backend's CPU is read from /proc.
"""

import json
import os
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.db import connection

from contacts.resolving import Hint
from touchpoints.facts import Fact
from touchpoints.recording import record
from touchpoints.sources import source_for
from workspaces.current import working_in
from workspaces.models import Workspace

BATCH, PEOPLE, ROUNDS = 1_000, 20_000, 9
TICKS = os.sysconf("SC_CLK_TCK")


_spent: dict[int, float] = {}  # backend → its CPU seconds when last seen: a connection made anew has another one


def backend_seconds() -> float:
    """CPU seconds of our own PostgreSQL backends so far, and of nobody else's; 0 where the system does not tell."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid = cursor.fetchone()[0]
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return 0.0
    _spent[pid] = (int(fields[11]) + int(fields[12])) / TICKS
    return sum(_spent.values())


def make_batch(number: int) -> list[Fact]:
    """A thousand events of known people over the last month, of kinds that score."""
    start, kinds = datetime.now(UTC) - timedelta(days=28), ["page", "purchase", "clicked", "opened", "message"]
    return [
        Fact(
            kinds[i % 5],
            f"bench-{number}-{i}-{time.time_ns()}",
            start + timedelta(seconds=(number * BATCH + i) * 37 % 2_400_000),
            hints=(Hint(1, f"p{(number * 7919 + i * 104_729) % PEOPLE}"),),
            value_minor=1234 if i % 5 == 1 else None,
            sentiment_milli=300 if i % 5 == 4 else None,
            payload={"url": f"https://kettle.example/tea/{i}", "title": "Tea"},
        )
        for i in range(BATCH)
    ]


def measured(action: Callable[[], object]) -> tuple[float, float, float]:
    """(wall, Python CPU, PostgreSQL CPU) in seconds."""
    wall, cpu, pg = time.perf_counter(), time.process_time(), backend_seconds()
    action()
    return time.perf_counter() - wall, time.process_time() - cpu, backend_seconds() - pg


def run(workspace: Workspace) -> None:
    """Print the figures."""
    with working_in(workspace):
        source = source_for("bench", "Benchmark")
        everybody = [Hint(1, f"p{n}") for n in range(PEOPLE)]
        for at in range(0, PEOPLE, BATCH):
            record(
                [Fact("page", f"warm-{h.value}", datetime.now(UTC), hints=(h,)) for h in everybody[at : at + BATCH]],
                source=source,
            )
    batches = [make_batch(n) for n in range(ROUNDS)]

    def door(batch: list[Fact]) -> None:
        with working_in(workspace):
            record(batch, source=source)

    def copy(batch: list[Fact]) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "CREATE TEMPORARY TABLE IF NOT EXISTS raw (at timestamptz, who text, kind text, payload jsonb)"
            )
            with cursor.copy("COPY raw FROM STDIN") as out:
                out.write(
                    "".join(f"{f.occurred_at}\t{f.hints[0].value}\t{f.kind}\t{json.dumps(f.payload)}\n" for f in batch)
                )

    ours = [measured(lambda b=b: door(b)) for b in batches]  # type: ignore[misc]
    raw = [measured(lambda b=b: copy(b)) for b in batches]  # type: ignore[misc]
    for name, rows in (("record", ours), ("raw COPY", raw)):
        wall, cpu, _pg = (statistics.median(column) / BATCH * 1e6 for column in zip(*rows, strict=True))
        pg = sum(row[2] for row in rows) / len(rows) / BATCH * 1e6  # ticks are coarse: the mean says more
        print(
            f"{name:10} {wall:8.1f} µs wall  {cpu:7.1f} µs Python CPU  {pg:7.1f} µs PostgreSQL CPU  {cpu + pg:7.1f} µs CPU an event"
        )
    total = [sum(r[1] + r[2] for r in rows) for rows in (ours, raw)]
    print(f"ratio to raw COPY of the same rows: {total[0] / max(total[1], 1e-9):.0f} (CPU)")
