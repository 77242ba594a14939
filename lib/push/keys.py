"""VAPID (RFC 8292): the pair of keys by which push services know who sends, and the header that proves it."""

import base64
import time

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

HALF_A_DAY = 12 * 3600  # RFC 8292: a day at most; some services take less when their clock differs
CURVE = ec.SECP256R1()


def to_text(raw: bytes) -> str:
    """base64url without its padding, as browsers write keys."""
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def to_bytes(text: str) -> bytes:
    """The bytes of base64url, padded or not. ValueError."""
    if not text.isascii() or len(text) > 2_000:
        raise ValueError("no base64url")
    return base64.b64decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4), altchars=b"-_", validate=True)


def make_keys() -> tuple[str, str]:
    """(private, public) of a new sender, as base64url: 32 bytes, and the uncompressed point of 65."""
    key = ec.generate_private_key(CURVE)
    public = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return to_text(key.private_numbers().private_value.to_bytes(32)), to_text(public)


class Proofs:
    """The Authorization header for each push service, signed once for half a day. ValueError for a broken key."""

    def __init__(self, private: str, public: str, subject: str) -> None:
        self._key = ec.derive_private_key(int.from_bytes(to_bytes(private)), CURVE)
        self._public, self._subject = public, subject
        self._made: dict[str, tuple[float, str]] = {}

    def header(self, origin: str) -> str:
        """The value for a service such as https://push.example."""
        ends_at, value = self._made.get(origin, (0.0, ""))
        moment = time.time()
        if ends_at - moment < HALF_A_DAY / 2:
            ends_at = moment + HALF_A_DAY
            claims = {"aud": origin, "exp": int(ends_at), "sub": self._subject}
            value = f"vapid t={jwt.encode(claims, self._key, 'ES256')}, k={self._public}"
            self._made[origin] = ends_at, value
        return value
