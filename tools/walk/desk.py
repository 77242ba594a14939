"""The inbox's desk: an answer taken back, a tag, a case with a promise, a team with its hours."""

import re
import time
from datetime import datetime, timedelta

import httpx

from tools.walk.catching import Network
from tools.walk.stack import Browser, Stack, WalkError
from tools.walk.table import Table

LEAVES = 14  # seconds after which an answer would have left, had nobody taken it back


def walk_desk(stack: Stack, browser: Browser, table: Table, network: Network) -> None:
    """Answer and undo; tag; open a case and keep its promise, which a machine closes; say whose account it is; make a team."""
    table.title("The inbox's desk")
    before = len(network.kept)
    pk, page = _waiting(browser)
    mention, key = re.search(r"/inbox/mentions/(\d+)/reply/", page), re.search(r'name="key"[^>]*value="([^"]+)"', page)
    if not mention or not key:
        raise WalkError("The conversation has no reply box.")
    where = f"inbox/{pk}/"
    page = browser.post(f"inbox/mentions/{mention[1]}/reply/", {"text": "Too soon", "key": key[1]}, on=where).text
    undo = re.search(r"/inbox/replies/(\d+)/undo/", page)
    if not undo:
        raise WalkError("The answer cannot be taken back.")
    page = browser.post(f"inbox/replies/{undo[1]}/undo/", {}, on=where).text
    table.check("the words of an answer taken back stand in the box", True, ">Too soon</textarea>" in page)
    time.sleep(LEAVES)
    table.check("an answer taken back reached nobody", before, len(network.kept))
    browser.post(f"{where}tag/", {"name": "Walked"}, on=where)
    table.check("found by its tag", True, f"item-{pk}" in browser.get("inbox/?tag=walked").text)
    _picture(browser, table)
    _promise(browser, table, where)
    _by_machine(stack, table, int(pk))
    _team(browser, table)


def _waiting(browser: Browser) -> tuple[str, str]:
    found = re.search(r'href="[^"]*/inbox/(\d+)/', browser.get("inbox/").text)
    if not found:
        raise WalkError("Nobody waits in the inbox.")
    return found[1], browser.get(f"inbox/{found[1]}/").text


def _picture(browser: Browser, table: Table) -> None:
    """One of the demo: nobody writes emails to the workspace of this walk."""
    found = None
    for where in dict.fromkeys(re.findall(r'href="([^"]*/inbox/\d+/)', browser.get("/w/kettle/inbox/").text)):
        found = found or re.search(r'src="([^"]*/inbox/files/\d+/small/)"', browser.get(where).text)
    kind = browser.get(found[1]).headers["Content-Type"] if found else "none came"
    table.check("a picture that came is shown small", "image/jpeg", kind)


def _promise(browser: Browser, table: Table, where: str) -> None:
    page = browser.get(where).text
    member = re.search(r'name="case-promised_by".*?<option value="(\d+)"', page, re.DOTALL)
    until = (datetime.now() + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")  # noqa: DTZ005 - as a browser types it
    case = {"case-what": "A cracked lid", "case-promise": "A new lid", "case-due_at": until}
    page = browser.post(f"{where}case/", case | {"case-promised_by": member[1] if member else ""}, on=where).text
    table.check("a case says what was promised", True, "A new lid" in page)
    number = re.search(r"/inbox/cases/(\d+)/promise/", page)
    page = browser.post(f"inbox/cases/{number[1]}/promise/", {"kept": "yes"}, on=where).text if number else ""
    table.check("a promise was kept", True, "kept 1, broken 0" in page)


def _by_machine(stack: Stack, table: Table, pk: int) -> None:
    head = {"Authorization": f"Bearer {stack.api_key}"}
    with httpx.Client(base_url=f"{stack.url}/api/v1/", headers=head, timeout=30, trust_env=False) as api:
        case = next(
            one for one in api.get("cases", params={"is_open": True}).json()["items"] if one["conversation"] == pk
        )
        table.check("a machine reads the case", ("A new lid", True), (case["promise"], case["was_kept"]))
        said = api.put(f"conversations/{pk}/case", json={"what": "A cracked lid", "promise": "Another"})
        table.check("half a promise is refused", 422, said.status_code)
        closed = [api.post(f"cases/{case['id']}/close", json={"outcome": "recovered"}).json() for _twice in range(2)]
        table.check("and closes it once", ["recovered"] * 2, [one["outcome"] for one in closed])
        table.check("at one moment", True, closed[0]["closed_at"] == closed[1]["closed_at"])
        _whose(api, table, f"conversations/{pk}/contact")


def _whose(api: httpx.Client, table: Table, where: str) -> None:
    contact = api.get("contacts", params={"limit": 1}).json()["items"][0]["id"]
    table.check("whose account it is asks for a reason", 422, api.put(where, json={"contact": contact}).status_code)
    said = {"contact": contact, "why": "She told us at the counter"}
    linked = [api.put(where, json=said).json().get("contact") for _twice in range(2)]
    table.check("whose account it is", [contact] * 2, linked)
    back = [api.post(f"{where}/undo").json().get("contact", contact) for _twice in range(2)]
    table.check("and taken back", [None, None], back)


def _team(browser: Browser, table: Table) -> None:
    said = {
        "name": "Front", "country": "DE", "region": "SN", "closed": "", "public": "1", "private": "8", "urgent": "0.5",
        "resolution": "40", "requeue": "0", "escalate": "8", "assigns": "", "opens_0": "09:00", "closes_0": "18:00", "opens_4": "09:00",
        "closes_4": "16:00",
    }  # fmt: skip
    page = browser.post("inbox/teams/new/", said).text
    table.check("a team's hours in a sentence", True, "is answered by Monday, 09:30" in page)
