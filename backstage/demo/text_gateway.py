"""The demo gateway for texts (echo): a small server that speaks as Twilio does, so that answering by SMS can be tried.

It takes a text, tells after a moment that it was delivered, and some seconds later whoever got it answers once. It listens
on 127.0.0.1 alone, calls nothing but 127.0.0.1, and sends no text to anybody. Run by `make up`:
`python -m backstage.demo.text_gateway FACTS`, where FACTS is a file that holds its port and token.

Where people's answers go stands in the address by which it is asked (`endpoint_for`), as nobody enters it there.
"""

import base64
import binascii
import hmac
import json
import os
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

NAME, LOOPBACK = "Demo gateway for texts (echo)", "127.0.0.1"
ACCOUNT = "AC" + "demo" * 8
HERE = {LOOPBACK, "localhost"}
DELIVERED_AFTER, ANSWERS_AFTER = 2.0, 6.0  # seconds
THANKS = "Thank you, that is all I wanted to know. (The demo's echo)"
LARGEST = 20_000
Said = tuple[int, Any]


def endpoint_for(url: str, inbound: str) -> str:
    """The endpoint of a sender whose people's answers go to `inbound`."""
    return f"{url.rstrip('/')}/to/{base64.urlsafe_b64encode(inbound.encode()).decode()}"


def seal_of(token: str, url: str, fields: Mapping[str, str]) -> str:
    """X-Twilio-Signature of a call."""
    text = url + "".join(f"{name}{fields[name]}" for name in sorted(fields))
    return base64.b64encode(hmac.digest(token.encode(), text.encode(), "sha1")).decode()


class TextGateway:
    """What was sent, and who answers when; `clock` counts seconds since 1970, `call` posts signed fields to an address."""

    def __init__(
        self, token: str, call: Callable[[str, dict[str, str]], None], clock: Callable[[], float] = time.time
    ) -> None:
        self.token, self.call, self.clock, self.lock = token, call, clock, threading.RLock()
        self.sent: list[dict[str, str]] = []
        self.later: list[tuple[float, str, dict[str, str]]] = []
        self.answered: set[str] = set()

    def take(self, inbound: str, fields: Mapping[str, str]) -> Said:
        """One text to send: (201, as Twilio answers), or why not."""
        to, body, told = fields.get("To", ""), fields.get("Body", ""), fields.get("StatusCallback", "")
        if not (to.startswith("+") and to[1:].isdigit()):
            return 400, {"code": 21211, "message": f"Invalid 'To' Phone Number: {to[:20]}", "status": 400}
        if not 0 < len(body) <= 1600:
            return 400, {"code": 21602, "message": "Message body is required.", "status": 400}
        with self.lock:
            moment, sid = self.clock(), f"SM{os.urandom(16).hex()}"
            row = {
                "sid": sid, "to": to, "body": body, "status": "queued", "direction": "outbound-api",
                "date_created": format_datetime(datetime.fromtimestamp(moment, UTC)),
            }  # fmt: skip
            self.sent.append(row)
            if is_here(told):
                self.later.append((moment + DELIVERED_AFTER, told, {"MessageSid": sid, "MessageStatus": "delivered"}))
            if is_here(inbound) and to not in self.answered:
                self.answered.add(to)
                said = {"MessageSid": f"SM{os.urandom(16).hex()}", "From": to, "Body": THANKS}
                self.later.append((moment + ANSWERS_AFTER, inbound, said))
        return 201, row

    def listed(self, to: str) -> Said:
        """The texts to a number, the newest first."""
        with self.lock:
            return 200, {"messages": [one for one in reversed(self.sent) if one["to"] == to][:50]}

    def tell_due(self) -> None:
        """Make the calls whose moment has come; one that fails is made no more."""
        with self.lock:
            moment = self.clock()
            due = [one for one in self.later if one[0] <= moment]
            self.later = [one for one in self.later if one[0] > moment]
        for _at, url, fields in due:
            self.call(url, fields)


def is_here(url: str) -> bool:
    """Whether an address is on this machine; no other is ever called."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme == "http" and parts.hostname in HERE


class GatewayServer(ThreadingHTTPServer):
    """The gateway behind a port of 127.0.0.1."""

    daemon_threads = True

    def __init__(self, port: int, token: str, clock: Callable[[], float]) -> None:
        super().__init__((LOOPBACK, port), GatewayHandler)
        self.token, self.gateway = token, TextGateway(token, self.call, clock)

    def call(self, url: str, fields: dict[str, str]) -> None:
        """Post these, signed as Twilio signs."""
        head = {"X-Twilio-Signature": seal_of(self.token, url, fields)}
        asked = urllib.request.Request(url, urlencode(fields).encode(), head)  # noqa: S310 - is_here looked at it
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            opener.open(asked, timeout=10).close()
        except OSError as error:
            sys.stderr.write(f"{NAME}: {urlsplit(url).path[:40]} did not take it ({error})\n")

    def service_actions(self) -> None:
        """Between two requests: what is due is told, beside them."""
        if self.gateway.later:
            threading.Thread(target=self.gateway.tell_due, daemon=True).start()


class GatewayHandler(BaseHTTPRequestHandler):
    """One line to it."""

    protocol_version, timeout = "HTTP/1.1", 30
    server: GatewayServer

    def do_GET(self) -> None:
        to = parse_qs(urlsplit(self.path).query).get("To", [""])[0]
        self._answer(lambda _inbound: self.server.gateway.listed(to))

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "0")
        raw = self.rfile.read(min(int(length) if length.isdigit() else 0, LARGEST))
        fields = {name: one[0] for name, one in parse_qs(raw.decode("utf-8", "replace")).items()}
        self._answer(lambda inbound: self.server.gateway.take(inbound, fields))

    def _answer(self, work: Callable[[str], Said]) -> None:
        kept = base64.b64encode(f"{ACCOUNT}:{self.server.token}".encode()).decode()
        before, found, _after = urlsplit(self.path).path.partition(f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json")
        if not found:
            self._send(404, {"code": 20404, "message": f"{NAME}: nothing is here.", "status": 404})
        elif not hmac.compare_digest(self.headers.get("Authorization", "").encode(), f"Basic {kept}".encode()):
            self._send(401, {"code": 20003, "message": "Authenticate", "status": 401})
        else:
            self._send(*work(_inbound_in(before)))

    def _send(self, status: int, tree: Any) -> None:
        body = json.dumps(tree).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: Any) -> None:
        """Quiet."""


def _inbound_in(path: str) -> str:
    try:
        return base64.urlsafe_b64decode(path.removeprefix("/to/")).decode()
    except (binascii.Error, ValueError):
        return ""


def serve(port: int, token: str, clock: Callable[[], float] = time.time) -> GatewayServer:
    """The gateway, listening; port 0 takes any free one. Whoever calls runs `serve_forever`."""
    return GatewayServer(port, token, clock)


def main() -> None:
    """Serve until somebody ends us."""
    facts = json.loads(Path(sys.argv[1]).read_text())
    with serve(int(facts["port"]), str(facts["token"])) as server:
        server.serve_forever(poll_interval=0.5)


if __name__ == "__main__":
    main()
