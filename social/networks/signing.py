"""Signatures over the raw bytes of a delivery, as the networks make them."""

import hmac
from base64 import b64encode
from collections.abc import Sequence
from hashlib import sha256

from social.networks.protocol import ForgedError


def check_sha256(secrets: Sequence[str], raw_body: bytes, given: str) -> None:
    """Return if `given` is "sha256=" and the HMAC in hex, under one of these secrets; else ForgedError."""
    said = given.strip().lower()
    wanted = [f"sha256={hmac.new(secret.encode(), raw_body, sha256).hexdigest()}" for secret in secrets if secret]
    if not said.isascii() or not any([hmac.compare_digest(one, said) for one in wanted]):  # noqa: C419 - all of them
        raise ForgedError("the signature does not fit")


def sealed_base64(secret: str, said: bytes) -> str:
    """The HMAC in base64 behind "sha256=", as X writes it."""
    return "sha256=" + b64encode(hmac.digest(secret.encode(), said, "sha256")).decode()


def check_sha256_base64(secret: str, raw_body: bytes, given: str) -> None:
    """Return if `given` is `sealed_base64` of the delivery; else, and without a secret, ForgedError."""
    if not secret or not given.isascii() or not hmac.compare_digest(sealed_base64(secret, raw_body), given.strip()):
        raise ForgedError("the signature does not fit")
