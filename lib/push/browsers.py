"""A browser that allows notifications: what it tells us of itself, and the secret by which it is known again."""

import hmac
import re
from dataclasses import dataclass
from typing import Any, Protocol

from lib.push.endpoints import LONGEST, check_endpoint, digest_of
from lib.push.sealing import check_keys

MOST_BROWSERS = 10  # of one person: whoever has more loses the oldest
BROWSERS = (("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"))
SYSTEMS = (("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"),
           ("Mac OS", "macOS"), ("Linux", "Linux"))  # fmt: skip


class NotTheirsError(ValueError):
    """Somebody names a browser of which they do not hold the secret."""


class BadBrowserError(ValueError):
    """What was sent is no subscription of a browser."""


class WithSecret(Protocol):
    """What is kept of a browser."""

    auth: str


@dataclass(frozen=True, slots=True)
class Browser:
    """What a browser tells us when it allows notifications."""

    endpoint: str
    p256dh: str
    auth: str

    @property
    def digest(self) -> str:
        return digest_of(self.endpoint)

    def is_the_one(self, kept: WithSecret) -> bool:
        """Whether it is the very browser of which this is kept, by its own secret."""
        return hmac.compare_digest(kept.auth, self.auth)

    def check_secret(self, kept: WithSecret) -> None:
        """NotTheirsError unless it is the very browser of which this is kept."""
        if not self.is_the_one(kept):
            raise NotTheirsError("another browser's subscription")


def read_browser(said: Any) -> Browser:
    """From PushSubscription.toJSON(). BadBrowserError, BadEndpointError, BadKeyError."""
    keys = said.get("keys") if isinstance(said, dict) else None
    parts = [said.get("endpoint"), keys.get("p256dh"), keys.get("auth")] if isinstance(keys, dict) else []
    texts = [one for one in parts if isinstance(one, str)]
    if len(texts) != 3:
        raise BadBrowserError("no subscription of a browser")
    endpoint, p256dh, auth = texts
    check_keys(p256dh[:200], auth[:200])
    return Browser(check_endpoint(endpoint[: LONGEST + 1]), p256dh.rstrip("="), auth.rstrip("="))


def family_of(agent: str) -> str:
    """The browser and the system in a User-Agent, in two words: "Firefox, Android"."""
    found = [
        next((name for sign, name in table if re.search(rf"\b{sign}", agent)), "") for table in (BROWSERS, SYSTEMS)
    ]
    return ", ".join(filter(None, found))
