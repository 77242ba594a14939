"""The words of SMTP on a socket: lines out, replies in, with a heartbeat while waiting (RFC 5321, 2920, 3207, 4954)."""

import re
import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass

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

    def __str__(self) -> str:
        return f"{self.code} {self.text}"[:300]


class Line:
    """A connection that writes bytes and reads replies, and calls `beat` at least each 0.2 s while it waits."""

    def __init__(self, sock: socket.socket, beat: Callable[[], None]) -> None:
        self.sock, self.beat, self.buffer = sock, beat, b""
        sock.settimeout(HEARTBEAT_SECONDS)

    def write(self, data: bytes, *, seconds: float = 120) -> None:
        """Write it all. ConnectionLostError says how much had left."""
        view, sent, deadline = memoryview(data), 0, time.monotonic() + seconds
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
        deadline, texts = time.monotonic() + seconds, list[str]()
        while True:
            line = self._read_line(deadline)
            if len(line) < 3 or not line[:3].isdigit() or len(texts) > MOST_LINES:
                raise ConnectionLostError(f"the server speaks no SMTP: {line[:60]!r}")
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

    def encrypt(self, host: str) -> None:
        """Go on in TLS, with the server's certificate checked. ServerDownError."""
        if self.buffer:
            raise ServerDownError("The server spoke before encryption began.")  # RFC 3207: injected replies
        try:
            self.sock.settimeout(30)
            self.sock = ssl.create_default_context().wrap_socket(self.sock, server_hostname=host)
            self.sock.settimeout(HEARTBEAT_SECONDS)
        except OSError as error:
            raise ServerDownError(f"Encryption failed: {_plain(error)}") from error

    def close(self) -> None:
        """Hang up."""
        self.sock.close()


def _plain(error: OSError) -> str:
    return str(error.strerror or error) or type(error).__name__
