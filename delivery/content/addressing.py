"""The addresses inside one person's message, and the tokens behind them."""

import base64
from collections.abc import Callable, Sequence
from functools import lru_cache

from django.conf import settings
from django.urls import NoReverseMatch

from delivery.content.linking import HONEYPOT
from lib.links import public_link
from lib.signing import BadTokenError, TokenMaker, make_numbered_token, make_token, read_token
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
        return f"{base}/c/{make_numbered_token(CLICK, *who, number)}"

    return address


class AddressBook:
    """The same addresses, of one message for many people: what is the same for all is worked out once.

    `places` are those that the message has; `of(contact)` gives their addresses in that order, as bytes.
    """

    def __init__(self, workspace: OpenWorkspace, message_id: int, places: Sequence[str]) -> None:
        base, ids = settings.ECRM_URL.encode(), (workspace.pk, message_id)
        self.places = list(places)
        links = [(at, HONEYPOT if one == "honeypot" else int(one)) for at, one in enumerate(places) if _is_link(one)]
        self._links = TokenMaker(CLICK, *ids, numbers=[number for _at, number in links])
        self._link_places, self._link_head = [at for at, _number in links], base + b"/c/"
        page = _page_frame(workspace.slug)
        ways: dict[str, tuple[str, tuple[int, ...], bytes, bytes]] = {}
        ways |= {"pixel": (OPEN, ids, base + b"/o/", b""), "unsubscribe": (STOP, ids, base + b"/u/", b"")}
        if page is None:
            ways["page"] = ways["unsubscribe"]
        else:
            head, _here, tail = page.partition(STAND_IN)
            ways["page"] = (PAGE, (workspace.pk,), head.encode(), tail.encode())
        self._others = [
            (at, TokenMaker(scope, *first), head, tail)
            for at, one in enumerate(places)
            if not _is_link(one)
            for scope, first, head, tail in [ways[one]]
        ]

    def of(self, contact_id: int) -> list[bytes]:
        """The address of each place for one person."""
        found, head = [b""] * len(self.places), self._link_head
        for at, token in zip(self._link_places, self._links.tokens(contact_id), strict=True):
            found[at] = head + token
        for at, maker, before, after in self._others:
            found[at] = before + maker.token(contact_id) + after
        return found


def _is_link(place: str) -> bool:
    return place == "honeypot" or place.isdigit()


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


class ReturnPaths:
    """`return_path` of one message for many people."""

    def __init__(self, domain: str, workspace_id: int, message_id: int) -> None:
        self._maker, self._domain = TokenMaker(RETURNED, workspace_id, message_id), domain

    def of(self, contact_id: int) -> str:
        """Where this person's email goes when it is returned."""
        return f"r-{self._maker.raw(contact_id).hex()}@{self._domain}"


def return_path(domain: str, workspace_id: int, message_id: int, contact_id: int) -> str:
    """Where a returned email goes, so that it names its reader: letters and digits only, in any case."""
    return ReturnPaths(domain, workspace_id, message_id).of(contact_id)


def read_return_path(address: str) -> tuple[int, int, int]:
    """(workspace, message, contact) of a return path, or BadTokenError."""
    local = address.partition("@")[0].lower()
    if not local.startswith("r-"):
        raise BadTokenError("no return path of ours")
    try:
        packed = bytes.fromhex(local[2:])
    except ValueError as error:
        raise BadTokenError("no return path of ours") from error
    if packed.hex() != local[2:]:
        raise BadTokenError("no return path of ours")
    token = base64.urlsafe_b64encode(packed).rstrip(b"=").decode()
    workspace_id, message_id, contact_id = read_token(RETURNED, token, count=3)
    return workspace_id, message_id, contact_id
