"""A push service on loopback, browsers that subscribe to it, and RFC 8291 read a second time, apart from any library."""

import base64
import hmac
import json
from collections import Counter
from types import SimpleNamespace

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from lib.push.browsers import read_browser
from messengers.push.subscribing import subscribe
from tests.loopback import LoopbackApi

CURVE = ec.SECP256R1()
PAGE = "https://kettle.example/news"
PROOF = {"page": PAGE, "source": "web push", "agent": "Mozilla/5.0 (Android 15; Mobile; rv:140.0) Firefox/140.0"}


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def un64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def hkdf(salt: bytes, secret: bytes, info: bytes, length: int) -> bytes:
    """RFC 5869 for one block."""
    return hmac.digest(hmac.digest(salt, secret, "sha256"), info + b"\x01", "sha256")[:length]


def open_sealed(body: bytes, private: ec.EllipticCurvePrivateKey, auth: bytes) -> bytes:
    """What a browser reads in the body of a push: RFC 8291 over RFC 8188, of one record."""
    salt, size, length = body[:16], int.from_bytes(body[16:20]), body[20]
    theirs, sealed = body[21 : 21 + length], body[21 + length :]
    assert len(sealed) <= size
    ours = private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    shared = private.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(CURVE, theirs))
    secret = hkdf(auth, shared, b"WebPush: info\x00" + ours + theirs, 32)
    key = hkdf(salt, secret, b"Content-Encoding: aes128gcm\x00", 16)
    nonce = hkdf(salt, secret, b"Content-Encoding: nonce\x00", 12)
    padded = AESGCM(key).decrypt(nonce, sealed, None).rstrip(b"\x00")
    assert padded[-1] == 2
    return padded[:-1]


class FakeBrowser:
    """One browser at one push service."""

    def __init__(self, url: str, name: str) -> None:
        self.private, self.auth, self.name = ec.generate_private_key(CURVE), name.encode().ljust(16, b"_")[:16], name
        self.endpoint = f"{url}/push/{name}"
        point = self.private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        self.json = {"endpoint": self.endpoint, "keys": {"p256dh": b64(point), "auth": b64(self.auth)}}

    def read(self, body: bytes) -> dict:
        return json.loads(open_sealed(body, self.private, self.auth))

    def allows(self, sender, contact, **proof):
        given = PROOF | proof
        return subscribe(sender, contact, read_browser(self.json), wording="Show me your news", proof=given)


class PushService(LoopbackApi):
    """It takes everything until told otherwise. `answers`: name → (status, headers); `cuts`: names without an answer."""

    def __init__(self) -> None:
        self.answers, self.always, self.cuts = {}, None, set()
        super().__init__()

    def hear(self, method, path, headers, raw):
        name = path.rpartition("/")[2]
        with self.lock:
            self.asked.append(SimpleNamespace(name=name, headers=headers, body=raw))
        if name in self.cuts:
            return None
        status, given = self.always or self.answers.get(name, (201, {}))
        return status, None, given

    def browser(self, name: str) -> FakeBrowser:
        return FakeBrowser(self.url, name)

    @property
    def counts(self) -> Counter:
        return Counter(one.name for one in self.asked)
