"""What is asked of WhatsApp for one message, as its documentation published it in November 2026."""

import re
from typing import Any
from urllib.parse import urlsplit

from messengers.models import WhatsAppTemplate
from messengers.whatsapp.choosing import Choice, Filled
from messengers.whatsapp.places import places_in

MEDIA = {"IMAGE": "image", "VIDEO": "video", "DOCUMENT": "document"}
BY_ENDING = {"mp4": "video", "3gp": "video", "pdf": "document"}
WEB = re.compile(r"https?://\S+\Z")


def text_payload(to: str, text: str) -> dict[str, Any]:
    """Free text, for who wrote to us within a day."""
    return {**_head(to), "type": "text", "text": {"preview_url": True, "body": text}}


def template_payload(to: str, choice: Choice, filled: Filled, known: WhatsAppTemplate | None) -> dict[str, Any]:
    """A template with its places filled. `known` is what we know of it: the kinds of its header and buttons."""
    parts: list[dict[str, Any]] = []
    if filled.header:
        parts.append({"type": "header", "parameters": [_header(filled.header, known)]})
    if filled.body:
        parts.append({"type": "body", "parameters": [_inside(place, one) for place, one in filled.body.items()]})
    kinds = known.buttons if known else []
    for number, value in sorted(filled.buttons.items()):
        kind = kinds[number][0] if number < len(kinds) else "URL"
        parts.append({"type": "button", **_button(kind, value), "index": str(number)})
    named = {"name": choice.name, "language": {"code": choice.language}}
    return {**_head(to), "type": "template", "template": {**named, **({"components": parts} if parts else {})}}


def _head(to: str) -> dict[str, Any]:
    return {"messaging_product": "whatsapp", "recipient_type": "individual", "to": to}


def _inside(place: str, value: str) -> dict[str, str]:
    named = {} if place.isdigit() else {"parameter_name": place}
    return {"type": "text", **named, "text": value}


def _header(value: str, known: WhatsAppTemplate | None) -> dict[str, Any]:
    kind = known.header if known else ""
    if kind == "TEXT" or (not kind and not WEB.match(value)):
        place = next(iter(places_in(known.header_text if known else "")), "1")
        return _inside(place, value)
    ending = urlsplit(value).path.rpartition(".")[2].lower()
    media = MEDIA.get(kind) or BY_ENDING.get(ending, "image")
    return {"type": media, media: {"link": value}}


def _button(kind: str, value: str) -> dict[str, Any]:
    if kind == "QUICK_REPLY":
        return {"sub_type": "quick_reply", "parameters": [{"type": "payload", "payload": value}]}
    if kind == "COPY_CODE":
        return {"sub_type": "copy_code", "parameters": [{"type": "coupon_code", "coupon_code": value}]}
    return {"sub_type": "url", "parameters": [{"type": "text", "text": value}]}
