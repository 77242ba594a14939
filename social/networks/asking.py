"""Asking a network's server for JSON: what it says, or why we have nothing, in words and with the wait it asked for."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from conversations.channels import ChannelError
from lib.clock import now
from lib.connections.outgoing import UnsafeAddressError
from lib.connections.safe_fetch import Fetched, FetchFailedError, safe_fetch
from lib.foreign.cleaning import to_line
from lib.foreign.foreign_json import BadJsonError, read_what_can_be

LARGEST = 5_000_000
SECONDS = 20.0
USUAL_WAIT = 60
LONGEST_WAIT = 86_400
WAIT_HEADERS = ("retry-after", "ratelimit-reset", "x-rate-limit-reset", "x-ratelimit-reset")
QUOTA = {"of": "limit", "left": "remaining", "reset_at": "reset"}


@dataclass(frozen=True, slots=True)
class Said:
    """An answer: its status, headers in lower case, and the JSON in it (None where it is none)."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    tree: Any = None

    @property
    def is_good(self) -> bool:
        return 200 <= self.status < 300


def ask(
    url: str,
    *,
    method: str = "GET",
    params: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
    body: Mapping[str, Any] | None = None,
    form: Mapping[str, Any] | None = None,
    raw: tuple[bytes, str] | None = None,
) -> Said:
    """Whatever the server says, errors of ours among it (4xx). `body` is sent as JSON, `form` as a form, `raw` as (bytes, their
    kind).

    ChannelError where nobody answers, where it broke (5xx), where it asks us to wait (429), and where a good answer is no
    JSON: then something else stands in its place.
    """
    given, content = {"Accept": "application/json", **(headers or {})}, b""
    if body is not None:
        given["Content-Type"], content = "application/json", json.dumps(body, ensure_ascii=False).encode()
    elif form is not None:
        given["Content-Type"], content = "application/x-www-form-urlencoded", urlencode(form, doseq=True).encode()
    elif raw is not None:
        content, given["Content-Type"] = raw
    where = f"{url}?{urlencode(params, doseq=True)}" if params else url
    try:
        found = safe_fetch(where, method=method, headers=given, content=content, largest=LARGEST, seconds=SECONDS)
    except UnsafeAddressError as error:
        raise ChannelError(str(error), again=False) from error
    except FetchFailedError as error:
        raise ChannelError(str(error)) from error
    return _said(found)


def _said(found: Fetched) -> Said:
    wait = wait_of(found.headers)
    if found.status == 429:
        raise ChannelError(_("It asked us to wait: too many requests."), wait=wait or USUAL_WAIT)
    if found.status >= 500:
        raise ChannelError(_("Its server does not work right now (%(status)d).") % {"status": found.status}, wait=wait)
    try:
        return Said(found.status, found.headers, read_what_can_be(found.body) if found.body.strip() else None)
    except BadJsonError as error:
        if 200 <= found.status < 300:
            raise ChannelError(_("It answered with something else than we asked for.")) from error
        return Said(found.status, found.headers)


def wait_of(headers: Mapping[str, str]) -> int:
    """Seconds that these headers ask us to wait, at most a day; 0 where they say nothing that we understand.

    Retry-After holds seconds or a date; the headers of quotas hold seconds, or the Unix time at which it begins anew.
    """
    for name in WAIT_HEADERS:
        text = headers.get(name, "").strip()
        if text.isascii() and text.isdigit() and len(text) < 13:
            seconds = int(text) - (now().timestamp() if int(text) > 10**8 else 0)
        elif text:
            try:
                seconds = (parsedate_to_datetime(text) - now()).total_seconds()
            except (TypeError, ValueError, OverflowError):
                continue
        else:
            continue
        if seconds > 0:
            return int(min(seconds, LONGEST_WAIT)) + 1
    return 0


def quota_of(headers: Mapping[str, str], front: str = "ratelimit") -> dict[str, int]:
    """What is left of what we may ask, as the headers ratelimit-* (or `front`-*) say it; empty where they do not."""
    texts = {name: headers.get(f"{front}-{end}", "").strip() for name, end in QUOTA.items()}
    return {name: int(text) for name, text in texts.items() if text.isascii() and text.isdigit() and len(text) < 13}


def why(said: Said, *path: str) -> str:
    """What the server says of its refusal, on one line; its status where it says nothing."""
    found = said.tree
    for place in path:
        found = found.get(place) if isinstance(found, dict) else None
    return to_line(found, 200) if isinstance(found, str) and found.strip() else f"answered {said.status}"
