"""An HTTP server on loopback that stands for a provider, kind or unkind, and what each provider is asked and answers."""

import base64
import json
import re
import socket
import threading
import time
from collections import Counter
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace

from delivery.models import Sender
from delivery.senders import keep_secret

FROM = {"from_email": "hello@kettle.example", "from_name": 'Kettle "K" Köln', "reply_to": "desk@kettle.example"}
MORE = {
    "ses": {"access_key": "AKIDEXAMPLE", "region": "eu-central-1", "configuration_set": "news"},
    "mailgun": {"sending_domain": "mg.kettle.example"},
    "postmark": {"stream": "broadcast"},
    "mailjet": {"username": "public"},
}
ALL = ("ses", "mailgun", "postmark", "sendgrid", "brevo", "resend", "mailjet")
TAKEN = {
    "ses": (200, {"MessageId": "0102-ses"}),
    "mailgun": (200, {"id": "<x@mg>", "message": "Queued. Thank you."}),
    "postmark": (200, {"To": "x", "MessageID": "b7bc", "ErrorCode": 0, "Message": "OK"}),
    "sendgrid": (202, None),
    "brevo": (201, {"messageId": "<x@relay>"}),
    "resend": (200, {"id": "49a3"}),
    "mailjet": (200, {"Messages": [{"Status": "success", "CustomID": "x", "Errors": []}]}),
}
DEAD = {
    "ses": (400, {"message": "550 5.1.1 no such user here"}),
    "mailgun": (400, {"message": "'to' parameter is not a valid address. please check documentation"}),
    "postmark": (422, {"ErrorCode": 406, "Message": "You tried to send to recipient(s) that have been marked as inactive."}),
    "sendgrid": (400, {"errors": [
        {"message": "Does not contain a valid address.", "field": "personalizations.0.to.0.email", "help": "x"}]}),
    "brevo": (400, {"code": "invalid_parameter", "message": "email is not valid in to"}),
    "resend": (422, {"statusCode": 422, "name": "validation_error", "message": "Invalid `to` field. The email address ..."}),
    "mailjet": (400, {"Messages": [{"Status": "error", "Errors": [
        {"ErrorCode": "mj-0013", "StatusCode": 400, "ErrorMessage": "\"x\" is an invalid email address.",
         "ErrorRelatedTo": ["To[0].Email"]}]}]}),
}  # fmt: skip
REFUSED = {
    "ses": (400, {"message": "Message length is more than 40960000 bytes long"}),
    "mailgun": (400, {"message": "from parameter is missing"}),
    "postmark": (422, {"ErrorCode": 300, "Message": "Zero recipients specified"}),
    "sendgrid": (400, {"errors": [{"message": "The subject is required.", "field": "subject"}]}),
    "brevo": (400, {"code": "missing_parameter", "message": "subject is missing"}),
    "resend": (422, {"statusCode": 422, "name": "missing_required_field", "message": "Missing `subject` field."}),
    "mailjet": (400, {"Messages": [{"Status": "error", "Errors": [
        {"ErrorCode": "mj-0003", "ErrorMessage": "missing mandatory property", "ErrorRelatedTo": ["Subject"]}]}]}),
}  # fmt: skip


def make_provider_sender(kind: str, url: str, **settings) -> Sender:
    """A sender by this provider, whose interface is at `url`."""
    given = {"endpoint": url, "connections": 4} | FROM | MORE.get(kind, {}) | settings
    sender = Sender.objects.create(name=kind, kind=kind, per_second=100_000, settings=given)
    keep_secret(sender, "the-secret-key")
    return sender


def recipient_in(body: bytes) -> str:
    """To whom a request's email goes, however its provider wants it told."""
    return re.search(rb"[\w.+-]+@(?:x|mail|[\w-]+)\.(?:example|test)\b", _to_part(body))[0].decode()


def _to_part(body: bytes) -> bytes:
    if b'name="to"' in body:
        return body.partition(b'name="to"')[2]
    tree = json.loads(body)
    tree = tree.get("Messages", [tree])[0]
    for path in (("personalizations", 0, "to"), ("Destination",), ("To",), ("to",)):
        found = tree
        for step in path:
            found = found[step] if isinstance(found, list) or step in found else None
            if found is None:
                break
        else:
            return json.dumps(found).encode()
    raise AssertionError(body)


class Provider:
    """It takes everything until told otherwise.

    `answers`: address → (status, JSON or bytes, headers); `always`: the same for everybody; `hangs`, `cuts` (before an
    answer; `cuts_once`: only the first time), `cuts_answer` (in the middle of one): addresses.
    """

    def __init__(self, kind: str) -> None:
        self.kind, self.asked, self.answers, self.always = kind, [], {}, None
        self.hangs, self.cuts, self.cuts_answer, self.goes_on = set(), set(), set(), threading.Event()
        self.cuts_once = set()
        self.lock, self.open_count, self.accepted = threading.Lock(), 0, Counter()
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self):
                super().setup()
                self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                with server.lock:
                    server.open_count += 1

            def do_POST(self):
                raw = self.rfile.read(int(self.headers["Content-Length"]))
                server.answer(self, raw)

            def log_message(self, *_args):
                """Quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def answer(self, handler, raw: bytes) -> None:
        to = recipient_in(raw)
        with self.lock:
            self.asked.append(SimpleNamespace(path=handler.path, headers=dict(handler.headers), body=raw, to=to))
        if to in self.hangs:
            self.goes_on.wait(20)
        if to in self.cuts or to in self.hangs or to in self.cuts_once:
            self.cuts_once.discard(to)
            with self.lock:
                self.accepted[to] += 1  # it took it, and never said so
            handler.close_connection = True
            return
        status, body, headers = (*(self.answers.get(to) or self.always or TAKEN[self.kind]), {}, {})[:3]
        if 200 <= status < 300:
            with self.lock:
                self.accepted[to] += 1
        said = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(said) + (50 if to in self.cuts_answer else 0)))
        handler.end_headers()
        handler.wfile.write(said)
        handler.close_connection = to in self.cuts_answer

    def close(self) -> None:
        self.goes_on.set()
        self.server.shutdown()
        self.server.server_close()

    def wait_for(self, count: int) -> None:
        ends = time.monotonic() + 5
        while len(self.asked) < count and time.monotonic() < ends:
            time.sleep(0.005)


def mime_of(kind: str, body: bytes):
    """The email inside a request that carries one whole."""
    if kind == "ses":
        return message_from_bytes(base64.b64decode(json.loads(body)["Content"]["Raw"]["Data"]))
    inner = body.partition(b"message/rfc822\r\n\r\n")[2]
    return message_from_bytes(inner.rpartition(b"\r\n--ecrm-")[0])
