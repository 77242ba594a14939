"""Signing webhooks as the Standard Webhooks specification says (github.com/standard-webhooks, v1): symmetric keys.

The signed text is "<id>.<unix seconds>.<body>"; the header carries `v1,` and the base64 of HMAC-SHA256 over it. A
secret is written `whsec_` + base64 of 24 to 64 random bytes.
"""

import base64
import binascii
import hmac
import secrets
import time
from hashlib import sha256

PREFIX = "whsec_"
ID, TIMESTAMP, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"


class BadSecretError(ValueError):
    """A secret that is not `whsec_` + base64."""


def new_secret() -> str:
    """256 random bits, in the written form."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def sign(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """The value of the signature header. BadSecretError."""
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error as error:
        raise BadSecretError("A secret is whsec_ and base64.") from error
    digest = hmac.new(key, f"{message_id}.{timestamp}.".encode() + body, sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"


def signed_headers(secret: str, message_id: str, body: bytes, *, timestamp: int | None = None) -> dict[str, str]:
    """The three headers of one delivery; `message_id` stays the same on every retry, so that it counts once."""
    moment = int(time.time()) if timestamp is None else timestamp
    return {ID: message_id, TIMESTAMP: str(moment), SIGNATURE: sign(secret, message_id, moment, body)}
