"""One runner that holds a line to each network that tells us by itself, and pokes the poller when there is news.

Polling stays the only way in: nothing that stands in a stream is read, so nothing comes twice and cursors stay true. One
thread waits for all lines; a few more open them, for a server may be slow to answer. It lives in a worker whose tasks are
threads (`make up`, the service `sender`); where there are several, each connection is heard by one of them.
"""

import random
import secrets
import selectors
import threading
import time
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import redis
import structlog
from django.db import Error as DatabaseError
from django.db import connection as database

from conversations.models import Connection
from lib.clock import now
from lib.connections.held_lines import HeldLine, LineEndedError, LineRefusedError
from lib.connections.outgoing import UnsafeAddressError
from social.connecting import WORK, network_of
from social.stream_places import Place, hold, let_go, renew, say_live, want_no_stream, wanted_streams
from workspaces.current import working_in
from workspaces.models import Workspace
from workspaces.tasks import hurry

LOOK_SECONDS, RENEW_SECONDS = 2.0, 8.0
OPENERS = 4
MOST = 200  # lines of one runner; whoever has more connections starts another sender
SHORTEST_PAUSE, LONGEST_PAUSE, REFUSED_PAUSE = 2.0, 300.0, 3_600.0
STEADY_AFTER = 60.0  # a line that held so long was good: the next break begins with the shortest pause
POKE_GAP = 2.0  # a burst of news is one look, and another for what came while it looked
log = structlog.get_logger(__name__)


class NotStreamedError(LineRefusedError):
    """This connection is not to be heard: gone, paused, or of a network that tells nothing by itself."""


@dataclass(slots=True)
class _Heard:
    """One connection of ours: its line (None: being opened, or broken), and when what is next. Moments of the clock."""

    line: HeldLine | None = None
    opening: "Future[HeldLine] | None" = None
    opened_at: float = 0.0
    heard_at: float = 0.0
    kept_at: float = 0.0
    again_at: float = 0.0
    poked_at: float = -POKE_GAP
    has_news: bool = False
    failures: int = 0


