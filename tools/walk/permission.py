"""Permission: doubles are found, the API tells each word, a no to measuring holds for emails sent before, somebody is erased."""

import csv
import tempfile
from email.message import EmailMessage
from pathlib import Path

import httpx

from tools.walk.catching import Letterbox
from tools.walk.emails import AGENT, OPENED, STOPPED, id_in, own_page_of, pixel_of
from tools.walk.people import People
from tools.walk.stack import DATA, Browser, Stack, wait_until
from tools.walk.table import Table

ENTITIES = 500  # of dataset1: each is there twice
WORDS = "I do not want to be measured."


def walk_permission(stack: Stack, browser: Browser, table: Table, people: People, box: Letterbox) -> None:
    """What people said is what the product does."""
    table.title("Permission: doubles, words, measuring, an erasure")
    _find_doubles(stack, table)
    readers = sorted({to for to in people.wanted if to != box.refused})
    with httpx.Client(
        base_url=f"{stack.url}/api/v1/",
        headers={"Authorization": f"Bearer {stack.api_key}"},
        timeout=30,
        trust_env=False,
    ) as api:
        _tell_words(api, table, readers)
        _declare_a_field(api, table, readers[0])
        _undo_a_file(stack, api, table, readers[0])
        emails = dict(box.emails)
        _say_no_to_measuring(stack, api, table, emails, readers)
        _hand_in_a_receipt(stack, table, own_page_of(emails[readers[0]]))
        _erase(api, browser, table, readers[0])


def _find_doubles(stack: Stack, table: Table) -> None:
    """A public set of people with slips of the pen, by command; the numbers say who is whom."""
    lines = (DATA / "duplicates" / "dataset1.csv").read_text().splitlines()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "people.csv"
        file.write_text("\n".join([lines[0].replace("rec_id", "customer number"), *lines[1:]]))
        proof = ["--basis", "interest", "--proof", "Generated people of a public data set"]
        stack.manage("import_contacts", str(file), "--workspace", stack.slug, *proof)
        pairs = Path(folder) / "pairs.csv"
        stack.manage("find_duplicates", "--workspace", stack.slug, "--csv", str(pairs))
        rows = list(csv.DictReader(pairs.read_text().splitlines()))
    found = {(row["a"], row["b"]) for row in rows if row["a"].startswith("rec-") and row["b"].startswith("rec-")}
    right = sum(a.split("-")[1] == b.split("-")[1] for a, b in found)
    f1 = 2 * right / (len(found) + ENTITIES)
    table.check("doubles: nobody is taken for somebody else", 0, len(found) - right)
    table.check("doubles: F1 of 0.97 at least", True, f1 >= 0.97, f"{f1:.3f}")


def _declare_a_field(api: httpx.Client, table: Table, reader: str) -> None:
    """A field gets a type: what it cannot hold is refused, and the company of a person finds them."""
    declared = api.post("fields", json={"name": "walked miles", "type": "number"})
    [person] = api.get("contacts", params={"email": reader}).json()["items"]
    wrong = api.patch(f"contacts/{person['id']}", json={"fields": {"walked miles": "many"}})
    right = api.patch(f"contacts/{person['id']}", json={"fields": {"walked miles": "12,5"}})
    table.check("a declared number refuses a word", (201, 422), (declared.status_code, wrong.status_code))
    table.check("and takes a number as people write it", 12.5, right.json()["fields"]["walked miles"])
    put = api.post(f"contacts/{person['id']}/companies", json={"company": "Walkers Ltd", "role_there": "Guide"})
    there = api.get(f"companies/{put.json()['company_id']}/people").json()["items"]
    table.check("a company has its people", [person["id"]], [one["contact_id"] for one in there])


