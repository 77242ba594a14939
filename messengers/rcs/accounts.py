"""Google's service accounts: a signed word under the account's key is exchanged for a token, kept until it ends."""

import base64
import json
import threading
import time
from collections.abc import Callable, Mapping
from urllib.parse import urlencode

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from django.utils.translation import gettext as _

from delivery.messengers.protocol import ServerDownError
from delivery.returns.events import part_of, word_of
from lib.connections.outgoing import UnsafeAddressError
from lib.connections.safe_fetch import FetchFailedError, safe_fetch
from lib.foreign.foreign_json import BadJsonError, read_json

SCOPE = "https://www.googleapis.com/auth/rcsbusinessmessaging"
TOKEN_URI = "https://oauth2.googleapis.com/token"  # noqa: S105 - an address
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
HEAD: Mapping[str, object] = {"alg": "RS256", "typ": "JWT"}
LIVES = 3_600
EARLY = 120.0  # seconds before its end: a request under way shall not outlive it


class BadAccountError(ValueError):
    """The text is no key of a service account; it says why."""


class ServiceAccount:
    """One account. `token` may be asked from several threads: one of them fetches, the others wait for it."""

    def __init__(self, email: str, key: RSAPrivateKey, token_uri: str, clock: Callable[[], float] = time.time) -> None:
        self.email, self._key, self.token_uri, self._clock = email, key, token_uri, clock
        self._lock = threading.Lock()
        self._token, self._ends_at = "", 0.0

    def token(self, *, seconds: float) -> str:
        """The token that counts now. ServerDownError where Google gives none."""
        with self._lock:
            if self._clock() >= self._ends_at - EARLY:
                self._fetch(seconds)
            return self._token

    def forget(self) -> None:
        """The token did not count: the next one asks anew."""
        with self._lock:
            self._ends_at = 0.0

    def assertion(self) -> str:
        """The signed word: a JWT by RS256."""
        moment = int(self._clock())
        claims: Mapping[str, object] = {
            "iss": self.email,
            "scope": SCOPE,
            "aud": self.token_uri,
            "iat": moment,
            "exp": moment + LIVES,
        }
        body = b".".join(_packed(one) for one in (HEAD, claims))
        return (body + b"." + _base64(self._key.sign(body, PKCS1v15(), SHA256()))).decode()

    def _fetch(self, seconds: float) -> None:
        asked = urlencode({"grant_type": GRANT, "assertion": self.assertion()}).encode()
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        try:
            answer = safe_fetch(self.token_uri, method="POST", headers=headers, content=asked, seconds=seconds)
            tree = read_json(answer.body)
        except (UnsafeAddressError, FetchFailedError) as error:
            raise ServerDownError(_("Google’s sign-in cannot be reached: %(why)s.") % {"why": error}) from error
        except BadJsonError as error:
            raise ServerDownError(_("Google’s sign-in gave an answer that cannot be read.")) from error
        token, lives = word_of(tree, "access_token"), part_of(tree, "expires_in")
        if answer.status != 200 or not token:
            text = _("Google does not let this service account in (%(code)s). Make a new key and enter it.")
            raise ServerDownError(text % {"code": word_of(tree, "error")[:60] or answer.status})
        self._token = token
        self._ends_at = self._clock() + (lives if isinstance(lives, int) and 0 < lives <= LIVES else EARLY * 2)


def read_account(text: str) -> ServiceAccount:
    """The account inside a key file of Google's (JSON). BadAccountError."""
    try:
        tree = read_json(text.encode())
    except BadJsonError as error:
        raise BadAccountError("no JSON") from error
    email, pem = word_of(tree, "client_email"), word_of(tree, "private_key")
    if not email or not pem:
        raise BadAccountError("client_email or private_key is missing")
    try:
        key = load_pem_private_key(pem.encode(), None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise BadAccountError("the private key cannot be read") from error
    if not isinstance(key, RSAPrivateKey):
        raise BadAccountError("the private key is no RSA key")
    return ServiceAccount(email, key, word_of(tree, "token_uri") or TOKEN_URI)


def _packed(tree: Mapping[str, object]) -> bytes:
    return _base64(json.dumps(tree, separators=(",", ":")).encode())


def _base64(raw: bytes) -> bytes:
    return base64.urlsafe_b64encode(raw).rstrip(b"=")
