"""HTTP over lines that stay open, for who asks a place thousands of times; several may ask at once, from threads.

Lines are opened by outgoing.py alone. No redirect is followed and nothing is asked twice. Whoever asks learns whether
the other side can have acted: a request that did not leave whole was never understood, one that did may have been.
"""

import socket
import ssl
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from select import POLLIN, poll
from typing import Any

import httpcore
import httpx

from lib.connections.outgoing import WEB_PORTS, NotReachedError, Resolver, UnsafeAddressError, open_line, resolve_name
from lib.connections.safe_fetch import AGENT, PIECE, Fetched, FetchFailedError, certificates, parse_url

IDLE_SECONDS = 15.0  # providers hang up after 20 s and more; who hangs up first loses no request
LARGEST_ANSWER = 65_536
BROKEN = (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException, OSError, ValueError)


class NothingAskedError(FetchFailedError):
    """The line broke before the request had left whole: nobody can have acted on it."""


class NoAnswerError(FetchFailedError):
    """The whole request left, and no answer came: nobody knows whether it was acted on."""


class _Deadline(threading.local):
    """Until when the request of this thread may take."""

    ends_at = 0.0

    def left(self) -> float:
        left = self.ends_at - time.monotonic()
        if left <= 0:
            raise TimeoutError("too slow")
        return left


class KeptLines:
    """Lines to the place of `url`, or to those named with each request, `most` at once. None is opened before it is asked."""

    def __init__(self, url: str = "", *, most: int, resolver: Resolver = resolve_name) -> None:
        self.url = parse_url(url) if url else httpx.URL()
        self._deadline = _Deadline()
        self._pool = httpcore.ConnectionPool(
            ssl_context=certificates(),
            network_backend=_Lines(self._deadline, resolver),
            max_connections=most,
            keepalive_expiry=IDLE_SECONDS,
        )

    def post(self, headers: Mapping[str, str], content: bytes, *, seconds: float, url: str = "") -> Fetched:
        """Ask once, and return the answer whatever its status; of one that is cut, what came. `url`: another place.

        UnsafeAddressError, NotReachedError (no line), NothingAskedError, NoAnswerError. `seconds` is for everything.
        """
        self._deadline.ends_at = time.monotonic() + seconds
        body, place = _Body(content), parse_url(url) if url else self.url
        given = {"User-Agent": AGENT, **headers, "Content-Length": str(len(content))}
        request = httpx.Request("POST", place, headers=given)
        asked = httpcore.Request(
            "POST",
            httpcore.URL(scheme=place.raw_scheme, host=place.raw_host, port=place.port, target=place.raw_path),
            headers=request.headers.raw,
            content=body,
        )
        try:
            answer = self._pool.handle_request(asked)
        except (UnsafeAddressError, NotReachedError):
            raise
        except BROKEN as error:
            why = "too slow" if isinstance(error, TimeoutError) else type(error).__name__
            raise (NoAnswerError if body.is_gone else NothingAskedError)(f"{place.host}: {why}") from error
        return Fetched(answer.status, _heads(answer), _what_came(answer), str(place))

    def close(self) -> None:
        """Hang up. May be repeated."""
        self._pool.close()


class _Body:
    """What is sent; `is_gone` once its last byte was handed to the system."""

    def __init__(self, content: bytes) -> None:
        self.content, self.is_gone = content, False

    def __iter__(self) -> Iterator[bytes]:
        yield self.content
        self.is_gone = True


def _heads(answer: httpcore.Response) -> dict[str, str]:
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in answer.headers}


def _what_came(answer: httpcore.Response) -> bytes:
    """The body, or the beginning of one that is too long or cut: the status has been said already."""
    found = bytearray()
    with suppress(*BROKEN):
        for piece in answer.iter_stream():
            found += piece
            if len(found) > LARGEST_ANSWER:
                break
    with suppress(*BROKEN):
        answer.close()
    return bytes(found[:LARGEST_ANSWER])


class _Lines(httpcore.NetworkBackend):
    """Opens lines through outgoing.py."""

    def __init__(self, deadline: _Deadline, resolver: Resolver) -> None:
        self.deadline, self.resolver = deadline, resolver

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        line = open_line(host, port, ports=WEB_PORTS, seconds=self.deadline.left(), resolver=self.resolver)
        return _Line(line, self.deadline)


class _Line(httpcore.NetworkStream):
    """A socket on which everything ends by the deadline of the thread that uses it."""

    def __init__(self, sock: socket.socket, deadline: _Deadline) -> None:
        self.sock, self.deadline = sock, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        self.sock.settimeout(self.deadline.left())
        return self.sock.recv(min(max_bytes, PIECE))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """A server that refuses early hangs up while we write: then its answer is read (httpcore, on WriteError)."""
        while buffer:
            self.sock.settimeout(self.deadline.left())
            try:
                buffer = buffer[self.sock.send(buffer) :]
            except TimeoutError:
                raise
            except OSError as error:
                raise httpcore.WriteError(str(error)) from error

    def close(self) -> None:
        self.sock.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        self.sock.settimeout(self.deadline.left())
        try:
            return _Line(ssl_context.wrap_socket(self.sock, server_hostname=server_hostname), self.deadline)
        except OSError:
            self.close()
            raise

    def get_extra_info(self, info: str) -> Any:
        if info == "ssl_object":
            return self.sock if isinstance(self.sock, ssl.SSLSocket) else None
        if info == "is_readable":  # asked of an idle line: something to read there means that it was hung up
            return _is_readable(self.sock)
        return None


def _is_readable(sock: socket.socket) -> bool:
    asked = poll()
    try:
        asked.register(sock, POLLIN)
        return bool(asked.poll(0))
    except (OSError, ValueError):
        return True
