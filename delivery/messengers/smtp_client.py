"""Hands emails to an SMTP server on one persistent connection, the next envelope right behind each final dot.

Per email the server's last word decides: 250 accepted, 4xx later, 5xx never. `mark` is called before the first byte
of a body leaves and again when its answer is known, so that a killed process leaves a true trace.

`Dialogue` is what is said, as generators that yield what they wait for (smtp_line.py); `Smtp` drives one of them over a
line of its own, `smtp_pool.Pool` several.
"""

import base64
import re
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import suppress
from dataclasses import dataclass
from math import inf
from typing import Protocol

from django.utils.translation import gettext as _

from delivery.messengers.protocol import AskedToWaitError, ConnectionLostError, MessageInFlightError, ServerDownError
from delivery.messengers.smtp_line import Line, Reply, Socket, Waiting
from lib.connections.outgoing import MAIL_PORTS, NotReachedError, UnsafeAddressError, open_line

CONNECT_SECONDS = 10
SETTLE_SECONDS = 0.1  # for a server that cuts lines: so long the final dot waits for it to do so
UNFIT = re.compile(r"[\x00-\x20<>\x7f]")
DOT = b".\r\n"


@dataclass(frozen=True, slots=True)
class Account:
    """Where to connect, and as whom."""

    host: str
    port: int
    security: str
    username: str = ""
    password: str = ""

    def cannot(self, why: object) -> ServerDownError:
        """That it cannot be used, in plain words."""
        place = {"host": self.host, "port": self.port, "why": why}
        return ServerDownError(_("The mail server %(host)s:%(port)s cannot be used: %(why)s") % place)

    def refused(self, why: object) -> ServerDownError:
        """That we do not go there."""
        place = {"host": self.host, "port": self.port, "why": why}
        return ServerDownError(_("We do not connect to %(host)s:%(port)s: %(why)s.") % place)


@dataclass(slots=True)
class OutgoingMessage:
    """One email ready to go: its slot in the journal, its envelope, its bytes."""

    slot: int
    sender: str
    recipient: str
    data: bytes


Mark = Callable[[int, str], None]
MayGo = Callable[[OutgoingMessage], bool]
Take = Callable[[], OutgoingMessage | None]
Handing = Generator[int | tuple[OutgoingMessage, Reply]]


class Server(Protocol):
    """What is known of a server."""

    @property
    def takes_any_letters(self) -> bool:
        """Whether it takes addresses with any letters before their @ (RFC 6531)."""
        ...


