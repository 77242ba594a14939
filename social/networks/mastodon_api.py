"""Speaking with one server of the Mastodon family: one request, one answer, its limits, its errors in words.

Servers differ: the headers of limits may be absent, `Link` may name another host, a proxy may answer 200 with a page.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from conversations.channels import ChannelError
from lib.clock import now
from lib.connections.multipart import write_multipart
from lib.connections.outgoing import UnsafeAddressError
from lib.connections.safe_fetch import Fetched, FetchFailedError, safe_fetch
from lib.foreign.cleaning import html_to_text, to_line
from lib.foreign.foreign_json import BadJsonError, read_json, split_list
from social.host_budget import spend

LARGEST = 8_000_000
SECONDS = 15.0
SHORTEST_WAIT, USUAL_WAIT, LONGEST_WAIT = 5, 300, 3600
LINK = re.compile(r'<([^<>]{1,2000})>\s*;[^,<]{0,200}?rel="?(\w+)"?')


class AnswerError(ChannelError):
    """The server answered, and not as we asked. `is_gone`: it says itself, in data and no page, that there is no such thing."""

    def __init__(self, text: str, *, status: int, again: bool = True, wait: int = 0, is_gone: bool = False) -> None:
        super().__init__(text, again=again, wait=wait)
        self.status, self.is_gone = status, is_gone


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back with a status of success."""

    body: bytes
    headers: Mapping[str, str]
    url: str
    host: str

    def tree(self) -> dict[str, Any]:
        """The object it holds. ChannelError for anything else."""
        try:
            found = read_json(self.body)
        except BadJsonError as error:
            raise ChannelError(self._no_api()) from error
        if not isinstance(found, dict):
            raise ChannelError(self._no_api())
        return found

    def parts(self) -> list[bytes]:
        """The elements of the list it holds, unread: one that is broken spoils no other. ChannelError for anything else."""
        found = split_list(self.body)
        if found is None:
            raise ChannelError(self._no_api())
        return found

    def link(self, rel: str, name: str) -> str:
        """The value of `name` in the query of this link; the host that stands there is not believed."""
        for address, kind in LINK.findall(self.headers.get("link", "")):
            if kind == rel:
                try:
                    values = parse_qs(urlsplit(str(address)).query)
                except ValueError:
                    return ""
                return values.get(name, [""])[0]
        return ""

    def _no_api(self) -> str:
        return _("%(host)s answers with a page instead of data. Is it a server of the Mastodon family?") % {
            "host": self.host
        }


@dataclass(slots=True)
class Api:
    """One server and our token there. `quota` is what the last answer said of its limit."""

    server: str
    token: str = ""
    is_answer: bool = False
    quota: dict[str, Any] = field(default_factory=dict)

    @property
    def host(self) -> str:
        """Its name in words and counts, with the port where one is said."""
        return urlsplit(self.server).netloc

    def get(self, path: str, **params: Any) -> Answer:
        """Ask. `AnswerError` for any status but success, ChannelError when nothing usable came."""
        query = f"?{urlencode(params, doseq=True)}" if params else ""
        return self._ask("GET", path + query)

    def post(self, path: str, tree: Mapping[str, Any] | None = None, *, key: str = "") -> Answer:
        """Tell. `key` goes as Idempotency-Key, which not every server heeds."""
        headers = {"Content-Type": "application/json"} | ({"Idempotency-Key": key} if key else {})
        return self._ask("POST", path, headers, json.dumps(dict(tree or {}), ensure_ascii=False).encode())

    def upload(self, path: str, fields: Mapping[str, str], file: tuple[str, str, bytes]) -> Answer:
        """Hand over a file, (name, kind, bytes), with fields beside it."""
        kind, body = write_multipart(fields, *file)
        return self._ask("POST", path, {"Content-Type": kind}, body)

    def _ask(self, method: str, path: str, headers: Mapping[str, str] | None = None, content: bytes = b"") -> Answer:
        spend(self.host, is_answer=self.is_answer)
        signed = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        try:
            found = safe_fetch(
                self.server + path,
                method=method,
                headers={"Accept": "application/json", **signed, **(headers or {})},
                content=content,
                largest=LARGEST,
                seconds=SECONDS,
            )
        except UnsafeAddressError as error:
            raise ChannelError(_("We do not connect to this server: %(why)s.") % {"why": error}, again=False) from error
        except FetchFailedError as error:
            words = _("%(host)s does not answer as it should: %(why)s.")
            raise ChannelError(words % {"host": self.host, "why": error}) from error
        self.quota = quota_of(found.headers) or self.quota
        if 200 <= found.status < 300:
            return Answer(found.body, found.headers, found.url, self.host)
        raise self._error(found)

    def _error(self, found: Fetched) -> AnswerError:
        facts = {"host": self.host, "status": found.status, "said": said_in(found.body)}
        if found.status == 401:
            words = _("%(host)s does not know our token any more (401). Nothing is lost: sign in again.")
            return AnswerError(words % facts, status=401, again=False)
        if found.status == 403 and facts["said"]:
            words = _("%(host)s does not allow this to our token (403: %(said)s). Sign in again with a token that may.")
            return AnswerError(words % facts, status=403, again=False)
        if found.status == 429 or (found.status == 503 and found.headers.get("retry-after")):
            words = _("%(host)s asked us to wait (%(status)s).")
            return AnswerError(words % facts, status=found.status, wait=wait_of(found.headers))
        words = _("%(host)s answered %(status)s: %(said)s") if facts["said"] else _("%(host)s answered %(status)s.")
        is_gone = found.status in {404, 410} and found.body.strip()[:1] in {b"{", b"["}
        return AnswerError(words % facts, status=found.status, is_gone=is_gone)


def said_in(body: bytes) -> str:
    """What the server says of an error, on one line; "" for a page or nothing."""
    try:
        found = read_json(body)
    except BadJsonError:
        return ""
    said = found.get("error_description") or found.get("error") if isinstance(found, dict) else ""
    return to_line(html_to_text(said), 120) if isinstance(said, str) else ""


def quota_of(headers: Mapping[str, str]) -> dict[str, Any]:
    """{left, of, resets_at} as the server counts; {} where it names no limit."""
    left, of = headers.get("x-ratelimit-remaining", "").strip(), headers.get("x-ratelimit-limit", "").strip()
    if not all(one.isascii() and one.isdigit() and len(one) < 10 for one in (left, of)):
        return {}
    resets = _moment(headers.get("x-ratelimit-reset", ""))
    return {"left": int(left), "of": int(of), "resets_at": resets.isoformat() if resets else ""}


def wait_of(headers: Mapping[str, str]) -> int:
    """Seconds to wait: Retry-After, else until the limit is counted anew (a date, or seconds since 1970), else five minutes."""
    after = headers.get("retry-after", "").strip()
    if after.isascii() and after.isdigit():
        seconds = float(after[:10])
    else:
        moment = _moment(headers.get("x-ratelimit-reset", ""))
        seconds = (moment - now()).total_seconds() + 1 if moment else USUAL_WAIT
    return int(min(max(seconds, SHORTEST_WAIT), LONGEST_WAIT))


def _moment(text: str) -> datetime | None:
    text = text.strip()
    try:
        if text.isascii() and text.isdigit():
            return datetime.fromtimestamp(int(text[:12]), UTC)
        found = parse_datetime(text)
    except (ValueError, OverflowError, OSError):
        return None
    if found is None:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
