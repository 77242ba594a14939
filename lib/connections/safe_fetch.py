"""HTTP to addresses that somebody else wrote: webhooks, feeds, callbacks. No other module may speak HTTP outwards.

Lines are opened by outgoing.py alone, so every redirect is judged again; size has a limit, and so has the whole time
from asking for the name to the last byte, headers that drip in included.
"""

import functools
import ssl
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime

import httpcore
import httpx

from lib.clock import now
from lib.connections.lines import Lines
from lib.connections.outgoing import (
    WEB_PORTS,
    NotReachedError,
    Resolver,
    UnsafeAddressError,
    find_addresses,
    resolve_name,
)

OPEN_HEADERS = {"accept", "accept-language", "if-none-match", "if-modified-since", "user-agent"}
MOST_REDIRECTS = 5
LARGEST = 2_000_000
SECONDS = 15.0
LONGEST_SILENCE = 10.0
AGENT = "eCRM (self-hosted; fetches what its workspace connected)"


class FetchFailedError(OSError):
    """The other side did not answer as a server should: no connection, too slow, too large."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """What came back: the status, headers in lower case, the body, the address it came from at last."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    url: str = ""

    @property
    def wait(self) -> float | None:
        """The seconds of Retry-After, a number or a moment; None where it says nothing that can be read."""
        given = self.headers.get("retry-after", "").strip()
        if given.isascii() and given.isdigit():
            return float(given[:9])
        try:
            return max(0.0, (parsedate_to_datetime(given) - now()).total_seconds())
        except (ValueError, TypeError, OverflowError):
            return None


def safe_fetch(
    url: str,
    *,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    content: bytes = b"",
    largest: int = LARGEST,
    seconds: float = SECONDS,
    cuts: bool = False,
    resolver: Resolver = resolve_name,
) -> Fetched:
    """Ask `url` and return the answer, whatever its status. Only GET follows redirects.

    Another origin that a redirect leads to hears what is asked, and none of our keys (OPEN_HEADERS).

    `cuts`: of a larger body the beginning is enough, for who only wants to know the status. UnsafeAddressError for an
    address we refuse (at any hop), FetchFailedError when nothing usable came back in time.
    """
    ends_at = time.monotonic() + seconds
    said = dict(headers or {})
    for _hop in range(MOST_REDIRECTS + 1):
        found = _ask(url, method, said, content, largest, ends_at, resolver, cuts=cuts)
        target = found.headers.get("location", "")
        if method != "GET" or found.status not in {301, 302, 303, 307, 308} or not target:
            return found
        try:
            before, url = httpx.URL(url), str(httpx.URL(url).join(target))
        except (httpx.InvalidURL, ValueError) as error:
            raise FetchFailedError("it redirects to something that is no address") from error
        if _origin(before) != _origin(parse_url(url)):
            said = {name: text for name, text in said.items() if name.lower() in OPEN_HEADERS}
    raise FetchFailedError(f"more than {MOST_REDIRECTS} redirects")


def check_url(url: str, resolver: Resolver = resolve_name) -> tuple[httpx.URL, str]:
    """The parsed address and one IP address behind it. UnsafeAddressError, FetchFailedError for an unknown name."""
    parsed = parse_url(url)
    try:
        return parsed, find_addresses(parsed.host, _port(parsed), ports=WEB_PORTS, seconds=5, resolver=resolver)[0]
    except NotReachedError as error:
        raise FetchFailedError(str(error)) from error


def parse_url(url: str) -> httpx.URL:
    """The address, taken apart. UnsafeAddressError for what is none, or is not of the web."""
    try:
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, ValueError) as error:
        raise UnsafeAddressError("not an address") from error
    if parsed.scheme not in {"http", "https"}:
        raise UnsafeAddressError("only http and https")
    if parsed.userinfo:
        raise UnsafeAddressError("no names and passwords in addresses")
    if not parsed.host:
        raise UnsafeAddressError("no host")
    return parsed


def _origin(parsed: httpx.URL) -> tuple[str, str, int]:
    return parsed.scheme, parsed.host, _port(parsed)


def _port(parsed: httpx.URL) -> int:
    return parsed.port or (443 if parsed.scheme == "https" else 80)


def _ask(
    url: str,
    method: str,
    headers: Mapping[str, str],
    content: bytes,
    largest: int,
    ends_at: float,
    resolver: Resolver,
    *,
    cuts: bool,
) -> Fetched:
    parsed = parse_url(url)
    try:
        request = httpx.Request(method, parsed, headers={"User-Agent": AGENT, **headers}, content=content or None)
        with httpx.Client(transport=_Transport(ends_at, resolver), trust_env=False) as client:
            answer = client.send(request, stream=True, follow_redirects=False)
            try:
                body = _read(answer, largest, ends_at, cuts=cuts)
            finally:
                answer.close()
    except (UnsafeAddressError, FetchFailedError):
        raise
    except NotReachedError as error:
        raise FetchFailedError(str(error)) from error
    except TimeoutError as error:
        raise FetchFailedError(f"{parsed.host}: too slow") from error
    except (httpx.HTTPError, httpcore.NetworkError, httpcore.ProtocolError, OSError, ValueError) as error:
        raise FetchFailedError(f"{parsed.host}: {type(error).__name__}") from error
    return Fetched(answer.status_code, {k.lower(): v for k, v in answer.headers.items()}, body, url)


def _read(answer: httpx.Response, largest: int, ends_at: float, *, cuts: bool) -> bytes:
    body = bytearray()
    for piece in answer.iter_bytes():
        body += piece
        if cuts and len(body) >= largest:
            return bytes(body[:largest])
        if len(body) > largest:
            raise FetchFailedError(f"larger than {largest} bytes")
        if time.monotonic() > ends_at:
            raise FetchFailedError("too slow")
    return bytes(body)


class _Transport(httpx.BaseTransport):
    """httpx over lines of ours, with one deadline for everything."""

    def __init__(self, ends_at: float, resolver: Resolver) -> None:
        self.pool = httpcore.ConnectionPool(
            ssl_context=certificates(), network_backend=lines_until(ends_at, resolver), max_connections=1
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        where = httpcore.URL(
            scheme=request.url.raw_scheme,
            host=request.url.raw_host,
            port=request.url.port,
            target=request.url.raw_path,
        )
        asked = httpcore.Request(request.method, where, headers=request.headers.raw, content=request.stream)
        answer = self.pool.handle_request(asked)
        return httpx.Response(answer.status, headers=answer.headers, stream=_Body(answer))

    def close(self) -> None:
        self.pool.close()


class _Body(httpx.SyncByteStream):
    def __init__(self, answer: httpcore.Response) -> None:
        self.answer = answer

    def __iter__(self) -> Iterator[bytes]:
        yield from self.answer.iter_stream()

    def close(self) -> None:
        self.answer.close()


def lines_until(ends_at: float, resolver: Resolver) -> httpcore.NetworkBackend:
    """What opens lines through outgoing.py for httpcore, and ends every wait on them then."""
    return Lines(functools.partial(_left, ends_at), resolver)


def _left(ends_at: float) -> float:
    left = ends_at - time.monotonic()
    if left <= 0:
        raise FetchFailedError("too slow")
    return min(left, LONGEST_SILENCE)


@functools.cache
def certificates() -> ssl.SSLContext:
    """Whom we believe; reading it costs 20 ms, so once a process."""
    return httpx.create_ssl_context(trust_env=False)
