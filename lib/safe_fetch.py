"""The one way out to addresses that somebody else wrote: webhooks, feeds, callbacks.

The name is resolved once and the connection goes to exactly that address; every redirect is checked again; ports,
size and time have limits. No other module may open a connection by HTTP.
"""

import ipaddress
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import httpx
from django.conf import settings

PORTS = frozenset({80, 443, 8080, 8443})
NAT64 = ipaddress.ip_network("64:ff9b::/96")
MOST_REDIRECTS = 5
LARGEST = 2_000_000
SECONDS = 15.0
AGENT = "eCRM (self-hosted; fetches what its workspace connected)"

Resolver = Callable[[str, int], list[str]]


class UnsafeUrlError(ValueError):
    """An address that we do not connect to; the text says why."""


class FetchFailedError(OSError):
    """The other side did not answer as a server should: no connection, too slow, too large."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """What came back: the status, headers in lower case, the body, the address it came from at last."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    url: str = ""


def resolve_name(host: str, port: int) -> list[str]:
    """The addresses of a host name, as the system knows them."""
    return [str(row[4][0]) for row in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def safe_fetch(
    url: str,
    *,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    content: bytes = b"",
    largest: int = LARGEST,
    seconds: float = SECONDS,
    resolver: Resolver = resolve_name,
) -> Fetched:
    """Ask `url` and return the answer, whatever its status. Only GET follows redirects.

    UnsafeUrlError for an address we refuse (at any hop), FetchFailedError when nothing usable came back in time.
    """
    ends_at = time.monotonic() + seconds
    for _hop in range(MOST_REDIRECTS + 1):
        found = _ask(url, method, headers or {}, content, largest, ends_at, resolver)
        target = found.headers.get("location", "")
        if method != "GET" or found.status not in {301, 302, 303, 307, 308} or not target:
            return found
        url = str(httpx.URL(url).join(target))
    raise FetchFailedError(f"more than {MOST_REDIRECTS} redirects")


def check_url(url: str, resolver: Resolver = resolve_name) -> tuple[httpx.URL, str]:
    """The parsed address and the one IP address to connect to, or UnsafeUrlError."""
    try:
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, UnicodeError) as error:
        raise UnsafeUrlError("not an address") from error
    if parsed.scheme not in {"http", "https"}:
        raise UnsafeUrlError("only http and https")
    if parsed.userinfo:
        raise UnsafeUrlError("no names and passwords in addresses")
    if not parsed.host:
        raise UnsafeUrlError("no host")
    port = parsed.port or (443 if parsed.scheme == "https" else 80)
    try:
        addresses = resolver(parsed.host, port)
    except (OSError, UnicodeError) as error:
        raise FetchFailedError(f"{parsed.host} is not known") from error
    if not addresses:
        raise FetchFailedError(f"{parsed.host} is not known")
    for address in addresses:  # one private address among public ones is an attempt, not an accident
        check_address(address, port)
    return parsed, addresses[0]


def check_address(address: str, port: int) -> None:
    """UnsafeUrlError unless this address is public (or loopback, where a setting allows it) and the port usual."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    while isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped:
        ip = ip.ipv4_mapped
    if settings.ECRM_FETCH_LOOPBACK and ip.is_loopback:
        return
    if port not in PORTS:
        raise UnsafeUrlError(f"port {port} is not one of {sorted(PORTS)}")
    inner = isinstance(ip, ipaddress.IPv6Address) and (ip in NAT64 or ip.sixtofour or ip.teredo)
    if inner or not ip.is_global or ip.is_multicast or ip.is_reserved or ip.is_unspecified:
        raise UnsafeUrlError(f"{address} is not a public address")


def _ask(
    url: str,
    method: str,
    headers: Mapping[str, str],
    content: bytes,
    largest: int,
    ends_at: float,
    resolver: Resolver,
) -> Fetched:
    parsed, address = check_url(url, resolver)
    left = max(ends_at - time.monotonic(), 0.01)
    request = httpx.Request(
        method,
        parsed.copy_with(host=address),
        headers={"User-Agent": AGENT, **headers, "Host": parsed.netloc.decode("ascii")},
        content=content or None,
        extensions={"sni_hostname": parsed.host, "timeout": httpx.Timeout(min(left, 10.0)).as_dict()},
    )
    try:
        with httpx.Client(trust_env=False, follow_redirects=False) as client:
            answer = client.send(request, stream=True)
            try:
                body = _read(answer, largest, ends_at)
            finally:
                answer.close()
    except (httpx.HTTPError, ValueError) as error:
        raise FetchFailedError(f"{parsed.host}: {type(error).__name__}") from error
    return Fetched(answer.status_code, {k.lower(): v for k, v in answer.headers.items()}, body, url)


def _read(answer: httpx.Response, largest: int, ends_at: float) -> bytes:
    body = bytearray()
    for piece in answer.iter_bytes():
        body += piece
        if len(body) > largest:
            raise FetchFailedError(f"larger than {largest} bytes")
        if time.monotonic() > ends_at:
            raise FetchFailedError("too slow")
    return bytes(body)
