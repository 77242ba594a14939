"""Lines that stay open and on which the other side says, without being asked, that there is news: what it is, we ask for.

Opened by outgoing.py alone, like every other. Nothing of what comes is read but whether it is a sign: whoever listens
asks in the usual way then, so what stands in a stream never reaches anybody.
"""

import socket
import ssl
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import httpcore
import httpx

from lib.connections.lines import PIECE
from lib.connections.outgoing import Resolver, UnsafeAddressError, resolve_name
from lib.connections.safe_fetch import AGENT, FetchFailedError, certificates, lines_until, parse_url

MOST_PIECES = 64  # at a time: who floods us is heard again after the others
LONGEST_ROW = 4_096
HEARTBEATS_MISSED = 90.0  # servers of events say a word every 15 to 30 seconds
SECONDS = 15.0


class LineEndedError(OSError):
    """It is over: closed, broken, or silent for too long. The text is in our own words."""


class LineRefusedError(OSError):
    """The other side does not offer this here: there is no sense in asking again soon."""


class HeldLine:
    """An open line. `dead_after`: so many seconds without a word, and nobody is there any more.

    `keep_every`: how often it wants a word of ours (0: never). Every method raises LineEndedError where it is over.
    """

    dead_after = HEARTBEATS_MISSED
    keep_every = 0.0

    def __init__(self, sock: socket.socket) -> None:
        self.sock, self.rest = sock, b""
        sock.setblocking(False)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)

    def fileno(self) -> int:
        """For a selector."""
        return self.sock.fileno()

    def hear(self) -> tuple[bool, bool]:
        """(whether anything came, whether a sign was in it). Never waits."""
        came = is_sign = False
        for _each in range(MOST_PIECES):
            try:
                piece = self.sock.recv(PIECE)
            except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError, InterruptedError):
                break
            except OSError as error:
                raise LineEndedError("it broke") from error
            if not piece:
                raise LineEndedError("they hung up")
            came = True
            *rows, self.rest = (self.rest + piece).split(b"\n")
            self.rest = self.rest[:LONGEST_ROW]
            is_sign = any(self.is_sign(row.strip()) for row in rows) or is_sign
        return came, is_sign

    def is_sign(self, row: bytes) -> bool:
        """Whether this row of what came says that there is news."""
        raise NotImplementedError

    def keep(self) -> None:
        """Our word, every `keep_every` seconds."""

    def close(self) -> None:
        """May be repeated."""
        with suppress(OSError):
            self.sock.close()


class EventLine(HeldLine):
    """Server-sent events: anything but a comment (a heartbeat) or the frame around it is a sign."""

    def is_sign(self, row: bytes) -> bool:
        return row.startswith((b"event:", b"data:"))


def open_events(
    url: str, headers: Mapping[str, str], *, seconds: float = SECONDS, resolver: Resolver = resolve_name
) -> EventLine:
    """A line to a stream of events. UnsafeAddressError, LineRefusedError where it is none, LineEndedError.

    No redirect is followed: our keys go to nobody else. `seconds` is for all until the stream begins.
    """
    parsed = parse_url(url)
    asked = {"User-Agent": AGENT, "Accept": "text/event-stream", "Cache-Control": "no-store", **headers}
    pool = httpcore.ConnectionPool(
        ssl_context=certificates(),
        network_backend=lines_until(time.monotonic() + seconds, resolver),
        max_connections=1,
    )
    try:
        request = httpx.Request("GET", parsed, headers=asked)
        answer = pool.handle_request(httpcore.Request("GET", str(parsed), headers=request.headers.raw))
    except UnsafeAddressError:
        pool.close()
        raise
    except (FetchFailedError, httpcore.NetworkError, httpcore.ProtocolError, OSError, ValueError) as error:
        pool.close()
        raise LineEndedError(f"{parsed.host} does not answer") from error
    kind = {name.lower(): text for name, text in answer.headers}.get(b"content-type", b"")
    if answer.status == 200 and kind.lower().startswith(b"text/event-stream"):
        return _taken_over(answer)
    answer.close()
    pool.close()
    if answer.status == 429 or answer.status >= 500:
        raise LineEndedError(f"{parsed.host} answered {answer.status}")
    raise LineRefusedError(f"{parsed.host} answered {answer.status}")


def _taken_over(answer: httpcore.Response) -> EventLine:
    """The line below the answer, and nobody reads it any more but us. What was read with its head is lost: so whoever opens
    one asks for news once.
    """
    stream: Any = answer.extensions["network_stream"]
    sock: socket.socket = stream.sock
    line = EventLine(sock)
    line.answer = answer  # type: ignore[attr-defined]  # the pool closes what nobody holds
    return line
