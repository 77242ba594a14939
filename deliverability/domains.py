"""Names of domains and servers: as the DNS knows them, and whether they are out in the world at all."""

import ipaddress
from typing import Any

from delivery.models import Sender

NOT_PUBLIC = (".example", ".test", ".invalid", ".localhost", ".local", ".internal", ".home.arpa")
NOT_PUBLIC_NAMES = ("localhost", "example.com", "example.net", "example.org")


def domain_of(sender: Sender) -> str:
    """The domain that this sender's emails speak for, in ASCII; empty without one."""
    name, at, domain = given_of(sender, "from_email").rpartition("@")
    return ascii_name(domain) if name and at else ""


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
