"""A sender of texts against a loopback Twilio: made on its page, tried, and what was asked."""

from tools.walk.catching import TextBox
from tools.walk.stack import Browser, Stack, wait_until
from tools.walk.table import Table

SID, NUMBER = "AC" + "0" * 32, "+4915200000001"


def walk_texts(stack: Stack, browser: Browser, table: Table) -> None:
    """One number, one test, one request."""
    table.title("A sender of texts")
    with TextBox() as box:
        browser.post(
            "campaigns/senders/new/?kind=sms",
            {
                "name": "Texts", "account_sid": SID, "secret": "walk-token", "from_number": "+4915112345678",
                "test_number": NUMBER, "price": "0.075", "endpoint": box.url, "per_second": 50, "connections": 2,
            },
        )  # fmt: skip
        page = browser.get("campaigns/senders/").text
        sender = page.partition(">Texts</a>")[0].rpartition("/campaigns/senders/")[2].partition("/")[0]
        browser.post(f"campaigns/senders/{sender}/test/", {}, on="campaigns/senders/")
        (asked,) = wait_until("The test", lambda: box.kept)
        table.check("asked once, to the number for tests", NUMBER, asked["To"])
        told = wait_until("Its state", lambda: "the server took it (201)" in browser.get("campaigns/senders/").text)
        table.check("the page says so", True, told)
        table.check("its price is kept", True, "0.075" in browser.get(f"campaigns/senders/{sender}/").text)
