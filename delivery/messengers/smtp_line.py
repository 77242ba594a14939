"""The words of SMTP on a socket: lines out, replies in (RFC 5321, 2920, 3207, 4954).

What may have to wait is a generator that yields what it waits for (READ, WRITE) and looks at its deadline whenever it is
resumed. One thread drives many of them over sockets that never block (smtp_pool.py); `write`, `read` and `encrypt` drive
one over a socket that blocks for a heartbeat at most.
"""

import re
import socket
import ssl
import time
from collections.abc import Callable, Generator
from math import inf
from selectors import EVENT_READ as READ
from selectors import EVENT_WRITE as WRITE
from typing import NamedTuple

from delivery.messengers.kernel_queue import unsent_count
from delivery.messengers.protocol import HEARTBEAT_SECONDS, ConnectionLostError, ServerDownError

LONGEST_LINE = 4096
MOST_LINES = 100
TLS_SECONDS = 30
# RFC 3463, and no piece of an IP address; PostgreSQL reads the same pattern (deliverability/sql/answers.sql)
ENHANCED = re.compile(r"(?<![\d.])[245]\.\d{1,3}\.\d{1,3}(?!\w|\.\d)")
LATER = (TimeoutError, BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)
Waiting = Generator[int]
Socket = socket.socket


class Reply(NamedTuple):
    """One answer of the server."""

    code: int
    text: str

    @property
    def is_good(self) -> bool:
        """2xx or 3xx."""
        return 200 <= self.code < 400

    @property
    def is_temporary(self) -> bool:
        """4xx: try again later."""
        return 400 <= self.code < 500

    @property
    def status(self) -> str:
        """The enhanced status, such as 5.1.1, if the server gave one (RFC 3463)."""
        found = ENHANCED.match(self.text)
        return found[0] if found else ""

    @property
    def number(self) -> str:
        """The codes alone, such as "535 5.7.8": all of it that is shown to people."""
        return f"{self.code} {self.status}".strip()

    def __str__(self) -> str:
        return f"{self.code} {self.text}"[:300]