class Dialogue:
    """What is said on one line. `current` and `following` are the messages that have no last word yet.

    `is_careful`: the final dot of a message waits until the server had the time to break off, for one that cuts lines.
    `was_stopped`: `may_go` said no, and the line was dropped for it.
    """

    def __init__(self, account: Account, hello: str, line: Line) -> None:
        self.account, self.hello, self.line = account, hello, line
        self.offers: dict[str, str] = {}
        self.current: OutgoingMessage | None = None
        self.following: OutgoingMessage | None = None
        self.is_careful = self.was_stopped = False

    @property
    def pipelines(self) -> bool:
        """Whether the server takes several commands at once."""
        return "PIPELINING" in self.offers

    @property
    def takes_any_letters(self) -> bool:
        """Whether the server takes addresses with any letters before their @ (RFC 6531)."""
        return "SMTPUTF8" in self.offers

    def greeting(self) -> Waiting:
        """Everything until the first message. ServerDownError, AskedToWaitError."""
        try:
            yield from self._greet()
        except ConnectionLostError as error:
            raise self.account.cannot(error) from error

    def handing_over(self, take: Take, mark: Mark, may_go: MayGo) -> Handing:
        """Hand over what `take` gives until it gives nothing; yields each message with the server's answer.

        `may_go` is asked right before a body leaves; on False the connection is dropped (ConnectionLostError) and the
        message stays untouched. MessageInFlightError when a message's fate is unknown, AskedToWaitError on 421.
        """
        line, pipelines = self.line, self.pipelines
        self.current = message = take()
        if message and pipelines:
            yield from line.sending(self._envelope(message))
        while message:
            refusal = yield from self._envelope_answer(message)
            if refusal is not None:
                self.current = None
                yield message, refusal
                self.current = message = take()
                yield from line.sending(b"RSET\r\n")
                self._expect_good((yield from line.reading()))
                if message and pipelines:
                    yield from line.sending(self._envelope(message))
                continue
            self.following = following = take()
            reply = yield from self._body(message, following, mark, may_go)
            self.current, self.following = following, None
            yield message, reply
            message = following

    def _body(
        self, message: OutgoingMessage, following: OutgoingMessage | None, mark: Mark, may_go: MayGo
    ) -> Generator[int, None, Reply]:
        line = self.line
        body = message.data.replace(b"\r\n.", b"\r\n..") + DOT
        behind = self._envelope(following) if following and self.pipelines else b""
        if self.is_careful:
            yield from line.sending(body[: -len(DOT)], seconds=180)
            yield from line.settling(seconds=SETTLE_SECONDS)
            body = DOT
        mark(message.slot, "about")
        if not may_go(message):
            mark(message.slot, "untouched")
            self.was_stopped = True
            line.close()
            raise ConnectionLostError("stopped by us")
        try:
            yield from line.sending(body + behind, seconds=180)
        except ConnectionLostError as error:
            self._tell_fate(message, mark, error, error.sent_count - len(body))
        try:
            reply = line.reply_at_hand() or (yield from line.reading(seconds=600))
        except ConnectionLostError as error:
            self._tell_fate(message, mark, error, len(behind))
        if reply.code == 421:
            mark(message.slot, "untouched")
            raise AskedToWaitError(reply.number)
        mark(message.slot, "accepted" if reply.is_good else "later" if reply.is_temporary else "refused")
        return reply

    def _tell_fate(self, message: OutgoingMessage, mark: Mark, error: ConnectionLostError, behind: int) -> None:
        """The line broke with `behind` bytes written behind the final dot: untouched, if the dot never left."""
        if behind >= 0 and self.line.has_left(behind):
            raise MessageInFlightError(str(error)) from error
        mark(message.slot, "untouched")
        raise error

    def _envelope(self, message: OutgoingMessage) -> bytes:
        extra = "" if message.recipient.isascii() and message.sender.isascii() else " SMTPUTF8 BODY=8BITMIME"
        return f"MAIL FROM:<{message.sender}>{extra}\r\nRCPT TO:<{message.recipient}>\r\nDATA\r\n".encode()

    def _envelope_answer(self, message: OutgoingMessage) -> Generator[int, None, Reply | None]:
        """None when the server waits for the body; else its refusal."""
        line, pipelines, refusal = self.line, self.pipelines, None
        if pipelines and line.takes_usual_answers():
            return None
        commands = (b"", b"", b"") if pipelines else self._envelope(message).splitlines(keepends=True)
        for command in commands:
            if not pipelines:
                yield from line.sending(command)
            reply = line.reply_at_hand() or (yield from line.reading(seconds=300))
            if reply.code == 421:
                raise AskedToWaitError(reply.number)
            if not reply.is_good:
                refusal = refusal or reply
                if not pipelines:
                    return refusal
        if refusal is not None and reply.code == 354:
            yield from line.sending(DOT)  # RFC 2920 3.1: an empty letter to nobody
            yield from line.reading(seconds=300)
        return refusal

    def _greet(self) -> Waiting:
        if self.account.security == "tls":
            yield from self.line.encrypting(self.account.host)
        self._expect_good((yield from self.line.reading(seconds=60)))
        yield from self._ehlo()
        if self.account.security == "starttls":
            if "STARTTLS" not in self.offers:
                raise ServerDownError(_("The mail server offers no STARTTLS. Choose another encryption."))
            self._expect_good((yield from self._say(b"STARTTLS\r\n")))
            yield from self.line.encrypting(self.account.host)
            yield from self._ehlo()
        if self.account.username:
            yield from self._log_in()

    def _ehlo(self) -> Waiting:
        reply = yield from self._say(f"EHLO {self.hello}\r\n".encode())
        if not reply.is_good:
            self._expect_good((yield from self._say(f"HELO {self.hello}\r\n".encode())))
            self.offers = {}
            return
        rows = [row.partition(" ") for row in reply.text.splitlines()[1:]]
        self.offers = {name.upper(): rest for name, _space, rest in rows}

    def _log_in(self) -> Waiting:
        ways = self.offers.get("AUTH", "").upper().split()
        user, password = self.account.username, self.account.password
        if "PLAIN" in ways or not ways:
            secret = base64.b64encode(f"\0{user}\0{password}".encode())
            reply = yield from self._say(b"AUTH PLAIN " + secret + b"\r\n")
        elif "LOGIN" in ways:
            reply = yield from self._say(b"AUTH LOGIN\r\n")
            for word in (user, password):
                if reply.code == 334:
                    reply = yield from self._say(base64.b64encode(word.encode()) + b"\r\n")
        else:
            raise ServerDownError(_("The mail server offers no way to log in that we speak."))
        if reply.is_temporary:
            raise AskedToWaitError(reply.number)
        if not reply.is_good:
            raise ServerDownError(_("The mail server does not accept our login (%(code)s).") % {"code": reply.number})

    def _say(self, command: bytes) -> Generator[int, None, Reply]:
        yield from self.line.sending(command)
        return (yield from self.line.reading(seconds=60))

    def _expect_good(self, reply: Reply) -> None:
        if reply.is_temporary:
            raise AskedToWaitError(reply.number)
        if not reply.is_good:
            raise ServerDownError(_("The mail server refuses us (%(code)s).") % {"code": reply.number})


