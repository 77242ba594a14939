"""The library, filled by a machine, and an email that chooses from it."""

import httpx

from tools.walk.blocks import DRAFT
from tools.walk.emails import id_in
from tools.walk.stack import Browser, Stack
from tools.walk.table import Table


def walk_library(stack: Stack, browser: Browser, table: Table) -> None:
    """Two things come in by the API, the page lists them, the block shows the newest to nobody in particular."""
    table.title("The library, and three for her")
    head = {"Authorization": f"Bearer {stack.api_key}"}
    with httpx.Client(base_url=f"{stack.url}/api/v1/", headers=head, timeout=30, trust_env=False) as api:
        kept = [
            api.post(
                "library", json={"title": f"Walked {n}", "url": f"https://walked.example/{n}", "interests": ["Walks"]}
            )
            for n in (1, 2)
        ]
        again = api.post("library", json={"title": "Walked 1", "url": "https://walked.example/1"})
    table.check("things come in", [201, 201], [one.status_code for one in kept])
    table.check("an address is there once", 422, again.status_code)
    table.check("the page finds them", True, "Walked 2" in browser.get("emails/library/?q=walked").text)
    made = browser.post("campaigns/new/all/", DRAFT | {"name": "Chosen"})
    where = f"campaigns/{id_in(made, r'/campaigns/(\d+)/begin/')}/"
    browser.post(f"{where}begin/", {"with": "nothing"})
    page = browser.post(f"{where}email/", {"do": "add:picks"})
    block = page.url.params["block"]
    words = {"do": f"save:{block}", "heading": "For you", "count": "3", "layout": "columns", "space": "16"}
    browser.post(f"{where}email/", words)
    shown = browser.get(f"{where}email/preview/?as=0").text
    table.check("the newest stand in the email", True, "Walked 2" in shown and "For you" in shown)
    why = browser.get(f"{where}email/picks/{block}/?as=0").text
    table.check("and it says why", True, "The newest" in why)
    browser.post(f"{where}remove/", {}, on=where)
