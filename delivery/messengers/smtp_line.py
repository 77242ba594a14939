"""The words of SMTP on a socket: lines out, replies in, with a heartbeat while waiting (RFC 5321, 2920, 3207, 4954)."""

import re
import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from math import inf

from delivery.messengers.protocol import HEARTBEAT_SECONDS, ConnectionLostError, ServerDownError

LONGEST_LINE = 4096
MOST_LINES = 100
ENHANCED = re.compile(r"([245])\.(\d{1,3})\.(\d{1,3})\b")


@dataclass(frozen=True, slots=True)
class Reply:
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
    """A connection that writes bytes and reads replies, and calls `beat` at least each 0.2 s while it waits.

    `ends_at` (monotonic) is when its patience ends altogether, however little the server says each time.
    """

    def __init__(self, sock: socket.socket, beat: Callable[[], None], ends_at: float = inf) -> None:
        self.sock, self.beat, self.buffer, self.ends_at = sock, beat, b"", ends_at
        sock.settimeout(HEARTBEAT_SECONDS)

    def write(self, data: bytes, *, seconds: float = 120) -> None:
        """Write it all. ConnectionLostError says how much had left."""
        view, sent, deadline = memoryview(data), 0, min(time.monotonic() + seconds, self.ends_at)
        while sent < len(view):
            try:
                sent += self.sock.send(view[sent:])
            except (TimeoutError, ssl.SSLWantWriteError, ssl.SSLWantReadError) as error:
                if time.monotonic() > deadline:
                    raise ConnectionLostError("the server takes nothing any more", sent) from error
                self.beat()
            except OSError as error:
                raise ConnectionLostError(f"the connection broke ({_plain(error)})", sent) from error

    def read(self, *, seconds: float = 120) -> Reply:
        """The next reply, all its lines. ConnectionLostError after `seconds` of silence."""
        deadline, texts = min(time.monotonic() + seconds, self.ends_at), list[str]()
        while True:
            line = self._read_line(deadline)
            if len(line) < 3 or not line[:3].isdigit() or len(texts) > MOST_LINES:
                raise ConnectionLostError("the server speaks no SMTP")
            texts.append(line[4:])
            if line[3:4] != "-":
                return Reply(int(line[:3]), "\n".join(texts))

    def _read_line(self, deadline: float) -> str:
        while b"\n" not in self.buffer:
            if len(self.buffer) > LONGEST_LINE:
                raise ConnectionLostError("the server's line is too long")
            self._fill(deadline)
        line, _, self.buffer = self.buffer.partition(b"\n")
        return line.rstrip(b"\r").decode("utf-8", "replace")

    def _fill(self, deadline: float) -> None:
        try:
            data = self.sock.recv(65536)
        except (TimeoutError, ssl.SSLWantReadError, ssl.SSLWantWriteError) as error:
            if time.monotonic() > deadline:
                raise ConnectionLostError("the server does not answer any more") from error
            self.beat()
            return
        except OSError as error:
            raise ConnectionLostError(f"the connection broke ({_plain(error)})") from error
        if not data:
            raise ConnectionLostError("the server closed the connection")
        self.buffer += data
        self.beat()  # a server that drips is never silent
        if time.monotonic() > deadline:
            raise ConnectionLostError("the server is too slow")

    def encrypt(self, host: str) -> None:
        """Go on in TLS, with the server's certificate checked. ServerDownError."""
        if self.buffer:
            raise ServerDownError("The server spoke before encryption began.")  # RFC 3207: injected replies
        try:
            self.sock.settimeout(max(min(30, self.ends_at - time.monotonic()), 0.01))
            self.sock = ssl.create_default_context().wrap_socket(self.sock, server_hostname=host)
            self.sock.settimeout(HEARTBEAT_SECONDS)
        except OSError as error:
            raise ServerDownError(f"Encryption failed: {_plain(error)}") from error

    def close(self) -> None:
        """Hang up."""
        self.sock.close()


def _plain(error: OSError) -> str:
    return str(error.strerror or error) or type(error).__name__