class Smtp(Dialogue):
    """One connection. Not for several threads. `seconds`: until it gives up altogether; None while the server talks."""

    def __init__(
        self,
        account: Account,
        *,
        beat: Callable[[], None] = lambda: None,
        hello: str = "localhost",
        seconds: float | None = None,
    ) -> None:
        self.beat = beat
        self.ends_at = inf if seconds is None else time.monotonic() + seconds
        wait = max(min(CONNECT_SECONDS, self.ends_at - time.monotonic()), 0.01)
        super().__init__(account, hello, Line(connect(account, seconds=wait), lambda: self.beat(), self.ends_at))  # noqa: PLW0108 - beat is exchanged later
        try:
            for _wait in self.greeting():
                self.beat()
        except OSError:
            self.line.close()
            raise

    def deliver(
        self, messages: Iterator[OutgoingMessage], mark: Mark, may_go: MayGo
    ) -> Iterator[tuple[OutgoingMessage, Reply]]:
        """`handing_over` these, one after the other."""
        for event in self.handing_over(lambda: next(messages, None), mark, may_go):
            if isinstance(event, int):
                self.beat()
            else:
                yield event

    def close(self) -> None:
        """Say goodbye and hang up."""
        with suppress(ConnectionLostError):
            self.line.write(b"QUIT\r\n", seconds=1)
        self.line.close()


def connect(account: Account, *, seconds: float) -> Socket:
    """A TCP connection to the server. ServerDownError."""
    try:
        return open_line(account.host, account.port, ports=MAIL_PORTS, seconds=seconds)
    except UnsafeAddressError as error:
        raise account.refused(error) from error
    except NotReachedError as error:
        raise account.cannot(error) from error


def can_deliver(connection: Server, recipient: str) -> bool:
    """Whether this address can be written on an envelope for this server."""
    return not UNFIT.search(recipient) and (recipient.isascii() or connection.takes_any_letters)
