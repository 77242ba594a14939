"""The echo network's stream: server-sent events, as Mastodon's API sends them."""

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
