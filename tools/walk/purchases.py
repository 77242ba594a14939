"""CDNOW: 56,902 real purchases of 1997, through /v1/batch with their own dates."""

import time
from datetime import UTC, datetime
from itertools import batched
from typing import Any

import httpx

from tools.walk.stack import DATA, Stack, WalkError
from tools.walk.table import Table

BATCH = 1_000


def read_purchases() -> list[dict[str, Any]]:
    """Each purchase as an item of the Segment spec; its line number makes it repeatable."""
    path = DATA / "cdnow" / "purchases.txt"
    if not path.exists():
        raise WalkError(f"The real inputs are not here: {path}")
    items = []
    for number, line in enumerate(path.read_text().splitlines()[1:]):
        customer, day, discs, dollars = line.split()
        items.append(
            {
                "type": "track",
                "event": "Order Completed",
                "messageId": f"cdnow-{number}",
                "userId": customer,
                "timestamp": datetime.strptime(day, "%Y%m%d").replace(tzinfo=UTC).isoformat(),
                "properties": {"revenue": float(dollars), "currency": "USD", "quantity": int(discs)},
            }
        )
    return items


def walk_purchases(stack: Stack, table: Table) -> None:
    """Send all of them, then all of them again."""
    items = read_purchases()
    table.title(f"CDNOW: {len(items):,} purchases of {len({i['userId'] for i in items}):,} people through /v1/batch")
    for name, new in (("first time", len(items)), ("replayed", 0)):
        start = time.monotonic()
        answers = send(stack, items)
        rate = len(items) / (time.monotonic() - start)
        table.check(
            f"kept, {name}", len(items), sum(a["kept"] for a in answers), f"{rate:,.0f} events/s over HTTP, wall"
        )
        table.check(f"new, {name}", new, sum(a["new"] for a in answers))
        table.check(f"refused, {name}", 0, sum(len(a["refused"]) for a in answers))


def send(stack: Stack, items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Post items in full batches; every answer must be 200."""
    answers = []
    with httpx.Client(base_url=stack.url, auth=(stack.write_key, ""), timeout=60, trust_env=False) as client:
        for chunk in batched(items, BATCH):
            response = client.post("/v1/batch", json={"batch": list(chunk)})
            if response.status_code != 200:
                raise WalkError(f"/v1/batch answered {response.status_code}: {response.text[:300]}")
            answers.append(response.json())
    return answers
