"""What `/v1/batch` costs: the whole request through Django, CPU of Python and of PostgreSQL, and events a core-second."""

import base64
import json
import statistics
from datetime import UTC, datetime, timedelta

from django.test import Client

from bench.recording import measured
from workspaces.current import working_in
from workspaces.keys import make_key
from workspaces.models import Workspace

ROUNDS, PEOPLE = 7, 20_000


def body(number: int, size: int) -> bytes:
    """A batch as clients send it: pages, purchases and clicks of known people."""
    start, run = datetime.now(UTC) - timedelta(days=20), datetime.now(UTC).timestamp()
    return json.dumps(
        {
            "batch": [
                {
                    "type": "track",
                    "event": "Order Completed" if i % 5 == 0 else "Product Viewed",
                    "messageId": f"bench-{run}-{number}-{i}",
                    "userId": f"p{(number * 7919 + i * 104_729) % PEOPLE}",
                    "timestamp": (start + timedelta(seconds=number * size + i)).isoformat(),
                    "properties": {"revenue": 19.9, "currency": "EUR"}
                    if i % 5 == 0
                    else {"url": "/tea", "title": "Tea"},
                    "context": {
                        "library": {"name": "bench", "version": "1"},
                        "page": {"url": "https://kettle.example/tea"},
                    },
                }
                for i in range(size)
            ]
        }
    ).encode()


def run(workspace: Workspace) -> None:
    """Print the figures for batches of 1,000 and of 50."""
    with working_in(workspace):
        key = make_key("server", "bench")[1]
    client = Client(headers={"Authorization": "Basic " + base64.b64encode(f"{key}:".encode()).decode()})

    def post(raw: bytes) -> None:
        response = client.post("/v1/batch", raw, content_type="application/json")
        if response.status_code != 200 or response.json()["refused"]:
            raise RuntimeError(response.content[:300])

    post(body(-1, 1_000))
    for size in (1_000, 50):
        rows = [measured(lambda raw=body(n, size): post(raw)) for n in range(ROUNDS * (1 if size > 50 else 8))]  # type: ignore[misc]
        cpu = statistics.median(row[1] for row in rows) / size * 1e6
        pg = sum(row[2] for row in rows) / len(rows) / size * 1e6
        print(
            f"batches of {size:>5}: {cpu:6.1f} µs Python CPU  {pg:6.1f} µs PostgreSQL CPU an event  "
            f"{1e6 / (cpu + pg):8,.0f} events a core-second"
        )
