"""A campaign that goes out by itself: said when, approved, started; who signs up gets it, once; then its end."""

import re
from datetime import UTC, datetime

from tools.walk.catching import Letterbox
from tools.walk.emails import id_in
from tools.walk.purchases import send
from tools.walk.stack import Browser, Stack, WalkError, wait_until
from tools.walk.table import Table

SUBJECT, READER = "Welcome to the walk", "00010"
SIGNED_UP = "15"


def walk_standing(stack: Stack, browser: Browser, table: Table, box: Letterbox) -> None:
    """From a draft to one that runs, whom it reaches, and its end."""
    table.title("A campaign that goes out by itself")
    page = browser.get("campaigns/new/all/?by=hand").text
    draft = {
        "name": SUBJECT, "purpose": "subscribed", "holdout_percent": 0, "subject": SUBJECT, "body_format": "markdown",
        "body": "Good to have you. [More](https://kettle.example/welcome)", "topic": _first(page, "topic"),
        "sender": _first(page, "sender"),
    }  # fmt: skip
    where = f"campaigns/{id_in(browser.post('campaigns/new/all/', draft), r'/campaigns/(\d+)/')}/"
    said = {"trigger": "happens", "kind": SIGNED_UP, "side": "after", "unit": "60", "most_a_day": "500", "delay": "0"}
    page = browser.post(f"{where}when/", said).text
    table.check("it says when it goes out", True, "At once." in page)
    browser.post(f"{where}approve/", {}, on=where)
    table.check("it runs by itself", True, "It runs by itself" in browser.post(f"{where}start/", {}, on=where).text)
    for number in (1, 2):
        at = datetime.now(UTC).isoformat()
        send(
            stack,
            [{"type": "track", "event": "Signed Up", "messageId": f"up-{number}", "userId": READER, "timestamp": at}],
        )
        wait_until("The welcome", lambda: any(email["Subject"] == SUBJECT for _to, email in box.emails), 60)
    got = [to for to, email in box.emails if email["Subject"] == SUBJECT]
    table.check("who signed up got it, once", [f"c{READER}@cdnow.example"], got)
    table.check("it has ended", True, "It ran by itself" in browser.post(f"{where}end/", {}, on=where).text)


def _first(page: str, name: str) -> str:
    found = re.search(rf'<select name="{name}".*?<option value="(\d+)"', page, re.DOTALL)
    if not found:
        raise WalkError(f"The form of a new campaign offers no {name}.")
    return found[1]
