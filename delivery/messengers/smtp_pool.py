"""Several connections to one server, driven by one thread: while one waits for an answer, the others write.

    take ──▶ dialogue 1 ──┐                   a connection that breaks gives back what it had not begun,
    take ──▶ dialogue 2 ──┼──▶ (message, reply)    and another goes on with it;
    take ──▶ dialogue 3 ──┘                   a server that wants fewer connections gets fewer

A pool begins with one connection and opens the next ones while there is more to send than connections to send it.
"""

import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from selectors import EVENT_READ, DefaultSelector
from typing import NamedTuple

from delivery.messengers.opening import Opening
from delivery.messengers.protocol import (
    HEARTBEAT_SECONDS,
    AskedToWaitError,
    ConnectionLostError,
    MessageInFlightError,
    ServerDownError,
    Watch,
)
from delivery.messengers.smtp_client import Account, Dialogue, Handing, Mark, MayGo, OutgoingMessage, Take
from delivery.messengers.smtp_line import Line, Reply, Waiting

MOST_LOST = 5  # lines in a row that brought nobody further
CAREFUL_FOR = 20  # messages after a line that was cut
ANSWERED_EACH = 3  # so many messages a connection before one more is opened
OPENING_SECONDS = 0.01  # between two looks at a connection that opens


class Unknown(NamedTuple):
    """No last word: the line broke behind the final dot."""

    why: str


@dataclass(slots=True, eq=False)
class _Connection:
    """A dialogue on its way; `handle` is the system's number of its line, `talk` None while it has nothing to do."""

    dialogue: Dialogue
    handle: int
    number: int
    talk: Handing | Waiting | None
    waits_for: int = EVENT_READ


Sent = tuple[OutgoingMessage, Reply | Unknown]


