"""HTTP over lines that stay open, for who asks a place thousands of times; several may ask at once, from threads.

Lines are opened by outgoing.py alone. No redirect is followed and nothing is asked twice. Whoever asks learns whether
the other side can have acted: a request that did not leave whole was never understood, one that did may have been.
"""

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress

import httpcore
import httpx

from lib.connections.lines import Lines
from lib.connections.outgoing import NotReachedError, Resolver, UnsafeAddressError, resolve_name
from lib.connections.safe_fetch import AGENT, Fetched, FetchFailedError, certificates, parse_url

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
            network_backend=Lines(self._deadline.left, resolver),
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
