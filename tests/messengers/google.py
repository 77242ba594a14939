"""Google's RCS Business Messaging and its sign-in on loopback, and its signed calls."""

import base64
import hmac
import json
from collections import Counter
from functools import cache
from types import SimpleNamespace
from urllib.parse import parse_qs, unquote, urlsplit

from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from delivery.models import Sender
from delivery.senders import keep_secret
from tests.loopback import LoopbackApi

CLIENT_TOKEN = "client-token"
AGENT = "kettle_agent"


@cache
def private_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def key_file(token_uri: str) -> str:
    pem = private_key().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    facts = {"type": "service_account", "client_email": "rcs@kettle.example", "private_key": pem}
    return json.dumps(facts | {"token_uri": token_uri})


class Google(LoopbackApi):
    """`answers`: number → (status, JSON); ids that came before are answered with 409; `cuts`: numbers hung up on once."""

    def __init__(self) -> None:
        self.tokens, self.answers, self.always, self.cuts, self.taken = [], {}, None, Counter(), set()
        super().__init__()

    def hear(self, method, path, headers, raw):
        if path == "/token":
            self.tokens.append({name: one[0] for name, one in parse_qs(raw.decode()).items()})
            return 200, {"access_token": f"token-{len(self.tokens)}", "expires_in": 3600}, {}
        url = urlsplit(path)
        to, query = unquote(url.path.split("/")[3]), {name: one[0] for name, one in parse_qs(url.query).items()}
        with self.lock:
            asked = SimpleNamespace(path=url.path, to=to, query=query, headers=headers, tree=json.loads(raw))
            self.asked.append(asked)
            again, given = query["messageId"] in self.taken, self.always or self.answers.get(to)
            if given is None:
                self.taken.add(query["messageId"])
            cut = self.cuts[to] > 0
            self.cuts[to] -= 1
        if cut:
            return None
        if given is not None:
            return (*given, {})
        if again:
            return 409, {"error": {"code": 409, "status": "ALREADY_EXISTS", "message": "exists"}}, {}
        return 200, {"name": f"phones/{to}/agentMessages/{query['messageId']}"}, {}

    @property
    def counts(self) -> Counter:
        return Counter(one.to for one in self.asked)


def make_rcs_sender(url: str, **settings) -> Sender:
    given = {"agent_id": AGENT, "endpoint": url} | settings
    sender = Sender.objects.create(name="Rich", kind="rcs", per_second=100_000, price_milli=60, settings=given)
    keep_secret(sender, json.dumps({"account": key_file(f"{url}/token"), "client_token": CLIENT_TOKEN}))
    return sender


def signed(news, token: str = CLIENT_TOKEN) -> dict:
    """Arguments of a client's post: Google's own signed call."""
    raw = news if isinstance(news, bytes) else json.dumps(news).encode()
    seal = base64.b64encode(hmac.digest(token.encode(), raw, "sha512")).decode()
    body = json.dumps({"message": {"data": base64.b64encode(raw).decode(), "messageId": "1"}})
    return {"data": body, "content_type": "application/json", "headers": {"X-Goog-Signature": seal}}


def check_assertion(text: str) -> dict:
    """The claims of a signed word, whose signature fits. InvalidSignature."""
    head, claims, seal = text.split(".")
    private_key().public_key().verify(_opened(seal), f"{head}.{claims}".encode(), padding.PKCS1v15(), SHA256())
    assert json.loads(_opened(head)) == {"alg": "RS256", "typ": "JWT"}
    return json.loads(_opened(claims))


def _opened(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
