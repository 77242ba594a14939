"""Servers on loopback: one keeps every email, one what a provider's API is asked, one every answer to a network."""

import json
import socket
import threading
from collections import Counter
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self, cast
from urllib.parse import parse_qsl

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

LOOPBACK = "127.0.0.1"


class Letterbox:
    """An SMTP server that keeps the emails and refuses one address for good."""

    def __init__(self, refused: str) -> None:
        self.refused = refused
        self.emails: list[tuple[str, EmailMessage]] = []
        self.refusals: Counter[str] = Counter()
        self._lock = threading.Lock()
        self.port = _free_port()
        self._controller = Controller(self, hostname=LOOPBACK, port=self.port)

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any) -> str:  # noqa: N802
        """Take every recipient but one."""
        if address.lower() == self.refused:
            self.refusals[address.lower()] += 1
            return "550 5.1.1 No such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Keep the email."""
        raw = cast("bytes", envelope.content)
        email = message_from_bytes(raw, policy=policy.default)
        with self._lock:
            self.emails += [(to.lower(), email) for to in envelope.rcpt_tos]
        return "250 kept"

    def __enter__(self) -> "Letterbox":
        self._controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._controller.stop()


class _Posts:
    """A place that takes everything: (one header, the JSON) of each request. `path`: where; `answer`: what it says."""

    header, path, answer = "", "/", b"{}"

    def __init__(self) -> None:
        self.kept: list[tuple[str, dict[str, Any]]] = []
        here = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                here.kept.append((self.headers.get(here.header, ""), json.loads(body)))
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.end_headers()
                self.wfile.write(here.answer)

            def log_message(self, *words: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer((LOOPBACK, 0), Handler)

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        """Where to post."""
        return f"http://{LOOPBACK}:{self._server.server_port}{self.path}"


class Network(_Posts):
    """A network's callback: keeps the answers by their key."""

    header, path, answer = "Idempotency-Key", "/answers", b'{"id": "answer-1"}'


class ProviderBox(_Posts):
    """An email provider's API: keeps (the key of who sends, email)."""

    header, path = "X-Postmark-Server-Token", "/email"
    answer = b'{"ErrorCode": 0, "Message": "OK", "MessageID": "walk-1"}'


class TextBox:
    """Twilio's API: keeps the fields of each text."""

    def __init__(self) -> None:
        self.kept: list[dict[str, str]] = []
        here = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                here.kept.append(dict(parse_qsl(body)))
                self.send_response(201)
                self.send_header("Content-Type", "application/json")
                self.end_headers()
                self.wfile.write(b'{"sid": "SM1", "status": "queued"}')

            def log_message(self, *words: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer((LOOPBACK, 0), Handler)

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://{LOOPBACK}:{self._server.server_port}"


def _free_port() -> int:
    with socket.socket() as line:
        line.bind((LOOPBACK, 0))
        return int(line.getsockname()[1])
