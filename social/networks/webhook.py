"""The generic webhook: signed JSON in, signed JSON out, for anything that can make a POST.

`X-Ecrm-Signature: t=<unix seconds>,v1=<hex>`, where v1 is HMAC-SHA256 over "<t>.<body>". Two secrets may be valid at
once, and a header may bear several v1, so that either side rotates without a gap.
"""

import hmac
import json
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from django.utils.dateparse import parse_datetime

from ecrm.lib.clock import now
from ecrm.lib.safe_fetch import FetchFailedError, UnsafeUrlError, safe_fetch
from social.models import Connection
from social.networks.protocol import Capabilities, ForgedError, Heard, NetworkError, Outbox, Page
from social.secrets import secrets_of

HEADER = "X-Ecrm-Signature"
FRESH_SECONDS = 300
MOST_ITEMS = 500
LONGEST_TEXT = 20_000
FIRST_MOMENT = datetime(1970, 1, 1, tzinfo=UTC)
TRY_AGAIN = {408, 409, 425, 429}


class BadItemError(ValueError):
    """One item that cannot be kept; the text names the field and the rule."""


class BadBodyError(ValueError):
    """A delivery that is no JSON, or too much of it; the text says where."""


class Webhook:
    """Anything that speaks our signed JSON."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def capabilities(self) -> Capabilities:
        return Capabilities(receives=True, replies=bool(self.connection.callback_url))

    def poll(self, cursor: Mapping[str, Any]) -> Page:
        return Page(cursor=cursor)

    def verify_webhook(self, headers: Mapping[str, str], raw_body: bytes) -> None:
        moment, given = _read_header(headers.get(HEADER, ""))
        if abs(time.time() - moment) > FRESH_SECONDS:
            raise ForgedError("the signature is older than five minutes")
        wanted = [sign(secret, moment, raw_body) for secret in secrets_of(self.connection)]
        if not any([hmac.compare_digest(one, other) for one in wanted for other in given]):  # noqa: C419 - all of them
            raise ForgedError("the signature does not fit")

    def reply(self, row: Outbox) -> str:
        if not self.connection.callback_url:
            raise NetworkError("this connection has no address for answers", again=False)
        body = json.dumps(
            {
                "key": row.key,
                "in_reply_to": row.mention_id,
                "url": row.mention_url,
                "thread": row.thread,
                "network": row.network,
                "public": row.is_public,
                "text": row.text,
            },
            ensure_ascii=False,
        ).encode()
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": row.key,
            HEADER: signature(secrets_of(self.connection)[0], body),
        }
        try:
            found = safe_fetch(
                self.connection.callback_url, method="POST", headers=headers, content=body, largest=65_536
            )
        except UnsafeUrlError as error:
            raise NetworkError(str(error), again=False) from error
        except FetchFailedError as error:
            raise NetworkError(str(error)) from error
        if not 200 <= found.status < 300:
            raise NetworkError(f"answered {found.status}", again=found.status >= 500 or found.status in TRY_AGAIN)
        return _id_in(found.body)


def sign(secret: str, moment: int, body: bytes) -> str:
    """HMAC-SHA256 over "moment.body", in hex."""
    return hmac.new(secret.encode(), f"{moment}.".encode() + body, sha256).hexdigest()


def signature(secret: str, body: bytes, moment: int | None = None) -> str:
    """The whole header for a body, signed now."""
    moment = int(time.time()) if moment is None else moment
    return f"t={moment},v1={sign(secret, moment, body)}"


def read_body(raw: bytes) -> list[Any]:
    """The items of a delivery, one or a list. BadBodyError."""
    try:
        said = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise BadBodyError(f"not JSON: {error}"[:200]) from error
    items = said if isinstance(said, list) else [said]
    if len(items) > MOST_ITEMS:
        raise BadBodyError(f"{len(items)} items; {MOST_ITEMS} at most")
    return items


def read_item(item: Any) -> Heard:
    """One item in our words, or BadItemError."""
    if not isinstance(item, dict):
        raise BadItemError("an item is an object")
    author = item.get("author") or {}
    if not isinstance(author, dict):
        raise BadItemError("author is an object with handle, name, url, followers")
    is_deleted = item.get("deleted") is True
    edited = _moment(item, "edited_at")
    published = _moment(item, "published_at")
    if published is None and not is_deleted:
        raise BadItemError("published_at is missing")
    text = _text(item, "text", LONGEST_TEXT, cut=True)
    if not text.strip() and not is_deleted:
        raise BadItemError("text is missing")
    return Heard(
        remote_id=_required(item, "id", 300),
        text=text,
        handle=_text(author, "handle", 200) if is_deleted else _required(author, "handle", 200, "author."),
        name=_text(author, "name", 200, cut=True),
        author_url=_address(author, "url"),
        followers=_number(author, "followers", 0, 10**12),
        url=_address(item, "url"),
        published_at=published or edited or now(),
        thread=_text(item, "thread", 200),
        title=_text(item, "title", 200, cut=True),
        language=_text(item, "language", 35),
        network=_text(item, "network", 40).lower(),
        is_public=_yes_or_no(item, "public"),
        rating=_number(item, "rating", 0, 5),
        edited_at=edited,
        is_deleted=is_deleted,
    )


def _read_header(text: str) -> tuple[int, list[str]]:
    pairs = [part.strip().partition("=") for part in text.split(",")]
    times = [value for name, _eq, value in pairs if name == "t" and value.isascii() and value.isdigit()]
    given = [value for name, _eq, value in pairs if name == "v1" and value.isascii()]
    if len(times) != 1 or not given or len(given) > 4 or len(times[0]) > 12:
        raise ForgedError(f"{HEADER} is missing or not t=…,v1=…")
    return int(times[0]), given


def _id_in(body: bytes) -> str:
    try:
        said = json.loads(body or b"{}")
    except ValueError:
        return ""
    return str(said.get("id") or "")[:300] if isinstance(said, dict) else ""


def _required(item: dict[str, Any], name: str, longest: int, where: str = "") -> str:
    value = item.get(name)
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or not value.strip():
        raise BadItemError(f"{where}{name} is missing")
    if len(value) > longest:
        raise BadItemError(f"{where}{name} is longer than {longest}")
    return value.strip().replace("\0", "")


def _text(item: dict[str, Any], name: str, longest: int, *, cut: bool = False) -> str:
    value = item.get(name)
    if value is None:
        return ""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        raise BadItemError(f"{name} is text")
    if len(value) > longest:
        if not cut:
            raise BadItemError(f"{name} is longer than {longest}")
        value = value[: longest - 1] + "…"
    return value.replace("\0", "")


def _address(item: dict[str, Any], name: str) -> str:
    value = _text(item, name, 500)
    if value and not value.lower().startswith(("http://", "https://")):
        raise BadItemError(f"{name} is an http or https address")
    return value


def _number(item: dict[str, Any], name: str, lowest: int, highest: int) -> int | None:
    value = item.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not lowest <= value <= highest:
        raise BadItemError(f"{name} is a number from {lowest} to {highest}")
    return round(value)


def _yes_or_no(item: dict[str, Any], name: str) -> bool | None:
    value = item.get(name)
    if value is not None and not isinstance(value, bool):
        raise BadItemError(f"{name} is true or false")
    return value


def _moment(item: dict[str, Any], name: str) -> datetime | None:
    value = item.get(name)
    if value is None:
        return None
    try:
        moment = parse_datetime(value) if isinstance(value, str) else None
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise BadItemError(f"{name} is a time with its zone, as 2026-11-19T13:50:00Z")
    if moment < FIRST_MOMENT:
        raise BadItemError(f"{name} lies before 1970")
    if moment > now() + timedelta(minutes=10):
        raise BadItemError(f"{name} lies more than 10 minutes ahead")
    return moment.astimezone(UTC)