class Runner:
    """Hears what is wanted. `step` is called over and over by one thread; `end` from any.

    `clock` counts seconds, `opens` returns the line of a place (outside any transaction), `poke` asks for a look.
    """

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.monotonic,
        executor: Executor | None = None,
        opens: Callable[[Place], HeldLine] | None = None,
        poke: Callable[[Place], None] | None = None,
        most: int | None = None,
    ) -> None:
        self.name, self.clock = secrets.token_hex(8), clock
        self.executor = executor or ThreadPoolExecutor(OPENERS, thread_name_prefix="streams")
        self.opens, self.poke = opens or open_place, poke or poke_place
        self.most = MOST if most is None else most
        self.places: dict[Place, _Heard] = {}
        self.selector, self.ended = selectors.DefaultSelector(), threading.Event()
        self._look_at = self._renew_at = clock()

    def run(self) -> None:
        """Until `end`. Whatever goes wrong costs a pause, never the runner."""
        while not self.ended.is_set():
            try:
                self.step(1.0)
            except Exception:
                log.exception("streams_broke")
                self.ended.wait(SHORTEST_PAUSE)
        self.close()

    def end(self) -> None:
        """The runner closes its lines within a second. May be repeated."""
        self.ended.set()

    def step(self, wait: float) -> None:
        """One turn: what is wanted, what can be opened, what was said (waiting for it so long at most), who is told."""
        moment = self.clock()
        if moment >= self._look_at:
            self._look_at = moment + LOOK_SECONDS
            self._look()
        self._open_due(moment)
        self._take_opened()
        for key, _events in self._select(wait):
            self._hear(key.data)
        self._look_after_lines()
        self._poke_due()

    def close(self) -> None:
        """Every line is closed and every place somebody else's."""
        for place in list(self.places):
            self._drop(place)
        self.executor.shutdown(wait=False, cancel_futures=True)
        self.selector.close()

    def _select(self, wait: float) -> list[tuple[Any, int]]:
        if self.selector.get_map():
            return self.selector.select(wait)
        self.ended.wait(min(wait, 0.2) if any(one.opening for one in self.places.values()) else wait)
        return []

    def _look(self) -> None:
        """Take what is wanted and nobody has, leave what is not wanted any more or somebody else took."""
        try:
            wanted = set(wanted_streams(self.most))
            for place in self.places.keys() - wanted:
                self._drop(place)
            if self.clock() >= self._renew_at:
                self._renew_at = self.clock() + RENEW_SECONDS
                for place in [one for one in self.places if not renew(one, self.name)]:
                    self._drop(place)
            for place in wanted - self.places.keys():
                if len(self.places) < self.most and hold(place, self.name):
                    self.places[place] = _Heard(again_at=self.clock())
        except redis.RedisError as error:  # whom we hold may be taken by another: both poke, which hurts nobody
            log.warning("streams_unknown", error=str(error))
            return
        for place, one in self.places.items():
            if one.line is not None:
                say_live(place, is_live=True)

    def _open_due(self, moment: float) -> None:
        for place, one in self.places.items():
            if one.line is None and one.opening is None and moment >= one.again_at:
                one.opening = self.executor.submit(self.opens, place)

    def _take_opened(self) -> None:
        for place, one in list(self.places.items()):
            if one.opening is None or not one.opening.done():
                continue
            opening, one.opening = one.opening, None
            try:
                line = opening.result()
            except NotStreamedError:
                want_no_stream(*place)
                self._drop(place)
            except (OSError, UnsafeAddressError, DatabaseError) as error:
                is_refused = isinstance(error, LineRefusedError | UnsafeAddressError)
                self._fail(place, one, str(error), pause=REFUSED_PAUSE if is_refused else 0.0)
            except Exception as error:
                log.exception("stream_broke", workspace_id=place[0], connection=place[1])
                self._fail(place, one, type(error).__name__, pause=REFUSED_PAUSE)
            else:
                one.line, one.has_news = line, True  # what came while nobody listened
                one.opened_at = one.heard_at = one.kept_at = self.clock()
                self.selector.register(line, selectors.EVENT_READ, place)
                say_live(place, is_live=True)
                self._hear(place)

    def _hear(self, place: Place) -> None:
        one = self.places[place]
        if one.line is None:
            return
        try:
            came, is_sign = one.line.hear()
        except LineEndedError as error:
            self._fail(place, one, str(error))
            return
        one.heard_at = self.clock() if came else one.heard_at
        one.has_news = one.has_news or is_sign

    def _look_after_lines(self) -> None:
        moment = self.clock()
        for place, one in list(self.places.items()):
            if one.line is None:
                continue
            try:
                if moment - one.heard_at > one.line.dead_after:
                    raise LineEndedError("silent for too long")
                if one.line.keep_every and moment - one.kept_at >= one.line.keep_every:
                    one.kept_at = moment
                    one.line.keep()
            except LineEndedError as error:
                self._fail(place, one, str(error))

    def _poke_due(self) -> None:
        moment = self.clock()
        for place, one in self.places.items():
            if one.has_news and moment - one.poked_at >= POKE_GAP:
                one.has_news, one.poked_at = False, moment
                try:
                    self.poke(place)
                except (DatabaseError, Workspace.DoesNotExist) as error:  # it is looked at in its time
                    log.warning("stream_poke_lost", connection=place[1], error=str(error))

    def _fail(self, place: Place, one: _Heard, why: str, *, pause: float = 0.0) -> None:
        """Its line is gone; another try follows, later each time."""
        was_steady = one.line is not None and self.clock() - one.opened_at >= STEADY_AFTER
        one.failures = 1 if was_steady else one.failures + 1
        self._hang_up(one)
        say_live(place, is_live=False)
        pause = pause or min(SHORTEST_PAUSE * 2 ** min(one.failures - 1, 10), LONGEST_PAUSE)
        one.again_at = self.clock() + pause * random.uniform(0.5, 1.5)  # noqa: S311 - jitter
        log.info("stream_ended", workspace_id=place[0], connection=place[1], failures=one.failures, why=why)

    def _drop(self, place: Place) -> None:
        one = self.places.pop(place)
        if one.opening is not None and not one.opening.cancel():
            one.opening.add_done_callback(_close_unwanted)
        self._hang_up(one)
        let_go(place, self.name)

    def _hang_up(self, one: _Heard) -> None:
        if one.line is not None:
            with suppress(KeyError, ValueError):
                self.selector.unregister(one.line)
            one.line.close()
            one.line = None


def _close_unwanted(opening: "Future[HeldLine]") -> None:
    """It was opened after nobody wanted it any more."""
    with suppress(Exception):
        opening.result().close()


def open_place(place: Place) -> HeldLine:
    """The line of a connection. NotStreamedError where it is not to be heard. No transaction is open while we wait."""
    workspace_id, pk = place
    try:
        workspace = Workspace.objects.filter(pk=workspace_id).first()
        if workspace is None:
            raise NotStreamedError("nobody lives there")
        with working_in(workspace):
            found = Connection.objects.filter(pk=pk, is_active=True).first()
    finally:
        _leave_database()
    network: Any = network_of(found) if found else None
    if network is None or not network.capabilities().streams:
        raise NotStreamedError("it does not tell us by itself")
    line: HeldLine = network.open_stream()
    return line


def poke_place(place: Place) -> None:
    """The ordinary poller looks at this connection now, unless it fails: then its server asked us to wait, or is away."""
    try:
        with working_in(Workspace.objects.get(pk=place[0])):
            rows = Connection.objects.filter(pk=place[1], is_active=True, failures=0)
            if rows.update(due_at=now()):
                hurry(WORK)
    finally:
        _leave_database()


def _leave_database() -> None:
    """A thread that waits for hours holds no connection to the database."""
    if not database.in_atomic_block:
        database.close()
