"""The one policy for connections to addresses that somebody else wrote, and the one place where they are opened.

A name is resolved once, every address it has is judged, and the line goes to an address that was judged: a name that
answers otherwise the second time gains nothing. Time has a limit that covers the resolver too. safe_fetch speaks HTTP
over such a line, the messenger for email speaks SMTP; tests/test_outgoing.py forbids sockets anywhere else.
"""

import ipaddress
import queue
import socket
import threading
import time
from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings

WEB_PORTS = frozenset({80, 443, 8080, 8443})
MAIL_PORTS = frozenset({25, 465, 587, 2465, 2525, 2587})
SECONDS = 10.0
Resolver = Callable[[str, int], list[str]]
Ip = ipaddress.IPv4Address | ipaddress.IPv6Address
Net = ipaddress.IPv4Network | ipaddress.IPv6Network

# IANA's registries of special-purpose addresses, those included that ipaddress calls global (relays, tunnels,
# anycast, translators): behind them may stand anything, also our own network.
RANGES = (
    "0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 "
    "192.31.196.0/24 192.52.193.0/24 192.88.99.0/24 192.168.0.0/16 192.175.48.0/24 198.18.0.0/15 198.51.100.0/24 "
    "203.0.113.0/24 224.0.0.0/4 240.0.0.0/4 2001::/23 2001:db8::/32 2002::/16 2620:4f:8000::/48 3fff::/20"
)
SPECIAL: tuple[Net, ...] = tuple(ipaddress.ip_network(one) for one in RANGES.split())
GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")  # all that is handed out of IPv6; fec0::/10 and the rest lie outside


class UnsafeAddressError(ValueError):
    """An address that we do not connect to; the text says why."""


class NotReachedError(OSError):
    """Nobody answers there: no such name, no connection, too slow. The text never holds what the other side said."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """Addresses that the operator allows although they are not public, at these ports or (None) at any."""

    network: Net
    ports: frozenset[int] | None = None


def parse_allowed(entries: Iterable[str]) -> tuple[Allowed, ...]:
    """`10.0.0.25:25`, `10.1.0.0/16`, `[fd00::/8]:587` → what is allowed. ValueError names the entry that is none."""
    found = []
    for entry in filter(None, (one.strip() for one in entries)):
        has_port = entry.count(":") == 1 or "]:" in entry
        text, _colon, port = entry.rpartition(":") if has_port else (entry, "", "")
        if text.startswith("[") and text.endswith("]"):
            text = text[1:-1]
        try:
            ports = frozenset({int(port)}) if has_port else None
            found.append(Allowed(ipaddress.ip_network(text), ports))
        except ValueError as error:
            raise ValueError(f"{entry!r} is no address, network or address:port") from error
    return tuple(found)


def own_ports(*urls: str) -> frozenset[int]:
    """Where our own servers listen, by their addresses; nobody is connected to these, whatever else is allowed."""
    return frozenset({5432, 6379} | {port for url in urls if (port := urlsplit(url).port)})


def resolve_name(host: str, port: int) -> list[str]:
    """The addresses of a host name, as the system knows them."""
    return [str(row[4][0]) for row in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def find_addresses(
    host: str, port: int, *, ports: Collection[int], seconds: float = SECONDS, resolver: Resolver = resolve_name
) -> list[str]:
    """Every address of this name, each judged. UnsafeAddressError, NotReachedError when the name is not known."""
    addresses = _resolve(host, port, seconds, resolver)
    if not addresses:
        raise NotReachedError(f"{host} is not known")
    for address in addresses:  # one private address among public ones is an attempt, not an accident
        check_address(address, port, ports)
    return addresses


def check_address(address: str, port: int, ports: Collection[int] = WEB_PORTS) -> None:
    """UnsafeAddressError unless this address is public and the port one of `ports`, or a setting allows both."""
    try:
        ip = _plain(ipaddress.ip_address(address.partition("%")[0]))
    except ValueError as error:
        raise UnsafeAddressError(f"{address[:60]} is no address") from error
    if _is_allowed(ip, port):
        return
    if not _is_public(ip):
        raise UnsafeAddressError(f"{address} is not a public address")
    if port not in ports:
        raise UnsafeAddressError(f"port {port} is not one of {', '.join(map(str, sorted(ports)))}")


def open_line(
    host: str, port: int, *, ports: Collection[int], seconds: float = SECONDS, resolver: Resolver = resolve_name
) -> socket.socket:
    """A TCP connection to the first address of this name that answers. UnsafeAddressError, NotReachedError.

    `seconds` is for everything: asking for the name, and all its addresses.
    """
    ends_at = time.monotonic() + seconds
    why: OSError = NotReachedError(f"{host} is too slow")
    for address in find_addresses(host, port, ports=ports, seconds=seconds, resolver=resolver):
        left = ends_at - time.monotonic()
        if left <= 0:
            break
        try:
            line = socket.create_connection((address, port), timeout=left)
        except OSError as error:
            why = error
            continue
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return line
    raise NotReachedError(f"{host}:{port} does not answer: {why.strerror or why}") from why


def _resolve(host: str, port: int, seconds: float, resolver: Resolver) -> list[str]:
    """The system's resolver knows no time limit, so it is asked in a thread that may be left behind."""
    answers: queue.SimpleQueue[list[str]] = queue.SimpleQueue()

    def ask() -> None:
        found: list[str] = []
        with suppress(OSError, UnicodeError, ValueError):
            found = resolver(host, port)
        answers.put(found)

    threading.Thread(target=ask, name="resolver", daemon=True).start()
    try:
        return answers.get(timeout=max(seconds, 0.01))
    except queue.Empty:
        raise NotReachedError(f"{host} is not known") from None


def _plain(ip: Ip) -> Ip:
    """An IPv4 address written as IPv6 is that IPv4 address."""
    while isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped:
        ip = ip.ipv4_mapped
    return ip


def _is_public(ip: Ip) -> bool:
    if ip.version == 6 and ip not in GLOBAL_UNICAST:
        return False
    return ip.is_global and not any(ip in one for one in SPECIAL if one.version == ip.version)


def _is_allowed(ip: Ip, port: int) -> bool:
    """Whether the operator allows it. Our own database and Valkey are never anybody's mail server."""
    if port in settings.ECRM_OWN_PORTS:
        return False
    if settings.ECRM_FETCH_LOOPBACK and ip.is_loopback:
        return True
    allowed: tuple[Allowed, ...] = settings.ECRM_OUTGOING_ALLOWED
    return any(
        ip in one.network and (one.ports is None or port in one.ports)
        for one in allowed
        if one.network.version == ip.version
    )
