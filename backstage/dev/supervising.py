"""Keeping the parts alive: one that ends by itself is started again, three times within a minute; then all stops."""

import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from backstage.dev.children import Child, end_session
from backstage.dev.problems import ServerError

MOST, WITHIN_SECONDS = 3, 60.0


@dataclass
class Part:
    """One thing that must run: its process, and how it is started again (ServerError when it cannot be)."""

    child: Child
    start: Callable[[], Child]
    ended_at: list[float] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.child.name


class Supervisor:
    """Looks after parts. `say` tells people what happened; `clock` counts seconds.

    Call `look` from the main thread: the kernel ends children with the thread that started them.
    """

    def __init__(self, say: Callable[[str], None], clock: Callable[[], float] = time.monotonic) -> None:
        self.parts: list[Part] = []
        self._say, self._clock = say, clock

    def add(self, child: Child, start: Callable[[], Child]) -> None:
        """Look after this running child, too."""
        self.parts.append(Part(child, start))

    def look(self) -> str:
        """Start again what has ended; returns why all must stop, or "" when all is well."""
        for part in self.parts:
            if not part.child.is_alive() and (why := self._again(part)):
                return why
        return ""

    def _again(self, part: Part) -> str:
        how = how_it_ended(part.child.process.returncode)
        end_session(part.child.process.pid)  # what it started itself must not live on beside its successor
        moment = self._clock()
        part.ended_at = [at for at in part.ended_at if moment - at < WITHIN_SECONDS]
        if len(part.ended_at) >= MOST:
            words = part.child.last_words()
            said = f" Its last words:\n{words}" if words else ""
            return f"{part.name} ended by itself ({how}) for the {MOST + 1}th time within a minute.{said}"
        part.ended_at.append(moment)
        self._say(f"{part.name} ended by itself ({how}): starting it again ({len(part.ended_at)} of {MOST} a minute)")
        try:
            part.child = part.start()
        except ServerError as problem:
            return f"{part.name} ended by itself ({how}) and cannot be started again: {problem}"
        return ""


def how_it_ended(code: int) -> str:
    """A process's return code in words."""
    if code >= 0:
        return f"exit code {code}"
    try:
        return f"killed by {signal.Signals(-code).name}"
    except ValueError:
        return f"killed by signal {-code}"
