"""What is added to the links of a message, so that the page they lead to knows where somebody comes from (utm_…)."""

from collections.abc import Mapping
from urllib.parse import parse_qsl, quote, urlsplit

from django.conf import settings


def with_parameters(target: str, parameters: Mapping[str, str]) -> str:
    """The address with these in its query; those it has already stay as they are, and so does the rest, byte by byte.

    Addresses of our own, and what is no address of the web, are returned as they are.
    """
    if not parameters or not target.lower().startswith(("http://", "https://")):
        return target
    try:
        parts = urlsplit(target)
        host = parts.hostname
    except ValueError:
        return target
    if host == urlsplit(settings.ECRM_URL).hostname:
        return target
    known = {name for name, _value in parse_qsl(parts.query, keep_blank_values=True)}
    new = "&".join(f"{quote(name)}={quote(value)}" for name, value in sorted(parameters.items()) if name not in known)
    if not new:
        return target
    address, hash_, fragment = target.partition("#")
    joint = "" if address.endswith(("?", "&")) else "&" if "?" in address else "?"
    return f"{address}{joint}{new}{hash_}{fragment}"


def plain_targets(url: str, parameters: Mapping[str, str]) -> set[str]:
    """The addresses that `with_parameters` turns into this one: one or a few, as it may have had some of them already."""
    address, hash_, fragment = url.partition("#")
    added = {f"{quote(name)}={quote(value)}" for name, value in parameters.items()}
    found, rest = {url}, address
    while (cut := max(rest.rfind("?"), rest.rfind("&"))) >= 0 and rest[cut + 1 :] in added:
        found |= {f"{one}{hash_}{fragment}" for one in (rest[: cut + 1], rest[:cut])}
        rest = rest[:cut]
    return {one for one in found if with_parameters(one, parameters) == url}
