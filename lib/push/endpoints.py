"""Where browsers are pushed to: addresses that strangers send us, so only services that are known here are asked.

`settings.ECRM_PUSH_SERVICES` names more: a host, `.host` for all below it, or a whole origin for a service of one's own.
"""

from hashlib import sha256
from urllib.parse import urlsplit

from django.conf import settings

LONGEST = 1_000
USUAL = (
    "fcm.googleapis.com",
    "updates.push.services.mozilla.com",
    ".push.services.mozilla.com",
    ".push.apple.com",
    ".notify.windows.com",
)  # of the browsers that there are


class BadEndpointError(ValueError):
    """No address of a push service that we know; the text says why."""


def check_endpoint(url: str) -> str:
    """The same address. BadEndpointError."""
    if not url.isascii() or not url.isprintable() or " " in url or "\\" in url or not 12 < len(url) <= LONGEST:
        raise BadEndpointError("the endpoint is no address")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise BadEndpointError("the endpoint is no address") from error
    if parts.username is not None or parts.fragment:
        raise BadEndpointError("the endpoint is no plain address")
    own = f"{parts.scheme}://{parts.netloc}"
    is_usual = parts.scheme == "https" and port in {None, 443}
    if own not in settings.ECRM_PUSH_SERVICES and not (is_usual and _is_known(host)):
        raise BadEndpointError("this push service is not known here")
    return url


def digest_of(endpoint: str) -> str:
    """What stands for this browser everywhere else."""
    return sha256(endpoint.encode()).hexdigest()


def origin_of(endpoint: str) -> str:
    """The service behind an endpoint, as VAPID names it."""
    parts = urlsplit(endpoint)
    return f"{parts.scheme}://{parts.netloc}"


def _is_known(host: str) -> bool:
    return any(
        host == one or (one.startswith(".") and host.endswith(one) and len(host) > len(one))
        for one in (*USUAL, *settings.ECRM_PUSH_SERVICES)
    )
