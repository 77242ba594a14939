"""Who is at the other end. REMOTE_ADDR is the client's own address everywhere behind this middleware.

A proxy writes the address that it saw at the right end of X-Forwarded-For; what stands further left was sent by the
client and may be anything. So the list is read from the right, past the proxies of ours (TRUSTED_PROXIES), and the
first other address is the client. From a peer that is no proxy of ours every such header is dropped unread, and with
them X-Forwarded-Proto, so that nothing later (logs, limits, proofs of consent, "is this https?") can believe it.
"""

import ipaddress
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

TOLD_BY_PROXIES = (
    "HTTP_X_FORWARDED_FOR", "HTTP_X_REAL_IP", "HTTP_FORWARDED", "HTTP_FORWARDED_FOR", "HTTP_X_FORWARDED",
    "HTTP_CLIENT_IP", "HTTP_X_CLIENT_IP", "HTTP_X_CLUSTER_CLIENT_IP", "HTTP_VIA", "HTTP_TRUE_CLIENT_IP",
    "HTTP_CF_CONNECTING_IP", "X_FORWARDED_FOR", "HTTP_FORWARDED_FOR_IP", "HTTP_X_PROXYUSER_IP",
)  # fmt: skip
ONLY_FROM_PROXIES = ("HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_HOST", "HTTP_X_FORWARDED_PORT")
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def tell_client_address(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware, the first: put the client's own address into REMOTE_ADDR."""

    def middleware(request: HttpRequest) -> HttpResponse:
        find_client(request.META, settings.TRUSTED_PROXIES)
        return get_response(request)

    return middleware


def find_client(meta: dict[str, Any], proxies: Sequence[str]) -> None:
    """Replace REMOTE_ADDR by the client's address, and drop what nobody trustworthy said."""
    trusted = _networks(tuple(proxies))
    peer = meta.get("REMOTE_ADDR", "")
    if _is_one_of(peer, trusted):
        meta["REMOTE_ADDR"] = _client(meta.get("HTTP_X_FORWARDED_FOR", ""), peer, trusted)
    else:
        for name in ONLY_FROM_PROXIES:
            meta.pop(name, None)
    for name in TOLD_BY_PROXIES:
        meta.pop(name, None)


def _client(forwarded: str, peer: str, trusted: Sequence[Network]) -> str:
    """The first address from the right that is no proxy of ours; the last proxy when nobody else is named."""
    found = peer
    for part in reversed(forwarded.split(",")):
        address = _plain(part)
        if address is None:
            break  # what stands left of something unreadable proves nothing
        found = address
        if not _is_one_of(address, trusted):
            break
    return found


def _plain(part: str) -> str | None:
    """An address without port and brackets, or None."""
    text = part.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    return str(getattr(address, "ipv4_mapped", None) or address)


def _is_one_of(address: str, trusted: Sequence[Network]) -> bool:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return bool(trusted) and not address  # a Unix socket has no address; whoever may open it is on this machine
    found = getattr(found, "ipv4_mapped", None) or found
    return any(found in network for network in trusted)


@lru_cache(maxsize=8)
def _networks(proxies: tuple[str, ...]) -> tuple[Network, ...]:
    return tuple(ipaddress.ip_network(proxy.strip(), strict=False) for proxy in proxies if proxy.strip())
