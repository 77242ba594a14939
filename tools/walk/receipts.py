"""A shop has a receipt sent by the API: a template written and approved on its page, one order asked for twice."""

import time

import httpx

from tools.walk.catching import Letterbox
from tools.walk.emails import id_in
from tools.walk.stack import Browser, Stack, wait_until
from tools.walk.table import Table

NAME, TO = "Receipt", "buyer@walk.example"
BODY = "# Thank you\n\nYour order {{ data.order }} is on its way."


def walk_receipts(stack: Stack, browser: Browser, table: Table, box: Letterbox) -> None:
    """Written, approved, asked for twice under one key, sent once within seconds."""
    table.title("A transactional email by the API")
    page = browser.get("campaigns/transactional/new/").text
    sender = page.partition('name="sender"')[2].partition("selected")[0].rpartition('value="')[2].partition('"')[0]
    made = browser.post(
        "campaigns/transactional/new/",
        {
            "name": NAME, "sender": sender, "subject": "Order {{ data.order }}", "body_format": "markdown", "body": BODY,
            "example": '{"order": "A-17"}',
        },
    )  # fmt: skip
    template = id_in(made, r"/campaigns/transactional/(\d+)/")
    browser.post(f"campaigns/transactional/{template}/approve/", {}, on=f"campaigns/transactional/{template}/")
    head = {"Authorization": f"Bearer {stack.api_key}"}
    with httpx.Client(base_url=f"{stack.url}/api/v1/", headers=head, timeout=30, trust_env=False) as api:
        order = {"template": NAME, "to": {"email": TO}, "data": {"order": "A-17"}}
        begun = time.monotonic()
        asked = [api.post("messages", json=order, headers={"Idempotency-Key": "A-17"}) for _ in range(2)]
        table.check("asked for twice, answered alike", [202, 202], [one.status_code for one in asked])
        table.check("as one", 1, len({one.json()["id"] for one in asked}))
        got = wait_until("The receipt", lambda: [email for to, email in box.emails if to == TO])
        table.check("it came once, within ten seconds", (1, True), (len(got), time.monotonic() - begun < 10))
        table.check("with its order", "Order A-17", got[0]["subject"])
        path = f"messages/{asked[0].json()['id']}"
        state = wait_until("Its state", lambda: api.get(path).json()["state"] == "sent")
        table.check("the API says so", True, state)
        lacking = api.post("messages", json=order | {"data": {}})
        table.check(
            "without its data it is refused", (422, "field_missing"), (lacking.status_code, lacking.json()["code"])
        )
