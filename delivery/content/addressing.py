"""The addresses inside one person's message, and the tokens behind them."""

import base64
from collections.abc import Callable
from functools import lru_cache

from django.conf import settings
from django.urls import NoReverseMatch

from delivery.content.linking import HONEYPOT
from lib.links import public_link
from lib.signing import BadTokenError, make_token, read_token
from workspaces.current import OpenWorkspace

OPEN, CLICK, STOP, RETURNED = "delivery.open", "delivery.click", "delivery.stop", "delivery.return"
STAND_IN = "token-comes-here"
PAGE = "relationship"  # the portal reads it


def addresses_for(workspace: OpenWorkspace, message_id: int, contact_id: int) -> Callable[[str], str]:
    """Place → address for one person and one message."""
    base, who = settings.ECRM_URL, (workspace.pk, message_id, contact_id)

    def address(place: str) -> str:
        if place == "pixel":
            return f"{base}/o/{make_token(OPEN, *who)}"
        if place == "unsubscribe":
            return f"{base}/u/{make_token(STOP, *who)}"
        if place == "page":
            return page_address(workspace, message_id, contact_id)
        number = HONEYPOT if place == "honeypot" else int(place)
        return f"{base}/c/{make_token(CLICK, *who, number)}"

    return address


def plain_addresses(links: list[tuple[int, str, str]]) -> Callable[[str], str]:
    """Place → address in a preview or a test: nothing is counted."""
    targets = {str(number): url for number, url, _label in links}
    return lambda place: "" if place == "pixel" else targets.get(place, "#")


def page_address(workspace: OpenWorkspace, message_id: int, contact_id: int) -> str:
    """The person's own page; the page with the stop button while there is no other."""
    frame = _page_frame(workspace.slug)
    if frame is None:
        return f"{settings.ECRM_URL}/u/{make_token(STOP, workspace.pk, message_id, contact_id)}"
    return frame.replace(STAND_IN, make_token(PAGE, workspace.pk, contact_id))


@lru_cache(maxsize=256)
def _page_frame(slug: str) -> str | None:
    """The address of the audience's page with a stand-in for the token: reversing costs more than the rest."""
    try:
        return public_link("portal:relationship", slug, STAND_IN)
    except NoReverseMatch:
        return None


def return_path(domain: str, workspace_id: int, message_id: int, contact_id: int) -> str:
    """Where a returned email goes, so that it names its reader: letters and digits only, in any case."""
    raw = make_token(RETURNED, workspace_id, message_id, contact_id)
    packed = base64.urlsafe_b64decode(raw + "=" * (-len(raw) % 4))
    return f"r-{base64.b32encode(packed).decode().rstrip('=').lower()}@{domain}"


def read_return_path(address: str) -> tuple[int, int, int]:
    """(workspace, message, contact) of a return path, or BadTokenError."""
    local = address.partition("@")[0].lower()
    if not local.startswith("r-"):
        raise BadTokenError("no return path of ours")
    body = local[2:].upper()
    try:
        packed = base64.b32decode(body + "=" * (-len(body) % 8))
    except ValueError as error:
        raise BadTokenError("no return path of ours") from error
    if base64.b32encode(packed).decode().rstrip("=") != body:
        raise BadTokenError("no return path of ours")
    token = base64.urlsafe_b64encode(packed).rstrip(b"=").decode()
    workspace_id, message_id, contact_id = read_token(RETURNED, token, count=3)
    return workspace_id, message_id, contact_id
