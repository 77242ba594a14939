"""A segment, a campaign to a real SMTP server, and what comes back from the emails' own links."""

import re
from collections import Counter
from email.message import EmailMessage

import httpx

from tools.walk.catching import LOOPBACK, Letterbox
from tools.walk.people import People
from tools.walk.stack import Browser, Stack, WalkError, wait_until
from tools.walk.table import Table

BODY = """# Slow water

Hello {{ contact.given_name | default: "there" }},

[see what is new](https://kettle.example/tea) or read [the story](https://kettle.example/story).
"""
RULE = '{"all": [{"consent": {"channel": "email", "topic": "letter", "state": "given"}}]}'
OPENED, CLICKED, STOPPED = 60, 25, 5
FIRST_DAY = 50  # of a warm-up plan
AGENT = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}


def walk_emails(stack: Stack, browser: Browser, table: Table, people: People, box: Letterbox) -> None:
    """From the segment to the unsubscribed."""
    table.title("A segment, and an email to everybody in it by real SMTP")
    segment = _make_segment(browser)
    campaign = _make_campaign(browser, segment, box)
    table.check("a killed worker is started again", True, stack.kill("worker"))
    warm_up = f"campaigns/deliverability/senders/{_sender(browser)}/"
    browser.post(f"{warm_up}warm-up/", {"pace": 1, "most": 100}, on=warm_up)
    _launch(browser, campaign)
    wait_until(
        "The sender's day is full", lambda: "The sender warms up" in browser.get(f"campaigns/{campaign}/").text, 180
    )
    table.check("a sender that warms up sends no more than its day allows", True, 0 < len(box.emails) <= FIRST_DAY)
    browser.post(f"{warm_up}warm-up/end/", {}, on=warm_up)
    _wait_for_end(browser, campaign)
    got = Counter(to for to, _email in box.emails)
    wanted = {to for to in people.wanted if to != box.refused}
    missing, extra = wanted - got.keys(), got.keys() - wanted
    table.check("nobody twice", 1, max(got.values(), default=0))
    table.check("nobody skipped", 0, len(missing), ", ".join(sorted(missing)[:3]))
    table.check("nobody who said no or cannot be reached", set(), extra & people.stopped)
    table.check("the refused address was tried once", 1, box.refusals[box.refused])
    _come_back(stack, browser, table, box, campaign, wanted)


def _make_segment(browser: Browser) -> int:
    form = {"rule": RULE, "do": "save", "name": "Newsletter consent", "description": "Everybody who consented."}
    page = browser.post("segments/new/", form)
    return id_in(page, r"/segments/(\d+)/")


def _make_campaign(browser: Browser, segment: int, box: Letterbox) -> int:
    browser.post("settings/", {"name": "The walk", "locale": "en", "zone": "UTC", "currency": "EUR", "postal_address": "1 Long Way", "mail_tracking": "2"})  # fmt: skip
    browser.post(
        "campaigns/senders/new/",
        {"name": "Loopback", "from_name": "The walk", "from_email": "letter@walk.example", "host": LOOPBACK, "port": box.port, "security": "none", "per_second": 1000},
    )  # fmt: skip
    page = browser.get("campaigns/new/all/").text
    topic = re.search(r'<select name="topic".*?<option value="(\d+)"[^>]*>Newsletter<', page, re.DOTALL)
    server = re.search(r'<select name="sender".*?<option value="(\d+)"', page, re.DOTALL)
    if not topic or not server:
        raise WalkError("The form of a new campaign offers no topic or no sender.")
    made = browser.post(
        "campaigns/new/all/",
        {
            "name": "Slow water", "segment": segment, "purpose": "subscribed", "topic": topic[1],
            "sender": server[1], "holdout_percent": 0, "subject": "Slow water, {{ contact.given_name | default: 'you' }}",
            "body_format": "markdown", "body": BODY,
        },
    )  # fmt: skip
    return id_in(made, r"/campaigns/(\d+)/")


def _sender(browser: Browser) -> int:
    """The first of the page of senders."""
    found = re.search(r"/campaigns/senders/(\d+)/", browser.get("campaigns/senders/").text)
    if not found:
        raise WalkError("The page of senders shows none.")
    return int(found[1])


def _launch(browser: Browser, campaign: int) -> None:
    browser.post(f"campaigns/{campaign}/approve/", {}, on=f"campaigns/{campaign}/")
    browser.post(f"campaigns/{campaign}/schedule/", {"at": ""}, on=f"campaigns/{campaign}/")


