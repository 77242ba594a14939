"""Asking the domain name system: what a domain says of itself. Answers are data of strangers: bounded, never believed."""

import ipaddress
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

import dns.exception
import dns.name
import dns.nameserver
import dns.resolver
import dns.reversename
from django.conf import settings

from lib.foreign.cleaning import to_storable

QUESTION_SECONDS = 4.0
LOOK_SECONDS = 25.0
MOST_ANSWERS = 40
LONGEST = 4_096


class NoAnswerError(Exception):
    """The name servers did not answer, or not in time. What is there stays unknown: that is not the same as nothing."""


class NameServers(Protocol):
    """Who is asked. Each answer is a tuple of texts in any order; empty when there is no such name or record."""

    def txt(self, name: str) -> tuple[str, ...]:
        """Texts, each of its pieces joined."""
        ...

    def mx(self, name: str) -> tuple[str, ...]:
        """`10 mail.example`, the first to be tried first."""
        ...

    def ns(self, name: str) -> tuple[str, ...]:
        """Names of the servers that keep the domain."""
        ...

    def addresses(self, name: str) -> tuple[str, ...]:
        """IPv4 and IPv6 addresses; of an address itself that one."""
        ...

    def ptr(self, address: str) -> tuple[str, ...]:
        """Names of an address."""
        ...


@dataclass
class AskedNameServers:
    """The name servers of the machine, or those of ECRM_NAMESERVERS (`192.0.2.1`, `192.0.2.1:5300`).

    The same question is asked once; all questions together have `seconds`. NoAnswerError.
    """

    seconds: float = LOOK_SECONDS
    known: dict[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.ends_at = time.monotonic() + self.seconds
        own: list[str] = settings.ECRM_NAMESERVERS
        self.resolver = dns.resolver.Resolver(configure=not own)
        if own:
            self.resolver.nameservers = [_server(one) for one in own]

    def txt(self, name: str) -> tuple[str, ...]:
        return self._ask(name, "TXT", lambda row: to_storable(b"".join(row.strings).decode("utf-8", "replace")))

    def mx(self, name: str) -> tuple[str, ...]:
        found = self._ask(name, "MX", lambda row: f"{row.preference:05d} {_text(row.exchange)}")
        return tuple(f"{int(row[:5])} {row[6:]}" for row in sorted(found))

    def ns(self, name: str) -> tuple[str, ...]:
        return self._ask(name, "NS", lambda row: _text(row.target))

    def addresses(self, name: str) -> tuple[str, ...]:
        if literal := address_in(name):
            return (literal,)
        return self._ask(name, "A", lambda row: row.address) + self._ask(name, "AAAA", lambda row: row.address)

    def ptr(self, address: str) -> tuple[str, ...]:
        return self._ask(_text(dns.reversename.from_address(address)), "PTR", lambda row: _text(row.target))

    def _ask(self, name: str, kind: str, read: Callable[[Any], str]) -> tuple[str, ...]:
        question = (name.lower(), kind)
        if question not in self.known:
            self.known[question] = self._ask_now(name, kind, read)
        return self.known[question]

    def _ask_now(self, name: str, kind: str, read: Callable[[Any], str]) -> tuple[str, ...]:
        left = self.ends_at - time.monotonic()
        if left <= 0:
            raise NoAnswerError(name)
        try:
            found = self.resolver.resolve(f"{name}.", kind, lifetime=min(left, QUESTION_SECONDS), search=False)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return ()
        except (dns.exception.DNSException, UnicodeError, OSError) as error:
            raise NoAnswerError(name) from error
        return tuple(read(row)[:LONGEST] for row, _no in zip(found, range(MOST_ANSWERS), strict=False))


def address_in(name: str) -> str:
    """The IP address that stands in place of a server's name, "" where it is a name."""
    try:
        return str(ipaddress.ip_address(name.strip("[]")))
    except ValueError:
        return ""


def _server(text: str) -> "dns.nameserver.Nameserver":
    """`192.0.2.1`, `192.0.2.1:5300`, `[2001:db8::1]:5300`. ValueError."""
    host, colon, port = text.strip().rpartition(":")
    if not colon or "]" in port or (":" in host and not host.endswith("]")):
        host, port = text.strip(), "53"
    return dns.nameserver.Do53Nameserver(str(ipaddress.ip_address(host.strip("[]"))), int(port))


def _text(name: "dns.name.Name") -> str:
    return name.to_text(omit_final_dot=True).lower()
