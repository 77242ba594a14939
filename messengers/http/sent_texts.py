"""What an account at Twilio sent to a number: GET Messages.json?To=…, the newest first. By it a doubt is settled."""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple, Protocol
from urllib.parse import urlencode

from delivery.returns.events import part_of, word_of
from lib.connections.outgoing import UnsafeAddressError
from lib.connections.safe_fetch import FetchFailedError, safe_fetch
from lib.foreign.cleaning import to_line
from messengers.http.verdicts import tree_of

A_PAGE = 50
SECONDS = 20.0
FAILED = frozenset({"failed", "undelivered", "canceled"})


class NotListedError(OSError):
    """The account does not say now what it sent; the text says why."""


class SentText(NamedTuple):
    """One text that the account holds: Twilio's id, its words, when it was made there (None: it does not say)."""

    sid: str
    text: str
    made_at: datetime | None


class Account(Protocol):
    """Whose texts are listed."""

    def url(self) -> str: ...

    def keys(self) -> Mapping[str, str]: ...


def list_sent(account: Account, to: str) -> list[SentText]:
    """The newest fifty to this number that did not fail. NotListedError."""
    url = f"{account.url()}?{urlencode({'To': to, 'PageSize': A_PAGE})}"
    try:
        answer = safe_fetch(url, headers=account.keys(), seconds=SECONDS)
    except (UnsafeAddressError, FetchFailedError) as error:
        raise NotListedError(str(error)) from error
    found = part_of(tree_of(answer), "messages")
    if answer.status != 200 or not isinstance(found, list):
        raise NotListedError(str(answer.status))
    return [_read(one) for one in found if _is_ours(one)]


def _is_ours(tree: Any) -> bool:
    return word_of(tree, "direction").startswith("outbound") and word_of(tree, "status") not in FAILED


def _read(tree: Any) -> SentText:
    return SentText(to_line(word_of(tree, "sid"), 64), word_of(tree, "body"), _moment(word_of(tree, "date_created")))


def _moment(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)
