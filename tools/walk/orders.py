"""Orders and attendance by file, through the commands: twice, with a later truth, and of people who are known."""

import csv
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tools.walk.people import outcomes_of
from tools.walk.stack import Stack
from tools.walk.table import Table

Row = Sequence[object]
ORDERS = 500
HEADER = ["Name", "Email", "Financial Status", "Currency", "Total", "Created at", "Lineitem quantity", "Lineitem name"]
EVENT = ["Event", "Event date", "Email", "Status"]


def walk_orders(stack: Stack, table: Table) -> None:
    """A shop's export of two items an order, the same again, the same paid back; who came to an event, twice."""
    table.title(f"{ORDERS:,} orders of two items and {ORDERS:,} visits of CDNOW customers, by command")
    paid, back, came = _orders("paid"), _orders("refunded"), _visits()
    said = [
        ("orders", "import_orders", paid, {"new": 2 * ORDERS}),
        ("orders again", "import_orders", paid, {"same as before": 2 * ORDERS}),
        ("orders paid back", "import_orders", back, {"changed": 2 * ORDERS}),
        ("visits", "import_attendance", came, {"new": ORDERS}),
        ("visits again", "import_attendance", came, {"same as before": ORDERS}),
    ]
    with tempfile.TemporaryDirectory() as folder:
        for name, command, rows, expected in said:
            path = Path(folder) / f"{name}.csv"
            with path.open("w", newline="") as file:
                csv.writer(file).writerows(rows)
            table.check(name, expected, outcomes_of(stack.manage(command, str(path), "--workspace", stack.slug)))


def _orders(status: str) -> list[Row]:
    rows: list[Row] = [HEADER]
    for number in range(1, ORDERS + 1):
        who, day = f"c{number:05d}@cdnow.example", f"2026-01-{number % 28 + 1:02} 10:00:00 +0100"
        rows.append([f"#W{number}", who, status, "EUR", f"{number % 90}.50", day, 1, "Disc"])
        rows.append([f"#W{number}", who, "", "", "", "", 2, "Sleeve"])
    return rows


def _visits() -> list[Row]:
    people = [f"c{number:05d}@cdnow.example" for number in range(1, ORDERS + 1)]
    return [EVENT, *(["Listening evening", "2026-02-06 19:00", who, "attended"] for who in people)]
