"""What importing costs: CPU of Python and of PostgreSQL a row, beside reading the same file and copying it raw.

People with a phone column for the first time, the same file again, one that changes cities; people without phones;
refusals as a suppression list, and people whose rows say no; orders of a shop (five of each person, all of them new), and
the same orders again. A figure is the median of the slices of one import; what
segments and the search do after it (the look at everybody whom it touched) stands beside it.
"""

import csv
import resource
import statistics
import tempfile
import time
from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial
from pathlib import Path

from django.db import connection

from bench.recording import backend_seconds, measured
from imports.models import ImportRun
from imports.running import run_slice
from imports.starting import begin_import, check_ready, copy_file
from imports.twins import forget
from lib.clock import now
from segments.members.rechecking import recheck_due
from workspaces.current import working_in
from workspaces.models import Workspace
from workspaces.surveying import survey

ROWS = 100_000
MOST_MB = 300
HEADER = ["Email", "First name", "Last name", "City", "Country", "Phone", "Points", "Tags"]
PHONE = HEADER.index("Phone")


def people(*, city: str = "Bern", name: str = "p", has_phones: bool = True) -> Iterator[list[object]]:
    """A plain file of people as a shop exports it, its header first."""
    places = [place for place in range(len(HEADER)) if has_phones or place != PHONE]
    yield [HEADER[place] for place in places]
    for n in range(ROWS):
        phone, tags = f"+49151{10_000_000 + n}" if n % 2 else "", "vip,tea" if n % 5 == 0 else ""
        row = [
            f"{name}{n}@people.example",
            f"Ada{n % 997}",
            f"Berg{n % 9_973}",
            city,
            "DE",
            phone,
            n % 500,
            tags,
        ]
        yield [row[place] for place in places]


def refusals(*, status: str = "") -> Iterator[list[object]]:
    """Addresses that nobody may write to, with their status or as they are."""
    yield ["Email", "Status"] if status else ["Email"]
    for n in range(ROWS):
        yield [f"no{n}{status}@people.example", *filter(None, [status])]


def orders() -> Iterator[list[object]]:
    """What a shop sold in a year, one item an order; a fifth was paid back. Its buyers are known by nothing yet."""
    yield ["Order number", "Date", "Total", "Currency", "Email", "Product", "Status"]
    for n in range(ROWS):
        day, status = date(2025, 11, 1) + timedelta(days=n % 365), "refunded" if n % 5 == 0 else "paid"
        who = f"buyer{n % (ROWS // 5)}@people.example"
        yield [f"B-{n}", f"{day} {n % 24:02}:15", f"{n % 90}.50", "EUR", who, f"Tea {n % 50}", status]


def write_file(path: Path, rows: Iterator[list[object]]) -> None:
    """The rows as CSV."""
    with path.open("w", newline="") as file:
        csv.writer(file).writerows(rows)


def bring_in(workspace: Workspace, path: Path, mode: str = "") -> list[tuple[float, float, int]]:
    """Import the whole file, slice by slice: (Python, PostgreSQL) CPU seconds and rows of each."""
    with working_in(workspace):
        run = begin_import(copy_file(path), path.name, mode=mode)
        if run.holds == ImportRun.Holds.PEOPLE:
            run.basis, run.proof, run.topic_key = "consent", "They signed the list at the fair.", "letter"
            run.mapping |= {name: "status" for name in run.mapping if name == "Status"}
        check_ready(run)
        run.state = ImportRun.State.WAITING
        run.save()
    found, is_more, done = [], True, 0
    while is_more:
        cpu, pg = time.process_time(), backend_seconds()
        with working_in(workspace):
            survey()
            is_more = run_slice(run, seconds=0.1)
        with working_in(workspace):
            run.refresh_from_db(fields=["rows_done"])
        found.append((time.process_time() - cpu, backend_seconds() - pg, run.rows_done - done))
        done = run.rows_done
    with working_in(workspace):
        run.refresh_from_db()
        print(f"  {dict(run.counts)} {run.error}")
        forget(Path(run.path))
    return found


def look_again(workspace: Workspace) -> float:
    """CPU seconds, of both sides, that segments and the search take for everybody whom an import touched."""
    cpu, pg = time.process_time(), backend_seconds()
    while (due := recheck_due(workspace)) is not None and due <= now():
        pass
    return time.process_time() - cpu + backend_seconds() - pg


def copy_raw(path: Path) -> None:
    """The limit: the cells of the file read by csv and copied into a table without index, key or row security."""
    with path.open(newline="") as file, connection.cursor() as cursor:
        reader = csv.reader(file)
        width = len(next(reader))
        columns = ", ".join(f"c{place} text" for place in range(width))
        cursor.execute(f"CREATE TEMPORARY TABLE bench_raw ({columns})")
        with cursor.copy("COPY bench_raw FROM STDIN") as copy:
            for row in reader:
                copy.write_row(row)
        cursor.execute("DROP TABLE bench_raw")


def told(name: str, slices: list[tuple[float, float, int]], raw: float, after: float = 0.0) -> str:
    """One line: rows a second of one core, µs a row (median of the slices, and all of it), times as long as raw COPY.

    `after`: CPU seconds that it took to look again at everybody.
    """
    each = [((python + pg) / rows * 1e6, python / rows * 1e6, pg / rows * 1e6) for python, pg, rows in slices if rows]
    total, python, pg = (statistics.median(column) for column in zip(*each, strict=True))
    whole = sum(python + pg for python, pg, _rows in slices) / ROWS * 1e6
    return (
        f"{name:>16}: {1e6 / total:,.0f} rows/s a core; {total:.0f} µs CPU a row: {python:.0f} Python,"
        f" {pg:.0f} PostgreSQL (all {whole:.0f}), {total / raw:.0f} × raw COPY; {len(each)} slices;"
        f" then {after / ROWS * 1e6:.0f} µs to look again"
    )


def run(workspace: Workspace) -> None:
    """Print the figures."""
    cases: list[tuple[str, Iterator[list[object]], str]] = [
        ("first", people(), ""),
        ("again", people(), ""),
        ("changed", people(city="Basel"), ""),
        ("without phones", people(name="q", has_phones=False), ""),
        ("suppression list", refusals(), ImportRun.Mode.SUPPRESS),
        ("rows that say no", refusals(status="unsubscribed"), ""),
        ("orders", orders(), ""),
        ("orders again", orders(), ""),
    ]
    before = _most_resident()
    with tempfile.TemporaryDirectory() as folder:
        for name, rows, mode in cases:
            path = Path(folder) / f"{name}.csv"
            write_file(path, rows)
            limits = [sum(measured(partial(copy_raw, path))[1:]) / ROWS * 1e6 for _time in range(5)]
            slices = bring_in(workspace, path, mode)
            print(told(name, slices, statistics.median(limits), look_again(workspace)), flush=True)
    print(f"memory: {_most_resident() - before:.0f} MB more than before the first file, of at most {MOST_MB}")


def _most_resident() -> float:
    """Megabytes (Linux) that this process ever had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
