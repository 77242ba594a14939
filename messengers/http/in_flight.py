"""Several requests under way at once: threads wait for answers, the engine's own thread does everything else.

engine's thread                                threads
  │ next recipient, written                      │
  │ watch.may_go, watch.mark("about")            │
  │─────────────────── ask ─────────────────────▶│ writes the request, reads the answer
  │ watch.beat, each 0.2 s while it waits        │
  │◀────────────── answer or error ──────────────│
  │ what it means, watch.mark, (recipient, Outcome)

A trouble that is about everybody stops taking more; what is under way gets its word first, then the trouble is raised.
"""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait

from delivery.messengers.protocol import HEARTBEAT_SECONDS, Outcome, OutcomeKind, Recipient, Watch

type Ask[A] = Callable[[], A]


class InFlight[A]:
    """One round over recipients. `write` gives what to ask for one of them, or the Outcome where that cannot be written;
    `judge` says what a finished request means, or raises what is about everybody (an OSError of the protocol).
    """

    def __init__(
        self,
        threads: Executor,
        most: int,
        *,
        write: Callable[[Recipient], Ask[A] | Outcome],
        judge: Callable[[Future[A]], Outcome],
    ) -> None:
        self.threads, self.most, self.write, self.judge = threads, most, write, judge
        self._under_way: dict[Future[A], Recipient] = {}
        self._trouble: OSError | None = None

    def send(self, recipients: Iterator[Recipient], watch: Watch) -> Iterator[tuple[Recipient, Outcome]]:
        """The protocol's `send`."""
        is_left = True
        while is_left or self._under_way:
            while is_left and self._has_room(watch):
                one = next(recipients, None)
                if one is None:
                    is_left = False
                elif (unsendable := self._begun(one, watch)) is not None:
                    yield one, unsendable
            yield from self._finished(watch)
            is_left = is_left and self._trouble is None
        if self._trouble is not None:
            raise self._trouble

    def _has_room(self, watch: Watch) -> bool:
        if len(self._under_way) >= self.most or self._trouble is not None:
            return False
        return not self._under_way or time.monotonic() >= watch.free_at()

    def _begun(self, one: Recipient, watch: Watch) -> Outcome | None:
        """Begin with one; what goes wrong before it left is a trouble like others: it stays untouched."""
        try:
            return self._begin(one, watch)
        except OSError as error:
            self._trouble = error
            return None

    def _begin(self, one: Recipient, watch: Watch) -> Outcome | None:
        ask = self.write(one)
        if isinstance(ask, Outcome):
            return ask
        if watch.may_go(one):
            watch.mark(one.slot, "about")
            self._under_way[self.threads.submit(ask)] = one
        return None

    def _finished(self, watch: Watch) -> Iterator[tuple[Recipient, Outcome]]:
        """What is answered; waits a heartbeat at most for the first."""
        if not self._under_way:
            return
        pause = HEARTBEAT_SECONDS
        if len(self._under_way) < self.most and self._trouble is None:
            pause = min(pause, max(0.001, watch.free_at() - time.monotonic()))
        done, _waiting = wait(self._under_way, pause, FIRST_COMPLETED)
        watch.beat()
        for one in done:
            recipient = self._under_way.pop(one)
            try:
                outcome = self.judge(one)
            except OSError as error:
                watch.mark(recipient.slot, "untouched")  # nobody took it: it may be sent again
                self._trouble = self._trouble or error
                continue
            if outcome.kind == OutcomeKind.UNSENDABLE:
                watch.mark(recipient.slot, "untouched")  # it cannot reach them, or finds it too large: nothing left
            elif outcome.kind != OutcomeKind.UNKNOWN:
                watch.mark(recipient.slot, str(outcome.kind))
            yield recipient, outcome
