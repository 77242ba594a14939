"""Hands emails to an SMTP server on one persistent connection, the next envelope right behind each final dot.

Per email the server's last word decides: 250 accepted, 4xx later, 5xx never. `mark` is called before the first byte
of a body leaves and again when its answer is known, so that a killed process leaves a true trace.
"""

import base64
import re
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from math import inf

from django.utils.translation import gettext as _

from delivery.messengers.protocol import AskedToWaitError, ConnectionLostError, MessageInFlightError, ServerDownError
from delivery.messengers.smtp_line import Line, Reply
from lib.outgoing import MAIL_PORTS, NotReachedError, UnsafeAddressError, open_line

CONNECT_SECONDS = 10
UNFIT = re.compile(r"[\x00-\x20<>\x7f]")


@dataclass(frozen=True, slots=True)
class Account:
    """Where to connect, and as whom."""

    host: str
    port: int
    security: str
    username: str = ""
    password: str = ""


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
    """One email ready to go: its slot in the journal, its envelope, its bytes."""

    slot: int
    sender: str
    recipient: str
    data: bytes


Mark = Callable[[int, str], None]
MayGo = Callable[[OutgoingMessage], bool]


class Smtp:
    """One connection. Not for several threads. `seconds`: until it gives up altogether; None while the server talks."""

    def __init__(
        self,
        account: Account,
        *,
        beat: Callable[[], None] = lambda: None,
        hello: str = "localhost",
        seconds: float | None = None,
    ) -> None:
        self.account, self.hello = account, hello
        self.ends_at = inf if seconds is None else time.monotonic() + seconds
        self.beat = beat
        self.offers: dict[str, str] = {}
        self.line = self._connect()
        try:
            self._greet()
        except ConnectionLostError as error:
            self.line.close()
            raise ServerDownError(self._words(str(error))) from error
        except OSError:
            self.line.close()
            raise

    def deliver(
        self, messages: Iterator[OutgoingMessage], mark: Mark, may_go: MayGo
    ) -> Iterator[tuple[OutgoingMessage, Reply]]:
        """Hand over each message; yields it with the server's answer.

        `may_go` is asked right before a body leaves; on False the connection is dropped (ConnectionLostError) and the
        message stays untouched. MessageInFlightError when a message's fate is unknown, AskedToWaitError on 421.
        """
        message = next(messages, None)
        if message:
            self._write_envelope(message)
        while message:
            refusal = self._read_envelope(message)
            if refusal is not None:
                yield message, refusal
                message = next(messages, None)
                self.line.write(b"RSET\r\n")
                self._expect_good(self.line.read())
                if message:
                    self._write_envelope(message)
                continue
            following = next(messages, None)
            reply = self._hand_over(message, following, mark, may_go)
            yield message, reply
            message = following
            if message and not self.pipelines:
                self._write_envelope(message)

    @property
    def pipelines(self) -> bool:
        """Whether the server takes several commands at once."""
        return "PIPELINING" in self.offers

    @property
    def takes_any_letters(self) -> bool:
        """Whether the server takes addresses with any letters before their @ (RFC 6531)."""
        return "SMTPUTF8" in self.offers

    def close(self) -> None:
        """Say goodbye and hang up."""
        with suppress(ConnectionLostError):
            self.line.write(b"QUIT\r\n", seconds=1)
        self.line.close()

    def _hand_over(
        self, message: OutgoingMessage, following: OutgoingMessage | None, mark: Mark, may_go: MayGo
    ) -> Reply:
        body = message.data.replace(b"\r\n.", b"\r\n..") + b".\r\n"
        behind = self._envelope(following) if following and self.pipelines else b""
        mark(message.slot, "about")
        if not may_go(message):
            mark(message.slot, "untouched")
            self.line.close()
            raise ConnectionLostError("stopped by us")
        try:
            self.line.write(body + behind, seconds=180)
        except ConnectionLostError as error:
            if error.sent_count >= len(body):
                raise MessageInFlightError(str(error)) from error
            mark(message.slot, "untouched")
            raise
        try:
            reply = self.line.read(seconds=600)
        except ConnectionLostError as error:
            raise MessageInFlightError(str(error)) from error
        if reply.code == 421:
            mark(message.slot, "untouched")
            raise AskedToWaitError(reply.number)
        mark(message.slot, "accepted" if reply.is_good else "later" if reply.is_temporary else "refused")
        return reply

    def _envelope(self, message: OutgoingMessage) -> bytes:
        extra = "" if message.recipient.isascii() and message.sender.isascii() else " SMTPUTF8 BODY=8BITMIME"
        return f"MAIL FROM:<{message.sender}>{extra}\r\nRCPT TO:<{message.recipient}>\r\nDATA\r\n".encode()

    def _write_envelope(self, message: OutgoingMessage) -> None:
        if self.pipelines:
            self.line.write(self._envelope(message))

    def _read_envelope(self, message: OutgoingMessage) -> Reply | None:
        """None when the server waits for the body; else its refusal."""
        replies, commands = [], self._envelope(message).splitlines(keepends=True)
        for command in commands:
            if not self.pipelines:
                self.line.write(command)
            replies.append(self.line.read(seconds=300))
            if replies[-1].code == 421:
                raise AskedToWaitError(replies[-1].number)
            if not self.pipelines and not replies[-1].is_good:
                return replies[-1]
        refusal = next((reply for reply in replies if not reply.is_good), None)
        if refusal is not None and replies[-1].code == 354:
            self.line.write(b".\r\n")  # RFC 2920 3.1: an empty letter to nobody
            self.line.read(seconds=300)
        return refusal

    def _connect(self) -> Line:
        host, port = self.account.host, self.account.port
        seconds = max(min(CONNECT_SECONDS, self.ends_at - time.monotonic()), 0.01)
        try:
            sock = open_line(host, port, ports=MAIL_PORTS, seconds=seconds)
        except UnsafeAddressError as error:
            place = {"host": host, "port": port, "why": str(error)}
            raise ServerDownError(_("We do not connect to %(host)s:%(port)s: %(why)s.") % place) from error
        except NotReachedError as error:
            raise ServerDownError(self._words(str(error))) from error
        line = Line(sock, lambda: self.beat(), self.ends_at)  # noqa: PLW0108 - beat is exchanged later
        if self.account.security == "tls":
            try:
                line.encrypt(host)
            except OSError:
                line.close()
                raise
        return line

    def _greet(self) -> None:
        self._expect_good(self.line.read(seconds=60))
        self._ehlo()
        if self.account.security == "starttls":
            if "STARTTLS" not in self.offers:
                raise ServerDownError(_("The mail server offers no STARTTLS. Choose another encryption."))
            self._ask(b"STARTTLS\r\n")
            self.line.encrypt(self.account.host)
            self._ehlo()
        if self.account.username:
            self._log_in()

    def _ehlo(self) -> None:
        self.line.write(f"EHLO {self.hello}\r\n".encode())
        reply = self.line.read(seconds=60)
        if not reply.is_good:
            self._ask(f"HELO {self.hello}\r\n".encode())
            self.offers = {}
            return
        rows = [row.partition(" ") for row in reply.text.splitlines()[1:]]
        self.offers = {name.upper(): rest for name, _space, rest in rows}

    def _log_in(self) -> None:
        ways = self.offers.get("AUTH", "").upper().split()
        user, password = self.account.username, self.account.password
        if "PLAIN" in ways or not ways:
            secret = base64.b64encode(f"\0{user}\0{password}".encode())
            reply = self._say(b"AUTH PLAIN " + secret + b"\r\n")
        elif "LOGIN" in ways:
            reply = self._say(b"AUTH LOGIN\r\n")
            for word in (user, password):
                if reply.code == 334:
                    reply = self._say(base64.b64encode(word.encode()) + b"\r\n")
        else:
            raise ServerDownError(_("The mail server offers no way to log in that we speak."))
        if reply.is_temporary:
            raise AskedToWaitError(reply.number)
        if not reply.is_good:
            raise ServerDownError(_("The mail server does not accept our login (%(code)s).") % {"code": reply.number})

    def _say(self, command: bytes) -> Reply:
        self.line.write(command)
        return self.line.read(seconds=60)

    def _ask(self, command: bytes) -> None:
        self._expect_good(self._say(command))

    def _expect_good(self, reply: Reply) -> None:
        if reply.is_temporary:
            raise AskedToWaitError(reply.number)
        if not reply.is_good:
            raise ServerDownError(_("The mail server refuses us (%(code)s).") % {"code": reply.number})

    def _words(self, why: str) -> str:
        place = {"host": self.account.host, "port": self.account.port, "why": why}
        return _("The mail server %(host)s:%(port)s cannot be used: %(why)s") % place


def can_deliver(connection: Smtp, recipient: str) -> bool:
    """Whether this address can be written on an envelope for this server."""
    return not UNFIT.search(recipient) and (recipient.isascii() or connection.takes_any_letters)