class Pool:
    """Up to `size` connections. Not for several threads."""

    def __init__(self, account: Account, size: int, *, hello: str = "localhost") -> None:
        self.account, self.hello, self.limit = account, hello, max(1, size)
        self.takes_any_letters = False
        self._selector = DefaultSelector()
        self._lines: list[_Connection] = []
        self._opening: Opening | None = None
        self._given_back: deque[OutgoingMessage] = deque()
        self._lost = self._careful = self._answered = self._opened = 0
        self._trouble: OSError | None = None
        self._ended = False

    def __len__(self) -> int:
        """How many connections are open."""
        return len(self._lines)

    def deliver(
        self,
        next_message: Take,
        watch: Watch,
        may_go: MayGo,
    ) -> Iterator[Sent]:
        """Hand over what `next_message` gives until it gives nothing more; yields each with its last word.

        ServerDownError, AskedToWaitError and ConnectionLostError come when no connection is of use any more, after
        what was under way has its word; what was not begun then is lost to this pool and stays untouched. To be
        iterated to the end.
        """
        self._trouble, self._lost, self._ended, self._given_back = None, 0, False, deque()

        take = self._taking(next_message, watch)

        def goes(message: OutgoingMessage) -> bool:
            return self._trouble is None and may_go(message)

        ticks_at = 0.0
        while True:
            yield from self._open_more()
            yield from self._begin(take, watch.mark, goes)
            busy = self._busy()
            if not busy and self._is_done():
                break
            ready = self._wait(busy, watch)
            if (moment := time.monotonic()) >= ticks_at:  # each looks at its own deadline
                ready, ticks_at = busy, moment + HEARTBEAT_SECONDS
                watch.beat()
            for one in ready:
                yield from self._go_on(one)
        if self._trouble is not None:
            raise self._trouble

    def close(self) -> None:
        """Say goodbye where nothing is under way, and hang up everywhere. May be repeated."""
        for one in list(self._lines):
            if one.talk is None:
                with suppress(OSError):
                    one.dialogue.line.sock.send(b"QUIT\r\n")
            self._drop(one)
        if self._opening is not None:
            self._opening.forget()
            self._opening = None
        self._selector.close()

    def _taking(self, next_message: Take, watch: Watch) -> Take:
        def take() -> OutgoingMessage | None:
            if self._trouble is not None:
                return None
            if self._given_back:  # its pace was kept when it was taken
                return self._given_back.popleft()
            if watch.free_at() > time.monotonic():
                return None
            message = None if self._ended else next_message()
            self._ended = message is None
            return message

        return take

    def _busy(self) -> list[_Connection]:
        return [one for one in self._lines if one.talk is not None]

    def _is_done(self) -> bool:
        return self._trouble is not None or (self._ended and not self._given_back)

    def _wait(self, busy: Sequence[_Connection], watch: Watch) -> list[_Connection]:
        """Those of the busy lines on which something happened; at most for a heartbeat."""
        seconds = HEARTBEAT_SECONDS
        if self._opening is not None:
            seconds = OPENING_SECONDS
        elif len(busy) < len(self._lines) and not self._is_done():
            seconds = min(max(watch.free_at() - time.monotonic(), 0.001), seconds)
        ready: list[_Connection] = [key.data for key, _mask in self._selector.select(seconds)]
        for one in ready:
            if one.talk is None:
                self._lose_idle(one)
        return [one for one in ready if one.talk is not None]

    def _lose_idle(self, one: _Connection) -> None:
        """Nobody asked it anything: what it says or its end means that the server wants no more of this line."""
        self._drop(one)
        if not self._lines:
            self._lost += 1
        if self._lost >= MOST_LOST:
            self._trouble = self._trouble or ConnectionLostError(f"{self.account.host} closes its lines")

    def _open_more(self) -> Iterator[Sent]:
        """Take in a connection that is open, and begin to open the next one where there is more to do."""
        if self._opening is not None:
            try:
                line = self._opening.line()
            except OSError as error:
                self._opening = None
                self._shrink(error)
                return
            if line is None:
                return
            self._opening = None
            yield from self._take_in(Dialogue(self.account, self.hello, Line(line)))
        if len(self._lines) < self.limit and self._has_more_to_do() and not self._is_done():
            self._opening = Opening(self.account)

    def _has_more_to_do(self) -> bool:
        """More than these connections do in a moment."""
        is_full = all(one.dialogue.following for one in self._lines)
        return self._opening is None and is_full and self._answered >= ANSWERED_EACH * len(self._lines)

    def _take_in(self, dialogue: Dialogue) -> Iterator[Sent]:
        sock = dialogue.line.sock
        sock.setblocking(False)
        self._opened += 1
        found = _Connection(dialogue, sock.fileno(), self._opened, dialogue.greeting())
        self._lines.append(found)
        self._selector.register(found.handle, EVENT_READ, found)
        return self._go_on(found)

    def _begin(self, take: Take, mark: Mark, goes: MayGo) -> Iterator[Sent]:
        """Give those something to do that have nothing."""
        for one in list(self._lines):
            if one.talk is None and not self._is_done():
                self.takes_any_letters = one.dialogue.takes_any_letters
                if (message := take()) is None:
                    return
                self._given_back.appendleft(message)
                one.dialogue.is_careful = self._careful > 0
                one.talk = one.dialogue.handing_over(take, mark, goes)
                yield from self._go_on(one)

    def _go_on(self, one: _Connection) -> Iterator[Sent]:
        """Let a dialogue say and hear what it can now, until it waits or ends."""
        try:
            while one.talk is not None:
                event = next(one.talk, None)
                if isinstance(event, tuple):
                    self._count(one)
                    yield event
                    continue
                self._wait_for(one, EVENT_READ if event is None else event)
                if event is None:
                    one.talk = None
                return
        except MessageInFlightError as error:
            self._careful = CAREFUL_FOR
            in_flight, one.dialogue.current = one.dialogue.current, None
            self._lose(one)
            if in_flight is not None:
                yield in_flight, Unknown(f"{error} (connection {one.number} to {self.account.host})")
        except ConnectionLostError as error:
            self._lose_line(one, error)
        except (AskedToWaitError, ServerDownError) as error:
            self._lose(one)
            self._shrink(error)

    def _count(self, one: _Connection) -> None:
        """A message has its word."""
        self._lost = 0
        self._answered += 1
        if self._careful:
            self._careful -= 1
            one.dialogue.is_careful = self._careful > 0

    def _wait_for(self, one: _Connection, event: int) -> None:
        if event != one.waits_for:
            self._selector.modify(one.handle, event, one)
            one.waits_for = event

    def _lose_line(self, one: _Connection, error: ConnectionLostError) -> None:
        """It broke, or we broke it: whoever stopped its message knows why, and the others go on."""
        if one.dialogue.was_stopped:
            one.dialogue.current = None
        else:
            self._lost += 1
        self._lose(one)
        if self._lost >= MOST_LOST:
            self._trouble = self._trouble or error

    def _lose(self, one: _Connection) -> None:
        """The line is of no use any more; another one goes on with what it had not begun."""
        self._given_back += [left for left in (one.dialogue.current, one.dialogue.following) if left is not None]
        self._drop(one)

    def _drop(self, one: _Connection) -> None:
        one.talk = None
        self._lines.remove(one)
        self._selector.unregister(one.handle)
        one.dialogue.line.close()

    def _shrink(self, error: OSError) -> None:
        """The server wants no more connections than there are; none at all is a trouble."""
        if self._lines:
            self.limit = len(self._lines)
        else:
            self._trouble = self._trouble or error
