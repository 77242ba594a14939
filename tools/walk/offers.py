"""Offer codes: a pool comes in by the API, a code is redeemed once, the page and the counter show it."""

import httpx

from tools.walk.stack import Browser, Stack
from tools.walk.table import Table


def walk_offers(stack: Stack, browser: Browser, table: Table) -> None:
    """Two codes, one of them used by an order that is told twice, then by another."""
    table.title("Offer codes")
    head = {"Authorization": f"Bearer {stack.api_key}"}
    with httpx.Client(base_url=f"{stack.url}/api/v1/", headers=head, timeout=30, trust_env=False) as api:
        made = api.post("offers", json={"key": "walked", "name": "Walked offer"})
        added = api.post("offers/walked/codes", json={"codes": ["WALK-1", "WALK-2", "walk-2"]})
        use = {"code": "walk-1", "order_id": "W-1", "value_minor": 2490, "currency": "EUR"}
        used = [api.post("offers/walked/redemptions", json=use | {"order_id": one}) for one in ("W-1", "W-1", "W-2")]
    table.check("a pool is made", 201, made.status_code)
    table.check("a code is there once", (2, 1), (added.json()["added"], added.json()["known"]))
    table.check("redeemed once, told again, refused", [201, 200, 409], [one.status_code for one in used])
    table.check("the pool stands in the list", True, "Walked offer" in browser.get("emails/offers/").text)
    table.check("the counter knows it was used", True, "W-1" in browser.get("emails/offers/redeem/?code=WALK-1").text)
