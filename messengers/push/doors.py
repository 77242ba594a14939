"""Where browsers tell us: from any site by its browser key (`/v1/push/<key>/`), and from a page of our own.

GET says the public key. POST is JSON: {"act": "on", "subscription", "wording", "page", …}, "off" or "changed". Only
whoever holds a browser's own secret may end it.
"""

import ipaddress
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest

from consent.consenting import Proof
from contacts.merging import survivor_of
from contacts.models import Contact, Identity
from contacts.reserved_ids import names_nobody
from contacts.resolving import Hint, resolve
from lib.counting_up import count_up
from lib.foreign.cleaning import to_line
from lib.foreign.foreign_json import BadJsonError, read_json
from lib.push.browsers import Browser, read_browser
from messengers.models import PushSubscription
from messengers.push.subscribing import end_browser, find_push_sender, move_browser, subscribe
from touchpoints.api.envelopes import AnswerError
from touchpoints.api.views import check_rate, known_key, to_any_site
from workspaces.current import current_workspace_id, working_in

LARGEST = 8_192
LONGEST_ID = 300
MOST_AN_HOUR = 60  # from one network: the wireless of a fair is one, too
NETWORK_BITS = {4: 32, 6: 64}
Answer = tuple[dict[str, Any], int]
Whose = Callable[[dict[str, Any], Browser], Contact]


@to_any_site("GET", "POST")
def site_door(request: HttpRequest, key: str) -> Answer:
    """The door for other people's sites."""
    opened = known_key(key)
    check_rate(opened)
    with working_in(opened.workspace):
        return answer(request, contact_by_device)


def answer(request: HttpRequest, whose: Whose) -> Answer:
    """Answer a browser; `whose` finds the contact that it belongs to. Call inside working_in. AnswerError."""
    sender = find_push_sender()
    if sender is None:
        raise AnswerError(404, "nobody sends notifications here")
    if request.method == "GET":
        return {"publicKey": str(sender.settings.get("public_key", ""))}, 200
    said = _read(request)
    act = ACTS.get(str(said.get("act")))
    if act is None:
        raise AnswerError(400, "act is one of: on, off, changed")
    if act is _on:  # a no is never too many
        _count(request)
    try:
        act(request, said, whose)
    except ValueError as error:
        raise AnswerError(400, str(error)) from error
    return {"success": True}, 200


def _on(request: HttpRequest, said: dict[str, Any], whose: Whose) -> None:
    browser, sender = read_browser(said.get("subscription")), find_push_sender()
    page = _page(request, said)
    if sender is not None:
        wording = to_line(str(said.get("wording") or ""), 300)
        subscribe(sender, whose(said, browser), browser, wording=wording, proof=_proof(request, page))


def _off(request: HttpRequest, said: dict[str, Any], _whose: Whose) -> None:
    row = _held(said.get("subscription"))
    if row is not None:
        end_browser(row, proof=_proof(request, _page(request, said)))


def _changed(request: HttpRequest, said: dict[str, Any], _whose: Whose) -> None:
    row = _held(said.get("old"))
    if row is None:
        return
    if said.get("subscription"):
        move_browser(row.digest, read_browser(said["subscription"]))
    else:
        end_browser(row, proof=_proof(request, row.page))


ACTS: dict[str, Callable[[HttpRequest, dict[str, Any], Whose], None]] = {"on": _on, "off": _off, "changed": _changed}


def _held(said: Any) -> PushSubscription | None:
    """The browser that proves by its own secret that it is the one. ValueError for what is none."""
    browser = read_browser(said)
    row = PushSubscription.objects.select_related("contact").filter(digest=browser.digest, gone_at=None).first()
    return row if row is not None and browser.is_the_one(row) else None


def contact_by_device(said: dict[str, Any], browser: Browser) -> Contact:
    """Who is known by the visitor's own id; a visitor whom nobody knows yet is a contact as for any page they look at."""
    given = said.get("anonymousId")
    known = isinstance(given, str) and 0 < len(given) <= LONGEST_ID and given.isprintable() and not names_nobody(given)
    hint = Hint(
        int(Identity.Kind.DEVICE), str(given) if known else f"push-{browser.digest[:32]}", False, "in a browser"
    )
    ((contact_id, _identity),) = resolve([[hint]])
    return Contact.objects.get(pk=survivor_of(contact_id))


def _page(request: HttpRequest, said: dict[str, Any]) -> str:
    """The page on which it was said: of the very site that the browser names. 400 where it names none."""
    origin = request.headers.get("Origin", "")
    if not origin.startswith(("https://", "http://")) or len(origin) > 300:
        raise AnswerError(400, "no page of a site asked for this")
    page = to_line(str(said.get("page") or ""), 500)
    try:
        parts = urlsplit(page)
    except ValueError:
        return origin
    return page if f"{parts.scheme}://{parts.netloc}" == origin else origin


def _proof(request: HttpRequest, page: str) -> Proof:
    return {
        "source": "web push",
        "page": page,
        "language": request.headers.get("Accept-Language", "")[:10].partition(",")[0],
        "ip": request.META.get("REMOTE_ADDR") or None,
        "agent": request.headers.get("User-Agent", "")[:300],
    }


def _read(request: HttpRequest) -> dict[str, Any]:
    try:
        body = request.read(LARGEST + 1)
        if len(body) > LARGEST:
            raise AnswerError(413, "larger than 8 kB")
        said = read_json(body)
    except (OSError, BadJsonError) as error:
        raise AnswerError(400, "malformed JSON") from error
    if not isinstance(said, dict):
        raise AnswerError(400, "an object is wanted")
    return said


def _count(request: HttpRequest) -> None:
    """429 where this network has said more this hour than people would."""
    try:
        address = ipaddress.ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        return
    network = ipaddress.ip_network((address, NETWORK_BITS[address.version]), strict=False)
    key = f"push:{current_workspace_id()}:{network}"
    if count_up(key, 3600) > MOST_AN_HOUR:
        raise AnswerError(429, "too many from this network; try again in an hour")
