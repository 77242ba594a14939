"""A real SMTP server on loopback that can also be unkind."""

import asyncio
import logging
import socket
import threading
from collections import Counter

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult

logging.getLogger("mail.log").setLevel(logging.WARNING)


class Mailroom:
    """An aiosmtpd handler: keeps what it accepts, and treats recipients by rules.

    `refuse` and `defer`: address → answer to RCPT; `refuse_data`: address → answer to the final dot; `drop_at`: the
    numbers of accepted letters at which it closes instead of answering; `hang`: seconds before the final answer;
    `stops_at`: after so many letters it answers nobody before `goes_on` is set.
    """

    def __init__(self, **rules):
        self.letters: list[tuple[str, str, bytes]] = []
        self.refuse, self.refuse_data, self.drop_at = {}, {}, set()
        self.hang, self.seen, self.refuse_sender, self.pipelines = 0.0, 0, "", True
        self.stops_at, self.goes_on = 0, threading.Event()
        self.__dict__.update(rules)

    async def handle_EHLO(self, server, session, envelope, hostname, responses):  # noqa: N802 - aiosmtpd calls it so
        session.host_name = hostname
        return responses[:-1] + (["250-PIPELINING"] if self.pipelines else []) + responses[-1:]

    async def handle_MAIL(self, server, session, envelope, address, options):  # noqa: N802 - aiosmtpd calls it so
        if self.refuse_sender:
            return self.refuse_sender
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802 - aiosmtpd calls it so
        answer = self.refuse.get(address)
        if answer:
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - aiosmtpd calls it so
        self.seen += 1
        number = self.seen
        if self.hang:
            await asyncio.sleep(self.hang)
        while 0 < self.stops_at < number and not self.goes_on.is_set():
            await asyncio.sleep(0.01)
        address = envelope.rcpt_tos[0]
        if address in self.refuse_data:
            return self.refuse_data[address]
        self.letters.append((envelope.mail_from, address, envelope.content))
        if self.seen in self.drop_at:
            server.transport.abort()
        return "250 2.0.0 Taken"

    @property
    def counts(self) -> Counter:
        """How many letters each address got."""
        return Counter(address for _sender, address, _data in self.letters)


class _Controller(Controller):
    """A controller on a port of the system's choosing."""

    def __init__(self, handler, **options):
        super().__init__(handler, hostname="127.0.0.1", port=0, **options)

    def _trigger_server(self):
        with socket.create_connection(("127.0.0.1", self.real_port), timeout=5) as first:
            first.recv(100)

    @property
    def real_port(self) -> int:
        return self.server.sockets[0].getsockname()[1]


def open_mailroom(room: Mailroom, *, login: tuple[str, str] | None = None) -> _Controller:
    """Start it; `.stop()` ends it, `.real_port` is where it listens."""
    options = {}
    if login:

        def check(server, session, envelope, mechanism, data):
            given = (data.login.decode(), data.password.decode())
            return AuthResult(success=given == login, handled=given == login)

        options = {"authenticator": check, "auth_require_tls": False, "auth_required": True}
    controller = _Controller(room, **options)
    controller.start()
    return controller


__all__ = ["SMTP", "Mailroom", "open_mailroom"]
