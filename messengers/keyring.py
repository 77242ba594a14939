"""Several keys of one sender, sealed together: what speaks to the provider, and what proves that it is the one who calls."""

from collections.abc import Mapping

from delivery.models import Sender
from delivery.senders import secret_of
from lib.foreign.foreign_json import BadJsonError, read_json


def keys_of(sender: Sender) -> dict[str, str]:
    """Name → key; empty while none was entered. SealBrokenError."""
    return read_keys(secret_of(sender))


def read_keys(secret: str) -> dict[str, str]:
    """The keys inside a secret."""
    try:
        found = read_json(secret.encode()) if secret else {}
    except BadJsonError:
        return {}
    return {name: one for name, one in found.items() if isinstance(one, str)} if isinstance(found, dict) else {}


def joined(old: Mapping[str, str], new: Mapping[str, str]) -> dict[str, str]:
    """The keys with those that were entered now; an empty one keeps the one that is there."""
    return {**old, **{name: one for name, one in new.items() if one}}
