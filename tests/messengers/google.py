"""Google's RCS Business Messaging and its sign-in on loopback, and its signed calls."""

import base64
import hmac
import json
import threading
from collections import Counter
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from urllib.parse import parse_qs, unquote, urlsplit

from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from delivery.models import Sender
from delivery.senders import keep_secret

CLIENT_TOKEN = "client-token"
AGENT = "kettle_agent"


@cache
def private_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def key_file(token_uri: str) -> str:
    pem = private_key().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    facts = {"type": "service_account", "client_email": "rcs@kettle.example", "private_key": pem}
    return json.dumps(facts | {"token_uri": token_uri})


class Google:
    """`answers`: number → (status, JSON); ids that came before are answered with 409; `cuts`: numbers hung up on once."""

    def __init__(self) -> None:
        self.asked, self.tokens, self.answers, self.always, self.cuts, google = [], [], {}, None, Counter(), self
        self.taken, self.lock = set(), threading.Lock()

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                raw = self.rfile.read(int(self.headers["Content-Length"]))
                if self.path == "/token":
                    google.tokens.append({name: one[0] for name, one in parse_qs(raw.decode()).items()})
                    self.answer(200, {"access_token": f"token-{len(google.tokens)}", "expires_in": 3600})
                    return
                url = urlsplit(self.path)
                to = unquote(url.path.split("/")[3])
                query = {name: one[0] for name, one in parse_qs(url.query).items()}
                found = SimpleNamespace(
                    path=url.path, to=to, query=query, headers=dict(self.headers), tree=json.loads(raw)
                )
                with google.lock:
                    google.asked.append(found)
                    again = query["messageId"] in google.taken
                    given = google.always or google.answers.get(to)
                    if given is None:
                        google.taken.add(query["messageId"])
                    cut = google.cuts[to] > 0
                    google.cuts[to] -= 1
                if cut:
                    self.close_connection = True
                elif given is not None:
                    self.answer(*given)
                elif again:
                    self.answer(409, {"error": {"code": 409, "status": "ALREADY_EXISTS", "message": "exists"}})
                else:
                    self.answer(200, {"name": f"phones/{to}/agentMessages/{query['messageId']}"})

            def answer(self, status, said):
                body = json.dumps(said).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_args):
                """Quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"

    @property
    def counts(self) -> Counter:
        return Counter(one.to for one in self.asked)

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


def make_rcs_sender(url: str, **settings) -> Sender:
    given = {"agent_id": AGENT, "endpoint": url, "price_milli": 60} | settings
    sender = Sender.objects.create(name="Rich", kind="rcs", per_second=100_000, settings=given)
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
