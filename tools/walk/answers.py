"""Answers elsewhere: a forward by email, a listener's find, and a text, each against a server on loopback."""

import re
import tempfile
import threading
import uuid
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx

from backstage.demo import echo_network, text_gateway
from tools.walk.catching import Letterbox
from tools.walk.stack import Browser, Stack, WalkError, wait_until
from tools.walk.table import Table

LEGAL, NUMBER, TOKEN = "legal@outside.example", "+4915200000077", "walk-token"
ANSWER = "It is open until six."


def walk_forward(browser: Browser, table: Table, box: Letterbox) -> None:
    """The first that waits goes to somebody outside, once, though the button is pressed twice."""
    table.title("A message forwarded by email")
    found = re.search(r'href="[^"]*/inbox/(\d+)/', browser.get("inbox/").text)
    mention = re.search(r"/inbox/mentions/(\d+)/reply/", browser.get(f"inbox/{found[1]}/").text) if found else None
    if not found or not mention:
        raise WalkError("Nobody waits in the inbox.")
    where, said = f"inbox/mentions/{mention[1]}/forward/", {"address": LEGAL, "note": "Look.", "key": str(uuid.uuid4())}
    for _twice in range(2):
        browser.post(where, said)
    wait_until("The forward", lambda: [one for one in box.emails if one[0] == LEGAL], 60)
    table.check("emails that went there", 1, len([one for one in box.emails if one[0] == LEGAL]))
    shown = wait_until("Its state", lambda: f"forwarded this to {LEGAL}" in browser.get(f"inbox/{found[1]}/").text)
    table.check("the conversation says so, and it waits on", True, shown)


def walk_listener(stack: Stack, browser: Browser, table: Table) -> None:
    """A server of the Mastodon family, a hashtag by the API, and what it finds asks for no answer."""
    table.title("A listener finds a hashtag")
    with tempfile.TemporaryDirectory() as folder:
        server = echo_network.serve(0, TOKEN, Path(folder) / "said")
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        try:
            _listen(stack, browser, table, f"http://127.0.0.1:{server.server_port}")
        finally:
            server.shutdown()
            server.server_close()


def _listen(stack: Stack, browser: Browser, table: Table, url: str) -> None:
    form = {"mastodon-name": "Echo", "mastodon-server": url, "mastodon-token": TOKEN}
    browser.post("inbox/connections/mastodon/add/", form, on="inbox/connections/")
    head = {"Authorization": f"Bearer {stack.api_key}"}
    with httpx.Client(base_url=f"{stack.url}/api/v1/", headers=head, timeout=30, trust_env=False) as api:
        rows = api.get("connections").json()["items"]
        connection = next(one["id"] for one in rows if one["network"] == "mastodon")
        said = {"connection": connection, "kind": "hashtag", "query": "#tea"}
        made = [api.post("listeners", json=said) for _twice in range(2)]
        table.check(
            "added twice, one listener", (201, 1), (made[0].status_code, len({one.json()["id"] for one in made}))
        )
    page = wait_until("The find", lambda: _shows(browser, "inbox/?only=found", "Mei Tanaka"), 240)
    table.check("it says what found it", True, "found by #tea" in page)
    table.check("it waits for nothing", False, "Mei Tanaka" in browser.get("inbox/?queue=waiting").text)


def walk_text_answers(stack: Stack, browser: Browser, table: Table) -> None:
    """Somebody texts, we answer by the demo's gateway, it is delivered, and they answer once."""
    table.title("A text, and the answer to it")
    server = text_gateway.serve(0, TOKEN)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        _text(browser, table, server)
    finally:
        server.shutdown()
        server.server_close()


def _text(browser: Browser, table: Table, server: Any) -> None:
    url = f"http://127.0.0.1:{server.server_port}"
    own = {
        "name": "Echo texts", "account_sid": text_gateway.ACCOUNT, "secret": TOKEN, "from_number": "+4915112345679",
        "test_number": NUMBER, "endpoint": url, "per_second": 50, "connections": 2,
    }  # fmt: skip
    browser.post("campaigns/senders/new/?kind=sms", own)
    page = browser.get("campaigns/senders/").text
    pk = page.partition(">Echo texts</a>")[0].rpartition("/campaigns/senders/")[2].partition("/")[0]
    shown = re.search(r"https?://[^\s\"<]+/texts/[^\s\"<]+", browser.get(f"campaigns/senders/{pk}/").text)
    if not shown:
        raise WalkError("The sender's page shows no address for answers.")
    inbound = shown[0]
    browser.post(f"campaigns/senders/{pk}/", own | {"endpoint": text_gateway.endpoint_for(url, inbound)})
    came = {"MessageSid": "SMwalk1", "From": NUMBER, "Body": "Are you open on Saturday?"}
    seal = text_gateway.seal_of(TOKEN, inbound, came)
    said = httpx.post(
        inbound,
        content=urlencode(came),
        headers={"X-Twilio-Signature": seal, "Content-Type": "application/x-www-form-urlencoded"},
        trust_env=False,
    )
    table.check("what they wrote is taken", 200, said.status_code)
    found = re.search(r'href="[^"]*/inbox/(\d+)/', browser.get("inbox/?network=sms").text)
    page = browser.get(f"inbox/{found[1]}/").text if found else ""
    mention, key = re.search(r"/inbox/mentions/(\d+)/reply/", page), re.search(r'name="key"[^>]*value="([^"]+)"', page)
    if not found or not mention or not key:
        raise WalkError("The text does not stand in the inbox.")
    browser.post(f"inbox/mentions/{mention[1]}/reply/", {"text": ANSWER, "key": key[1]}, on=f"inbox/{found[1]}/")
    wait_until("The text", lambda: server.gateway.sent, 60)
    table.check("texts that left", [(NUMBER, ANSWER)], [(one["to"], one["body"]) for one in server.gateway.sent])
    thanked = wait_until("Their answer", lambda: _shows(browser, f"inbox/{found[1]}/", "echo"), 60)
    table.check("they answered, and wait again", True, bool(thanked))


def _shows(browser: Browser, path: str, words: str) -> str:
    page = browser.get(path).text
    return page if words in page else ""
