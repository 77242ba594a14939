"""The exports of other programs as contacts, and the first thousand CDNOW customers with addresses."""

import csv
import io
import re
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from tools.walk.purchases import send
from tools.walk.stack import DATA, Stack
from tools.walk.table import Table

PROOF = "They ticked “yes, send me the email” when they ordered."
EXPORTS = [
    "mailchimp_subscribed_members_export_a1b2.csv",
    "mailchimp_unsubscribed_members_export_a1b2.csv",
    "mailchimp_cleaned_members_export_a1b2.csv",
    "hubspot-crm-exports-all-contacts.csv",
    "mautic_contacts.csv",
    "listmonk_subscribers.csv",
]
CUSTOMERS = 1_000


@dataclass
class People:
    """Who ought to get an email, and who must not, as lower-case addresses."""

    wanted: set[str] = field(default_factory=set)
    stopped: set[str] = field(default_factory=set)


def walk_people(stack: Stack, table: Table) -> People:
    """Import every file twice; the second time nothing changes."""
    people = People()
    table.title("Exports of Mailchimp, HubSpot, Mautic and listmonk, by command")
    for name in EXPORTS:
        rows = _rows(DATA / "exports" / name)
        first = outcomes_of(_import(stack, DATA / "exports" / name))
        again = outcomes_of(_import(stack, DATA / "exports" / name))
        table.check(f"{name}: rows", rows, sum(first.values()), _words(first))
        table.check(f"{name}: again, new or changed", 0, again.get("new", 0) + again.get("changed", 0), _words(again))
    _walk_customers(stack, table, people)
    return people


def _walk_customers(stack: Stack, table: Table, people: People) -> None:
    table.title(f"{CUSTOMERS:,} CDNOW customers tell their address, then agree to the email")
    numbers = [f"{number:05d}" for number in range(1, CUSTOMERS + 1)]
    items = [
        {
            "type": "identify",
            "messageId": f"who-{number}",
            "userId": number,
            "timestamp": "1998-01-01T00:00:00Z",
            "traits": {"email": f"c{number}@cdnow.example", "firstName": f"Buyer {int(number)}"},
        }
        for number in numbers
    ]
    table.check("identified", CUSTOMERS, sum(a["new"] for a in send(stack, items)))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "listmonk_subscribers.csv"
        file.write_text(_as_listmonk(numbers))
        table.check(
            "found again by their address, and agreed", CUSTOMERS, sum(outcomes_of(_import(stack, file)).values())
        )
    people.wanted |= {f"c{number}@cdnow.example" for number in numbers}


def _as_listmonk(numbers: list[str]) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["uuid", "email", "name", "attributes", "status", "created_at", "updated_at"])
    for number in numbers:
        # Not the numbers of the exports above: a number goes before an address
        uuid = f"0298c0de-0000-7000-8000-{int(number):012d}"
        writer.writerow(
            [
                uuid,
                f"c{number}@cdnow.example",
                f"Buyer {int(number)}",
                "{}",
                "enabled",
                "2024-01-01T10:00:00Z",
                "2024-01-01T10:00:00Z",
            ]
        )
    return out.getvalue()


def _import(stack: Stack, path: Path) -> str:
    basis = ["--basis", "consent", "--proof", PROOF, "--topic", "letter"]
    return stack.manage("import_contacts", str(path), "--workspace", stack.slug, *basis)


def _rows(path: Path) -> int:
    """Rows of a CSV file under its header, as any reader counts them; rows without any text are none."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return sum(1 for row in list(csv.reader(file))[1:] if any(cell.strip() for cell in row))


def outcomes_of(report: str) -> dict[str, int]:
    """Outcome → rows, from the printed report."""
    return {name.strip(): int(count) for count, name in re.findall(r"^\s+(\d+)\s+is (.+)$", report, re.MULTILINE)}


def _words(outcomes: dict[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in outcomes.items())
