"""Signatures over the raw bytes of a delivery, as the networks make them."""

import hmac
from collections.abc import Sequence
from hashlib import sha256

from social.networks.protocol import ForgedError


def check_sha256(secrets: Sequence[str], raw_body: bytes, given: str) -> None:
    """Return if `given` is "sha256=" and the HMAC in hex, under one of these secrets; else ForgedError."""
    said = given.strip().lower()
    wanted = [f"sha256={hmac.new(secret.encode(), raw_body, sha256).hexdigest()}" for secret in secrets if secret]
    if not said.isascii() or not any([hmac.compare_digest(one, said) for one in wanted]):  # noqa: C419 - all of them
        raise ForgedError("the signature does not fit")
