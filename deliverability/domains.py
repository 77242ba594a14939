"""Names of domains and servers: as the DNS knows them, and whether they are out in the world at all."""

import ipaddress
from typing import Any

from delivery.models import Sender
from delivery.presets import APIS, BY_KEY, EMAIL_KINDS

NOT_PUBLIC = (".example", ".test", ".invalid", ".localhost", ".local", ".internal", ".home.arpa")
NOT_PUBLIC_NAMES = ("localhost", "example.com", "example.net", "example.org")

# Below two letters of a country these stand for kinds of owners: co.uk, com.au, ac.jp, gob.mx
SECOND_LEVELS = frozenset({
    "ac", "co", "com", "edu", "go", "gob", "gouv", "gov", "govt", "gv", "info", "ltd",
    "me", "mil", "ne", "net", "nom", "or", "org", "plc", "sch",
})  # fmt: skip


def domain_of(sender: Sender) -> str:
    """The domain that this sender's emails speak for, in ASCII; empty without one."""
    name, at, domain = given_of(sender, "from_email").rpartition("@")
    return ascii_name(domain) if name and at else ""


def spoken_domain(sender: Sender) -> str:
    """The domain whose DNS has a say in this sender's emails; empty where it has none: no email, or not out into the world."""
    domain, host = domain_of(sender), host_of(sender)
    is_out = sender.kind in EMAIL_KINDS and domain and host and not is_private(host) and not is_private(domain)
    return domain if is_out else ""


def host_of(sender: Sender) -> str:
    """The server that carries this sender's emails; of a provider's API the one by which the same provider takes SMTP."""
    return BY_KEY[sender.kind].host if sender.kind in APIS else given_of(sender, "host")


def with_those_above(domain: str) -> list[str]:
    """The domain and those above it that are somebody's own: where its DMARC may stand, and of whom reports may speak.

    Of `com` and `co.uk` nobody's report is ours. What looks like those but is somebody's (`co.de`) is left out, too.
    """
    labels = domain.split(".")
    above = [labels[no:] for no in range(1, len(labels) - 1)]
    return [domain, *(".".join(one) for one in above if not _is_everybodys(one))]


def _is_everybodys(labels: list[str]) -> bool:
    return len(labels) < 2 or (len(labels) == 2 and len(labels[1]) == 2 and labels[0] in SECOND_LEVELS)


def given_of(sender: Sender, name: str) -> str:
    """One of the sender's settings as a name: lower case, without dots around it; empty when there is none."""
    settings: Any = sender.settings if isinstance(sender.settings, dict) else {}
    return str(settings.get(name, "")).lower().strip(".")


def is_private(host: str) -> bool:
    """Whether this server stands on our own machine or network, or has a name that nobody can own."""
    name = host.lower().strip(".")
    if name in NOT_PUBLIC_NAMES or name.endswith(NOT_PUBLIC) or "." not in name:
        return True
    try:
        return not ipaddress.ip_address(name.strip("[]")).is_global
    except ValueError:
        return False


def ascii_name(name: str) -> str:
    """The name as the DNS knows it (IDNA); as it is when it is no name of the DNS."""
    try:
        return name.encode("idna").decode()
    except UnicodeError:
        return name