def _wait_for_end(browser: Browser, campaign: int) -> None:
    def ended() -> bool:
        page = browser.get("campaigns/").text
        row = re.search(rf'/campaigns/{campaign}/".*?</tr>', page, re.DOTALL)
        return bool(row and re.search(r"\b(Sent|Closed)\b", row[0]))

    wait_until("The end of the campaign", ended, 180)


def _come_back(stack: Stack, browser: Browser, table: Table, box: Letterbox, campaign: int, wanted: set[str]) -> None:
    table.title("What comes back: opens, clicks, one-click unsubscribes, a bounce")
    readers = sorted(wanted)
    emails = dict(box.emails)
    with httpx.Client(trust_env=False, timeout=30, headers=AGENT) as client:
        opened = [client.get(pixel_of(emails[to])).status_code for to in readers[:OPENED]]
        clicked = [client.get(_link(emails[to])) for to in readers[:CLICKED]]
        stops = [_stop(emails[to]) for to in readers[-STOPPED:]]
        looked = [client.get(url).status_code for url in stops]
        stopped = [client.post(url, data={"List-Unsubscribe": "One-Click"}).status_code for url in stops]
        forged = client.get(pixel_of(emails[readers[0]])[:-2] + "xx").status_code
    table.check("pixels answered", [200] * OPENED, opened)
    table.check(
        "links lead to their target",
        CLICKED,
        sum(r.headers.get("location", "").startswith("https://kettle.example/") for r in clicked),
    )
    table.check("a look at the stop page stops nobody", [200] * STOPPED, looked)
    table.check("one-click unsubscribes taken", [200] * STOPPED, stopped)
    table.check("a forged token", 404, forged)
    _counted(stack, table, campaign)


COUNT = """
import json
from campaigns.models import Campaign
from delivery.models import Delivery
from consent.suppressing import is_suppressed
from touchpoints.models import Touchpoint
from workspaces.current import working_in
from workspaces.models import Workspace
with working_in(Workspace.objects.get(slug={slug!r})):
    message = Campaign.objects.get(pk={campaign}).message_id
    facts = {{name: Touchpoint.objects.filter(message_id=message, kind=kind).values("contact_id").distinct().count()
             for name, kind in (("sent", 1), ("opened", 3), ("clicked", 4), ("unsubscribed", 6))}}
    states = list(Delivery.objects.filter(message_id=message).values_list("state", "address"))
    facts["failed"] = [address for state, address in states if state == 4]
    facts["bounced is suppressed"] = all(is_suppressed(address) for address in facts["failed"])
    facts["in doubt"] = sum(1 for state, _ in states if state == 6)
print(json.dumps(facts))
"""


def _counted(stack: Stack, table: Table, campaign: int) -> None:
    import json  # noqa: PLC0415 - its only use here

    def ask() -> dict[str, object]:
        out = stack.manage("shell", "-v", "0", "-c", COUNT.format(slug=stack.slug, campaign=campaign))
        return dict(json.loads(out.strip().splitlines()[-1]))

    wait_until("Opens and clicks in the ledger", lambda: ask()["opened"] == OPENED, 40)
    found = ask()
    table.check("touchpoints: people who opened", OPENED, found["opened"])
    table.check("touchpoints: people who clicked", CLICKED, found["clicked"])
    table.check("touchpoints: people who unsubscribed", STOPPED, found["unsubscribed"])
    table.check(
        "failed for good, and on the do-not-contact list",
        True,
        bool(found["failed"]) and found["bounced is suppressed"],
    )
    table.check("outcome unknown", 0, found["in doubt"])


def id_in(page: httpx.Response, pattern: str) -> int:
    """The number in the address that a page came from."""
    found = re.search(pattern, str(page.url))
    if not found:
        raise WalkError(f"{page.url} is not where this should have led.")
    return int(found[1])


def _html(email: EmailMessage) -> str:
    part = email.get_body(preferencelist=("html",))
    return part.get_content() if part else ""


def own_page_of(email: EmailMessage) -> str:
    """The link to the reader's own page."""
    return _first(r'(http[^\s"]+/p/[^\s"/]+/me/[^\s"/]+/)', _html(email))


def pixel_of(email: EmailMessage) -> str:
    """The address of the picture that says that it was opened."""
    return _first(r'src="(http[^"]+/o/[^"]+)"', _html(email))


def _link(email: EmailMessage) -> str:
    return _first(r'href="(http[^"]+/c/[^"]+)"', _html(email))


def _stop(email: EmailMessage) -> str:
    return _first(r"<(http[^>]+)>", str(email["List-Unsubscribe"]))


def _first(pattern: str, text: str) -> str:
    found = re.search(pattern, text)
    if not found:
        raise WalkError(f"An email holds nothing like {pattern}")
    return found[1]
