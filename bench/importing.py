"""What importing people costs: rows a second of a first import, of the same file again, and of one that changes cities.

Also the CPU of Python and of PostgreSQL by row.
"""

import csv
import tempfile
from functools import partial
from pathlib import Path

from bench.recording import measured
from imports.models import ImportRun
from imports.running import run_slice
from imports.starting import begin_import, check_ready, copy_file
from workspaces.current import working_in
from workspaces.models import Workspace

ROWS = 20_000
HEADER = ["Email", "First name", "Last name", "City", "Country", "Phone", "Points", "Tags"]


def write_file(path: Path, city: str) -> None:
    """A plain file of people as a shop exports it."""
    with path.open("w", newline="") as file:
        out = csv.writer(file)
        out.writerow(HEADER)
        for n in range(ROWS):
            phone = f"+49151{10_000_000 + n}" if n % 2 else ""
            tags = "vip,tea" if n % 5 == 0 else ""
            out.writerow(
                [f"p{n}@people.example", f"Ada{n % 997}", f"Berg{n % 9_973}", city, "DE", phone, n % 500, tags]
            )


def bring_in(workspace: Workspace, path: Path) -> None:
    """Import the whole file, slice by slice."""
    with working_in(workspace):
        run = begin_import(copy_file(path), path.name)
        run.basis, run.proof, run.topic_key = "consent", "They signed the list at the fair.", "letter"
        check_ready(run)
        run.state = ImportRun.State.WAITING
        run.save()
    is_more = True
    while is_more:
        with working_in(workspace):
            is_more = run_slice(run, seconds=2)
    with working_in(workspace):
        run.refresh_from_db()
        print(f"  {dict(run.counts)} {run.error}")
        Path(run.path).unlink(missing_ok=True)


def run(workspace: Workspace) -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as folder:
        for name, city in (("first", "Bern"), ("again", "Bern"), ("changed", "Basel")):
            path = Path(folder) / f"{name}.csv"
            write_file(path, city)
            wall, python, postgres = measured(partial(bring_in, workspace, path))
            each = 1e6 / ROWS
            print(
                f"{name:>8}: {ROWS / wall:,.0f} rows/s; {wall * each:.0f} µs wall, {python * each:.0f} µs Python,"
                f" {postgres * each:.0f} µs PostgreSQL a row"
            )
