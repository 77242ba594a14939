"""From what a message says to one person to what leaves for one browser: JSON, sealed for it (RFC 8291, aes128gcm)."""

import json
import re
from dataclasses import dataclass

import http_ece
from cryptography.hazmat.primitives.asymmetric import ec

from delivery.content.compiling import Written
from messengers.push.keys import CURVE, to_bytes

LARGEST = 3_993  # bytes that every push service takes: 4,096 with the head of RFC 8188 and its seal
LONGEST_TITLE, LONGEST_TEXT = 120, 1_000
WEB_ADDRESS = re.compile(
    r"(?::?[ \t]+)?(https?://[^\s<>\"]*[^\s<>\".,;:!?)])"
)  # "words: address", as texts are written
PICTURE = re.compile(r"<img\b[^>]*\bsrc=\"(https://[^\"\s]+)\"")


class TooLargeError(ValueError):
    """More than a push service takes; the number of bytes."""


class BadKeyError(ValueError):
    """Keys by which nothing can be sealed."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What a notification shows, and where a click on it goes."""

    title: str
    text: str
    link: str = ""
    picture: str = ""

    def pack(self, tag: str = "") -> bytes:
        """As the worker in the browser reads it. TooLargeError."""
        given = {"title": self.title, "text": self.text, "link": self.link, "picture": self.picture, "tag": tag}
        raw = json.dumps({key: one for key, one in given.items() if one}, ensure_ascii=False).encode()
        if len(raw) > LARGEST:
            raise TooLargeError(len(raw))
        return raw


def shown_in(written: Written) -> Shown:
    """The subject is the title, or the first line where there is none; the first link is where a click goes.

    Addresses are not read aloud: they are taken out of the text. A picture is the first one with an https address.
    """
    text = written.text.replace("\r\n", "\n").strip()
    links = WEB_ADDRESS.findall(text)
    lines = [line.strip() for line in WEB_ADDRESS.sub("", text).split("\n")]
    title, body = written.subject.strip(), "\n".join(lines).strip()
    if not title:
        title, _end, body = body.partition("\n")
    picture = PICTURE.search(written.html)
    return Shown(
        title.strip()[:LONGEST_TITLE],
        re.sub(r"\n{2,}", "\n", body).strip()[:LONGEST_TEXT],
        links[0] if links else "",
        picture[1].replace("&amp;", "&") if picture else "",
    )


def check_keys(p256dh: str, auth: str) -> None:
    """BadKeyError unless these are a point on the curve and a secret of 16 bytes."""
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(CURVE, to_bytes(p256dh))
        is_sound = len(to_bytes(p256dh)) == 65 and len(to_bytes(auth)) == 16
    except ValueError as error:
        raise BadKeyError("the keys of the browser cannot be read") from error
    if not is_sound:
        raise BadKeyError("the keys of the browser cannot be read")


def seal_for(raw: bytes, p256dh: str, auth: str) -> bytes:
    """The body of a push, which the browser with these keys alone can open. A key of our own each time."""
    own = ec.generate_private_key(CURVE)
    sealed: bytes = http_ece.encrypt(
        raw, private_key=own, dh=to_bytes(p256dh), auth_secret=to_bytes(auth), version="aes128gcm"
    )
    return sealed
