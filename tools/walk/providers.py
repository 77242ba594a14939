"""A sender by a provider's API instead of SMTP: made on its page, tried, and what the provider was asked."""

from tools.walk.catching import ProviderBox
from tools.walk.stack import Browser, Stack, wait_until
from tools.walk.table import Table

KEY = "walk-server-token"


def walk_providers(stack: Stack, browser: Browser, table: Table) -> None:
    """One key, one test, one request."""
    table.title("A sender by a provider's API")
    with ProviderBox() as box:
        browser.post(
            "campaigns/senders/new/?kind=postmark",
            {
                "name": "Provider", "from_name": "The walk", "from_email": "letter@walk.example", "secret": KEY,
                "stream": "outbound", "endpoint": box.url, "per_second": 50, "connections": 4,
            },
        )  # fmt: skip
        page = browser.get("campaigns/senders/").text
        sender = page.partition(">Provider</a>")[0].rpartition("/campaigns/senders/")[2].partition("/")[0]
        browser.post(f"campaigns/senders/{sender}/test/", {}, on="campaigns/senders/")
        asked = wait_until("The test", lambda: box.kept)
        table.check("asked once, with the key", [KEY], [key for key, _email in asked])
        table.check("with our Message-ID for what comes back", True, "message-id" in asked[0][1]["Metadata"])
        told = wait_until("Its state", lambda: "the server took it (200)" in browser.get("campaigns/senders/").text)
        table.check("the page says so", True, told)