class Line:
    """A connection that writes bytes and reads replies; `beat` is called whenever something came in, or nothing did.

    `ends_at` (monotonic) is when its patience ends altogether, however little the server says each time.
    """

    def __init__(self, sock: socket.socket, beat: Callable[[], None] = lambda: None, ends_at: float = inf) -> None:
        self.sock, self.beat, self.buffer, self.ends_at = sock, beat, b"", ends_at
        self._texts: list[str] = []  # the lines of a reply whose last one is still to come
        sock.settimeout(HEARTBEAT_SECONDS)

    def write(self, data: bytes, *, seconds: float = 120) -> None:
        """Write it all. ConnectionLostError says how much had left."""
        self._drive(self.sending(data, seconds=seconds))

    def read(self, *, seconds: float = 120) -> Reply:
        """The next reply, all its lines. ConnectionLostError after `seconds` of silence."""
        return self._drive(self.reading(seconds=seconds))

    def encrypt(self, host: str) -> None:
        """Go on in TLS, with the server's certificate checked. ServerDownError."""
        self._drive(self.encrypting(host))

    def _drive[T](self, waits: Generator[int, None, T]) -> T:
        while True:
            try:
                next(waits)
            except StopIteration as end:
                return end.value  # type: ignore[no-any-return]
            self.beat()

    def sending(self, data: bytes, *, seconds: float = 120) -> Waiting:
        """Write it all, however often it has to wait. ConnectionLostError says how much had left."""
        deadline = min(time.monotonic() + seconds, self.ends_at)
        view, sent, count = memoryview(data), 0, len(data)
        while sent < count:
            try:
                sent += self.sock.send(view[sent:] if sent else data)
            except LATER as error:
                if time.monotonic() > deadline:
                    raise ConnectionLostError("the server takes nothing any more", sent) from error
                yield READ if isinstance(error, ssl.SSLWantReadError) else WRITE
            except OSError as error:
                raise ConnectionLostError(f"the connection broke ({_plain(error)})", sent) from error

    def reading(self, *, seconds: float = 120) -> Generator[int, None, Reply]:
        """The next reply, all its lines. ConnectionLostError after `seconds` of silence."""
        deadline = min(time.monotonic() + seconds, self.ends_at)
        while (reply := self.reply_at_hand()) is None:
            yield from self._filling(deadline)
        return reply

    def reply_at_hand(self) -> Reply | None:
        """The next reply, if all of it is there already. ConnectionLostError when it is none."""
        while (end := self.buffer.find(b"\n")) >= 0:
            line, self.buffer = self.buffer[:end].rstrip(b"\r"), self.buffer[end + 1 :]
            if len(line) < 3 or not line[:3].isdigit() or len(self._texts) > MOST_LINES:
                raise ConnectionLostError("the server speaks no SMTP")
            text = line[4:].decode("utf-8", "replace")
            if line[3:4] == b"-":
                self._texts.append(text)
                continue
            if self._texts:
                text = "\n".join([*self._texts, text])
                self._texts = []
            return Reply(int(line[:3]), text)
        if len(self.buffer) > LONGEST_LINE:
            raise ConnectionLostError("the server's line is too long")
        return None

    def takes_usual_answers(self) -> bool:
        """Take 250, 250 and 354 off, each of one line, where they are all that is there: what nearly always comes."""
        mail, recipient, data, *rest = [*self.buffer.split(b"\n", 3), b"", b"", b""][:4]
        is_usual = mail[:4] == b"250 " == recipient[:4] and data[:4] == b"354 " and not self._texts and rest == [b""]
        is_usual = is_usual and self.buffer.endswith(b"\n")
        if is_usual:
            self.buffer = b""
        return is_usual

    def settling(self, *, seconds: float) -> Waiting:
        """So long without a word of the server: it had the time to break off. ConnectionLostError when it did, or spoke."""
        deadline = min(time.monotonic() + seconds, self.ends_at)
        while time.monotonic() < deadline:
            try:
                yield from self._filling(deadline)
            except ConnectionLostError as error:
                if error.is_broken or self.buffer:
                    raise
                return
            if self.buffer:
                raise ConnectionLostError("the server spoke in the middle of a message")

    def _filling(self, deadline: float) -> Waiting:
        """Read what is there, or wait once."""
        try:
            data = self.sock.recv(65536)
        except LATER as error:
            if time.monotonic() > deadline:
                raise ConnectionLostError("the server does not answer any more", is_broken=False) from error
            yield WRITE if isinstance(error, ssl.SSLWantWriteError) else READ
            return
        except OSError as error:
            raise ConnectionLostError(f"the connection broke ({_plain(error)})") from error
        if not data:
            raise ConnectionLostError("the server closed the connection")
        self.buffer += data
        self.beat()  # a server that drips is never silent
        if time.monotonic() > deadline:
            raise ConnectionLostError("the server is too slow", is_broken=False)

    def encrypting(self, host: str) -> Waiting:
        """Go on in TLS, with the server's certificate checked. ServerDownError."""
        if self.buffer:
            raise ServerDownError("The server spoke before encryption began.")  # RFC 3207: injected replies
        deadline = min(time.monotonic() + TLS_SECONDS, self.ends_at)
        try:
            context = ssl.create_default_context()
            secure = context.wrap_socket(self.sock, server_hostname=host, do_handshake_on_connect=False)
            self.sock = secure
            while (wait := _shake_hands(secure)) is not None:
                if time.monotonic() > deadline:
                    raise TimeoutError("it takes too long")
                yield wait
        except OSError as error:
            raise ServerDownError(f"Encryption failed: {_plain(error)}") from error

    def has_left(self, behind: int) -> bool:
        """Whether all but the last `behind` bytes that were written have left this machine; in doubt: yes."""
        margin = 256 if isinstance(self.sock, ssl.SSLSocket) else 0  # of the records around them
        return unsent_count(self.sock) <= behind + margin

    def close(self) -> None:
        """Hang up."""
        self.sock.close()


def _shake_hands(sock: ssl.SSLSocket) -> int | None:
    """What the handshake waits for; None when it is done."""
    try:
        sock.do_handshake()
    except LATER as error:
        return WRITE if isinstance(error, ssl.SSLWantWriteError) else READ
    return None


def _plain(error: OSError) -> str:
    return str(error.strerror or error) or type(error).__name__