def _undo_a_file(stack: Stack, api: httpx.Client, table: Table, reader: str) -> None:
    """A file changes somebody and brings somebody new; taken back, the one is as before and the other is gone."""
    [person] = api.get("contacts", params={"email": reader}).json()["items"]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "fair.csv"
        file.write_text(f"Email,City\n{reader},Erfurt\nnew@fair.example,Erfurt\n")
        proof = ["--basis", "interest", "--proof", "They left their card at the fair"]
        stack.manage("import_contacts", str(file), "--workspace", stack.slug, *proof)
    run = max(api.get("imports").json()["items"], key=lambda one: one["id"])

    def state() -> str:
        return str(api.get(f"imports/{run['id']}").json()["state"])

    asked = api.post(f"imports/{run['id']}/undo")
    wait_until("The undo of a file", lambda: state() == "undone")
    [after] = api.get("contacts", params={"email": reader}).json()["items"]
    new = api.get("contacts", params={"email": "new@fair.example"}).json()["items"]
    table.check(
        "a file is undone whole", (True, person["city"], []), (asked.is_success, after["city"], new), run["file_name"]
    )
    said = [one["source"] for one in api.get(f"contacts/{person['id']}/history").json()["items"]]
    table.check("the history tells both", 2, sum("fair.csv" in one for one in said))


def _tell_words(api: httpx.Client, table: Table, readers: list[str]) -> None:
    def word(email: str) -> str:
        [person] = api.get("contacts", params={"email": email}).json()["items"]
        return str({one["topic"]: one["state"] for one in person["consents"]}["letter"])

    table.check("the API tells a yes", "given", word(readers[0]))
    table.check(
        "the API tells who said no by one click", ["withdrawn"] * STOPPED, [word(to) for to in readers[-STOPPED:]]
    )
    table.check(
        "nobody is told of who is not known", [], api.get("contacts", params={"email": "x@y.example"}).json()["items"]
    )


OPENS = """
from touchpoints.models import Touchpoint
from workspaces.current import working_in
from workspaces.models import Workspace
with working_in(Workspace.objects.get(slug={slug!r})):
    print(Touchpoint.objects.filter(contact_id={contact}, kind=3).count())
"""


def _opens(stack: Stack, contact: int) -> int:
    out = stack.manage("shell", "-v", "0", "-c", OPENS.format(slug=stack.slug, contact=contact))
    return int(out.strip().splitlines()[-1])


def _say_no_to_measuring(
    stack: Stack, api: httpx.Client, table: Table, emails: dict[str, EmailMessage], readers: list[str]
) -> None:
    """Two fetch the picture of an email that went out before; one of them has just said no."""
    shy, other = (_person(api, to) for to in readers[OPENED : OPENED + 2])
    said = api.post(f"contacts/{shy}/tracking", json={"mode": "none", "wording": WORDS, "source": "The walk"})
    table.check("a no to measuring is taken", True, said.is_success, "" if said.is_success else said.text[:200])
    with httpx.Client(trust_env=False, timeout=30, headers=AGENT) as client:
        for to in readers[OPENED : OPENED + 2]:
            client.get(pixel_of(emails[to]))
    wait_until("The open of who did not say no", lambda: _opens(stack, other))
    table.check("of who said no nothing is written down", 0, _opens(stack, shy))


def _hand_in_a_receipt(stack: Stack, table: Table, own_page: str) -> None:
    """What a reader takes away from their own page is genuine, and no longer so when one letter of it is another."""
    with httpx.Client(trust_env=False, timeout=30, headers=AGENT) as client:
        receipt = client.get(f"{own_page}receipt.json").text
        checking = f"{stack.url}/p/{stack.slug}/receipts/"
        genuine = client.post(checking, data={"receipt": receipt})
        changed = client.post(checking, data={"receipt": receipt.replace('"given"', '"taken"', 1)})
    table.check("a consent receipt is found genuine", (200, 422), (genuine.status_code, changed.status_code))


def _person(api: httpx.Client, email: str) -> int:
    return int(api.get("contacts", params={"email": email}).json()["items"][0]["id"])


def _erase(api: httpx.Client, browser: Browser, table: Table, email: str) -> None:
    page = browser.post("contacts/privacy/new/", {"kind": "erase", "who": email, "way": "email"})
    pk = id_in(page, r"request=(\d+)")
    for what in ("check", "erase"):
        browser.post(f"contacts/privacy/{pk}/{what}/", {"how": "from_address"}, on="contacts/privacy/")
    table.check("who was erased is not found", [], api.get("contacts", params={"email": email}).json()["items"])
    listed = api.get("suppressions/check", params={"address": email})
    table.check("and is never written to again", True, "erased" in listed.text, listed.text[:120])
