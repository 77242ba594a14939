"""Secrets at rest: AES-256-GCM under a key derived from SECRET_KEY, bound to the row they belong to.

A stolen database holds only ciphertext, and a ciphertext moved to another workspace or purpose does not open.
"""

import os
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

NONCE_BYTES = 12
VERSION = b"\x01"


class SealBrokenError(ValueError):
    """The secret cannot be opened: another key, another row, or changed bytes."""


def seal(secret: str, *, workspace_id: int | None, purpose: str) -> bytes:
    """The secret as bytes for the database; the empty one stays empty."""
    if not secret:
        return b""
    nonce = os.urandom(NONCE_BYTES)
    sealed = _cipher(settings.SECRET_KEY).encrypt(nonce, secret.encode(), _bound_to(workspace_id, purpose))
    return VERSION + nonce + sealed


def unseal(sealed: bytes | memoryview, *, workspace_id: int | None, purpose: str) -> str:
    """The secret inside, or SealBrokenError. Keys in SECRET_KEY_FALLBACKS still open old seals."""
    raw = bytes(sealed)
    if not raw:
        return ""
    nonce, body = raw[1 : 1 + NONCE_BYTES], raw[1 + NONCE_BYTES :]
    for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        try:
            return _cipher(key).decrypt(nonce, body, _bound_to(workspace_id, purpose)).decode()
        except (InvalidTag, ValueError):
            continue
    raise SealBrokenError("This secret was sealed with another key.")


def _bound_to(workspace_id: int | None, purpose: str) -> bytes:
    return f"{workspace_id}:{purpose}".encode()


@lru_cache(maxsize=8)
def _cipher(key: str) -> AESGCM:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"ecrm sealing v1").derive(key.encode())
    return AESGCM(derived)
