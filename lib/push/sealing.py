"""From what a notification says to what leaves for one browser: JSON, sealed for it (RFC 8291, aes128gcm)."""

import json
from dataclasses import dataclass

import http_ece
from cryptography.hazmat.primitives.asymmetric import ec

from lib.push.keys import CURVE, to_bytes

LARGEST = 3_993  # bytes that every push service takes: 4,096 with the head of RFC 8188 and its seal
LONGEST_TITLE, LONGEST_TEXT = 120, 1_000


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

    def pack(self, tag: str = "", *, rings_again: bool = False) -> bytes:
        """As the worker in the browser reads it. TooLargeError.

        One of the same tag that still stands there is replaced; `rings_again`: not in silence.
        """
        given = {"title": self.title, "text": self.text, "link": self.link, "picture": self.picture, "tag": tag}
        said: dict[str, str | bool] = {key: one for key, one in given.items() if one}
        if tag and rings_again:
            said["again"] = True
        raw = json.dumps(said, ensure_ascii=False).encode()
        if len(raw) > LARGEST:
            raise TooLargeError(len(raw))
        return raw


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
