"""Hutto's tweets as mentions through the signed webhook, and one of them answered."""

import hashlib
import hmac
import html
import json
import re
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import batched
from typing import Any

import httpx

from tools.walk.catching import Network
from tools.walk.stack import DATA, Browser, Stack, WalkError, wait_until
from tools.walk.table import Table

TWEETS, PAGE = 1_000, 500
ANSWER = "Thank you for telling us. We look into it today."


def walk_mentions(stack: Stack, browser: Browser, table: Table, network: Network) -> None:
    """Listen, listen again, answer the first."""
    table.title(f"Hutto's tweets: {TWEETS:,} mentions through the signed webhook")
    link, secret = _connect(browser, network)
    items = _tweets()
    for name, new in (("first time", TWEETS), ("replayed", 0)):
        answers = [_deliver(link, secret, list(page)) for page in batched(items, PAGE)]
        table.check(f"new mentions, {name}", new, sum(a["new"] for a in answers))
        table.check(f"refused, {name}", 0, sum(len(a["refused"]) for a in answers))
    forged = _post(link, "another secret", items[:1])
    table.check("a forged signature is refused", 401, forged.status_code)
    _answer(browser, table, network)


def _connect(browser: Browser, network: Network) -> tuple[str, str]:
    form = {"webhook-name": "Tweets", "webhook-callback_url": network.url, "webhook-is_public": "on"}
    page = browser.post("inbox/connections/webhook/add/", form, on="inbox/connections/").text
    secret, link = (re.search(rf'id="{name}">([^<]+)<', page) for name in ("secret", "hookurl"))
    if not secret or not link:
        raise WalkError("The page of the new webhook shows no secret or address.")
    return html.unescape(link[1]), html.unescape(secret[1])


def _tweets() -> list[dict[str, Any]]:
    lines = (DATA / "sentiment" / "hutto_tweets.txt").read_text(encoding="utf-8", errors="replace").splitlines()
    start = datetime.now(UTC) - timedelta(days=2)
    return [
        {
            "id": f"tweet-{number}",
            "text": html.unescape(line.split("\t", 2)[2]),
            "author": {"handle": f"@tweeter{at % 200}@tweets.example", "name": f"Tweeter {at % 200}", "followers": at},
            "published_at": (start + timedelta(minutes=at)).isoformat(),
            "language": "en",
        }
        for at, line in enumerate(lines[:TWEETS])
        for number in [line.split("\t", 1)[0]]
    ]


def _deliver(link: str, secret: str, items: list[dict[str, Any]]) -> dict[str, Any]:
    response = _post(link, secret, items)
    if response.status_code != 200:
        raise WalkError(f"The webhook answered {response.status_code}: {response.text[:300]}")
    return dict(response.json())


def _post(link: str, secret: str, items: list[dict[str, Any]]) -> httpx.Response:
    body, moment = json.dumps(items).encode(), int(time.time())
    seal = hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    headers = {"X-Ecrm-Signature": f"t={moment},v1={seal}", "Content-Type": "application/json"}
    return httpx.post(link, content=body, headers=headers, timeout=60, trust_env=False)


def _answer(browser: Browser, table: Table, network: Network) -> None:
    page = browser.get("inbox/").text
    found = re.search(r'href="[^"]*/inbox/(\d+)/', page)
    if not found:
        raise WalkError("Nobody waits in the inbox.")
    path = f"inbox/{found[1]}/"
    page = browser.get(path).text
    mention, key = re.search(r"/inbox/mentions/(\d+)/reply/", page), re.search(r'name="key"[^>]*value="([^"]+)"', page)
    if not mention or not key:
        raise WalkError("The conversation has no reply box.")
    form = {"text": ANSWER, "key": key[1]}
    for _twice in range(2):  # the second press of the same button is the same answer
        browser.client.post(
            f"/w/{browser.stack.slug}/inbox/mentions/{mention[1]}/reply/",
            data=form | {"csrfmiddlewaretoken": browser.client.cookies.get("csrftoken", "")},
            headers={"Referer": browser.stack.url},
        )
    wait_until("The answer", lambda: network.kept, 60)
    time.sleep(3)
    table.check("answers that reached the network", 1, len(network.kept))
    table.check("its words", ANSWER, network.kept[0][1]["text"])
    table.check("keys given once", 1, max(Counter(key for key, _ in network.kept).values()))
