"""One request to a push service for one browser (RFC 8030), and what it answered.

2xx       it took it
404 410   the browser is gone; so are 400, 401 and 403 where our key has proved good at this very service: it belongs to
          another key
others    what they mean for a message is its sender's to say
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from lib.connections.kept_lines import KeptLines, NoAnswerError, NothingAskedError
from lib.connections.outgoing import NotReachedError, UnsafeAddressError
from lib.connections.safe_fetch import Fetched, FetchFailedError
from lib.push.endpoints import check_endpoint, origin_of
from lib.push.keys import Proofs
from lib.push.sealing import seal_for

GONE, NOT_OUR_KEY = frozenset({404, 410}), frozenset({400, 401, 403})
LATER = frozenset({408, 425, 429})
GONE_HERE = 410  # as a service itself says it
Posting = tuple[str, dict[str, str], bytes] | None  # where, headers, body


class KeptBrowser(Protocol):
    """What is kept of a browser that takes notifications."""

    digest: str
    endpoint: str
    p256dh: str
    auth: str
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class Asked:
    """Which browser is asked: `origin` is its push service, `seen_at` how new what we know of it is."""

    digest: str
    origin: str = ""
    seen_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """Of one browser: the answer, or why there is none. `is_doubt`: it left whole, and nobody said a word. Not `is_asked`:
    the turn did not come to it.
    """

    asked: Asked
    said: Fetched | None = None
    why: str = ""
    is_doubt: bool = False
    is_asked: bool = True

    @property
    def status(self) -> int:
        return self.said.status if self.said else 0

    @property
    def is_taken(self) -> bool:
        return 200 <= self.status < 300

    @property
    def is_passing(self) -> bool:
        """Whether the same may be taken later: there was no answer, or one of haste, of load or of a fault on their side."""
        return self.status == 0 or self.status >= 500 or self.status in LATER

    def is_gone(self, good_at: Collection[str]) -> bool:
        """Whether there is nobody behind it any more; `good_at`: the services that have taken something by our key."""
        return self.status in GONE or (self.asked.origin in good_at and self.status in NOT_OUR_KEY)


@dataclass(frozen=True, slots=True)
class Manner:
    """How a push service keeps it: for how many seconds, which devices it wakes for it, and what the newest replaces."""

    seconds: int
    urgency: str = "normal"
    topic: str = ""


def asked_of(browser: KeptBrowser) -> Asked:
    """Which browser it is; without an origin where its service is not known here any more."""
    try:
        return Asked(browser.digest, origin_of(check_endpoint(browser.endpoint)), browser.seen_at)
    except ValueError:
        return Asked(browser.digest, "", browser.seen_at)


def posting_for(browser: KeptBrowser, raw: bytes, proofs: Proofs, manner: Manner) -> Posting:
    """The request for one browser; None where its service is not known here any more, or nothing can be sealed."""
    try:
        origin = origin_of(check_endpoint(browser.endpoint))
        sealed = seal_for(raw, browser.p256dh, browser.auth)
    except ValueError:
        return None
    headers = {
        "Authorization": proofs.header(origin),
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
        "TTL": str(manner.seconds),
        "Urgency": manner.urgency,
    }
    if manner.topic:
        headers["Topic"] = manner.topic
    return browser.endpoint, headers, sealed


def ask_one(lines: KeptLines, asked: Asked, posting: Posting, seconds: float) -> Answer:
    """Ask a push service once. Never raises what it or the line to it does."""
    if seconds <= 0:
        return Answer(asked, why="no time was left for it", is_asked=False)
    if posting is None:
        return Answer(asked, Fetched(GONE_HERE), "its push service is not known here")
    url, headers, body = posting
    try:
        answer = lines.post(headers, body, seconds=seconds, url=url)
    except NoAnswerError as error:
        return Answer(asked, why=str(error), is_doubt=True)
    except UnsafeAddressError:
        return Answer(asked, Fetched(GONE_HERE), "no public address")
    except (NothingAskedError, NotReachedError, FetchFailedError) as error:
        return Answer(asked, why=str(error))
    return Answer(asked, answer)
