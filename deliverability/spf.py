"""Reading SPF (RFC 7208): which addresses a domain lets send in its name."""

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass, field

from deliverability.name_servers import NameServers

MOST_LOOKUPS = 10  # RFC 7208, 4.6.4
Net = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass
class Spf:
    """What a domain's SPF comes to, its includes followed.

    `records`: the lines that stand at the domain itself. `networks`: who passes. `names`: domains named by `include:`
    or `redirect=`. `lookup_count` above ten makes the whole line invalid, as a second record does.
    """

    records: list[str] = field(default_factory=list)
    networks: list[Net] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    lookup_count: int = 0
    lets_all: bool = False

    @property
    def is_broken(self) -> bool:
        """Receivers treat it as an error: two lines, or too many look-ups."""
        return len(self.records) > 1 or self.lookup_count > MOST_LOOKUPS

    def lets(self, address: str) -> bool:
        """Whether this address may send."""
        ip = ipaddress.ip_address(address)
        return any(ip in net for net in self.networks if net.version == ip.version)


def read_spf(domain: str, servers: NameServers) -> Spf:
    """What stands at this domain and what it leads to. NoAnswerError."""
    spf = Spf(records=[one for one in servers.txt(domain) if _is_spf(one)])
    if len(spf.records) == 1:
        _follow(spf, domain, spf.records[0], servers, depth=0)
    return spf


def with_terms(record: str, terms: list[str]) -> str:
    """The line with further terms, before what it says of all others; a whole new line where there is none."""
    if not record:
        return " ".join(["v=spf1", *terms, "~all"])
    old = record.split()
    at = next((no for no, term in enumerate(old) if term.lower().lstrip("+-~?") == "all" or "redirect=" in term), None)
    place = len(old) if at is None else at
    return " ".join([*old[:place], *terms, *old[place:]])


def _is_spf(text: str) -> bool:
    return text.lower() == "v=spf1" or text.lower().startswith("v=spf1 ")


def _follow(spf: Spf, domain: str, record: str, servers: NameServers, depth: int) -> None:
    for term, value in _terms(record):
        if spf.lookup_count > MOST_LOOKUPS:
            return  # broken for every receiver: nobody is asked on its behalf any more
        if term == "all":
            spf.lets_all = spf.lets_all or depth == 0
        elif term in {"ip4", "ip6"}:
            _add(spf, value)
        elif term in {"a", "mx"}:
            spf.lookup_count += 1
            for address in _addresses(term, value, domain, servers):
                _add(spf, address)
        elif term in {"include", "redirect"}:
            _enter(spf, value, servers, depth)
        elif term in {"exists", "ptr"}:
            spf.lookup_count += 1


def _enter(spf: Spf, name: str, servers: NameServers, depth: int) -> None:
    """Another domain's line; macros (RFC 7208, 7) depend on the email and are not followed."""
    spf.lookup_count += 1
    spf.names.add(name)
    if spf.lookup_count > MOST_LOOKUPS or depth > MOST_LOOKUPS or "%" in name or not name:
        return
    found = [one for one in servers.txt(name) if _is_spf(one)]
    if len(found) == 1:
        _follow(spf, name, found[0], servers, depth + 1)


def _terms(record: str) -> Iterator[tuple[str, str]]:
    """(mechanism, value) of each term that lets pass; `all` only where it lets everybody."""
    for word in record.split()[1:]:
        sign, rest = (word[0], word[1:]) if word[0] in "+-~?" else ("+", word)
        name, _sep, value = rest.partition("=" if "=" in rest and ":" not in rest.partition("=")[0] else ":")
        plain = name.partition("/")[0].lower()
        if sign == "+":
            yield plain, (value or (rest[len(name) :] if "/" in name else "")).lower()


def _addresses(term: str, value: str, domain: str, servers: NameServers) -> list[str]:
    host, slash, size = value.partition("/")
    host = host or domain
    hosts = [host] if term == "a" else [row.partition(" ")[2] for row in servers.mx(host)][:MOST_LOOKUPS]
    return [
        f"{one}{slash}{size}" if slash and ":" not in one else one for name in hosts for one in servers.addresses(name)
    ]


def _add(spf: Spf, text: str) -> None:
    try:
        spf.networks.append(ipaddress.ip_network(text, strict=False))
    except ValueError:
        return
