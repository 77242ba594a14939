"""What the echo network has that is new: as a page, and as a stream of server-sent events, both as Mastodon's API has them."""

import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

STREAM = "/api/v1/streaming/user/notification"
NEWS_EVERY, HEARTBEAT = 0.5, 15.0  # seconds


def tell_news(to: Any, newest: Callable[[], str], is_over: threading.Event) -> None:
    """A word for each mention that is new, else a heartbeat, until they hang up or it is over.

    `newest` is the id of the newest mention.
    """
    told, quiet = newest(), 0.0
    with suppress(OSError):
        to.write(b":)\n")
        while not is_over.wait(NEWS_EVERY):
            found, quiet = newest(), quiet + NEWS_EVERY
            if found != told:
                to.write(b'event: notification\ndata: {"type":"mention","id":"%s"}\n\n' % found.encode())
                told, quiet = found, 0.0
            elif quiet >= HEARTBEAT:
                to.write(b":thump\n")
                quiet = 0.0


def page_of(ids: list[str], asked: dict[str, str]) -> list[str]:
    """Newest first; behind `min_id` the oldest ones, else the newest, those before `max_id`."""
    limit = int(asked["limit"]) if asked.get("limit", "").isdigit() else 40
    rows = sorted(ids, key=int)
    if asked.get("min_id", "").isdigit():
        rows = [one for one in rows if int(one) > int(asked["min_id"])][:limit]
    elif asked.get("max_id", "").isdigit():
        rows = [one for one in rows if int(one) < int(asked["max_id"])][-limit:]
    return rows[-limit:][::-1]


def instance_of(name: str, domain: str, url: str, longest: int) -> dict[str, Any]:
    """What it says of itself to everybody: how long a post may be, and where it streams."""
    return {
        "uri": domain,
        "domain": domain,
        "title": name,
        "version": "4.2.0 (compatible; Echo 1.0)",
        "configuration": {
            "urls": {"streaming": url.replace("http", "ws", 1)},
            "statuses": {"max_characters": longest, "characters_reserved_per_url": 23},
        },
    }
