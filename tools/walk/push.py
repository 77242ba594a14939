"""Notifications in browsers: the sender made on its page, a browser that allows them on a website, and ends them; a
member's own browser.
"""

import httpx

from tools.walk.stack import Browser, Stack
from tools.walk.table import Table

SITE = "https://walk.example"
# A point of the curve, as a browser makes one; nothing is ever sent to it.
BROWSER = {
    "endpoint": "https://updates.push.services.mozilla.com/wpush/v2/walk",
    "keys": {
        "p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
        "auth": "BTBZMqHH6r4Tts7J_aSIgg",
    },
}


def walk_push(stack: Stack, browser: Browser, table: Table) -> None:
    """What a website is told, and what it tells us."""
    table.title("Notifications in browsers")
    form = {"name": "Bell", "subject": "mailto:web@walk.example", "hours": 24, "urgency": "normal", "per_second": 50}
    browser.post("campaigns/senders/new/?kind=push", form)
    door = f"{stack.url}/v1/push/{stack.write_key}/"
    with httpx.Client(headers={"Origin": SITE}, trust_env=False) as site:
        key = site.get(door).json().get("publicKey", "")
        table.check("a website gets the public key", 87, len(key))
        said = {"act": "on", "subscription": BROWSER, "wording": "Show me your news", "page": f"{SITE}/news"}
        table.check("a browser that allows them is taken in", 200, site.post(door, json=said).status_code)
        elsewhere = said | {"subscription": BROWSER | {"endpoint": "https://10.0.0.1/"}}
        table.check("an address of a private network is not", 400, site.post(door, json=elsewhere).status_code)
        table.check("its page says so", True, "1 browser takes" in _page(browser))
        site.post(door, json=said | {"act": "off"})
        table.check("and that it is over", True, "0 browsers take" in _page(browser))
    _walk_member(browser, table)


def _walk_member(browser: Browser, table: Table) -> None:
    """A member lets their browser show what concerns them, and ends it."""
    token = {"X-CSRFToken": browser.client.cookies.get("csrftoken") or ""}
    door, says = f"/w/{browser.stack.slug}/notices/browsers/", {"act": "on", "subscription": BROWSER}
    key = browser.client.post(door, json={"act": "key"}, headers=token).json().get("publicKey", "")
    table.check("a member's browser gets the workspace's own key", 87, len(key))
    table.check("it is taken in", 200, browser.client.post(door, json=says, headers=token).status_code)
    listing = browser.get("notices/").text
    table.check("and stands on their page", 1, listing.count("data-digest="))
    row = listing.partition("notices/browsers/")[2].partition("data-digest=")[2].partition("notices/browsers/")[2]
    page = browser.post(f"notices/browsers/{row.partition('/')[0]}/end/", {}, on="notices/").text
    table.check("until they end it", 0, page.count("data-digest="))


def _page(browser: Browser) -> str:
    listing = browser.get("campaigns/senders/").text
    sender = listing.partition(">Bell</a>")[0].rpartition("/campaigns/senders/")[2].partition("/")[0]
    return browser.get(f"campaigns/senders/{sender}/").text
