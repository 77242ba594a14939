"""Many browsers asked at once, all in one span of seconds: a push service that hangs holds up its own browsers alone.

What is meant for one browser leaves in its order, one after the other, so that the newest replaces what was older. A
service that gives no answer, or wants us to wait, is left alone for the rest of the round.
"""

import time
from collections import defaultdict
from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import zip_longest

from lib.connections.kept_lines import KeptLines
from lib.push.asking import Answer, Asked, KeptBrowser, Manner, ask_one, asked_of, posting_for
from lib.push.keys import Proofs

THREADS, OF_ONE_SERVICE = 16, 4
ANSWERED_WITHIN = 3.0  # seconds that one service may take for one browser
WANTS_US_TO_WAIT = frozenset({429, 503})


@dataclass(frozen=True, slots=True)
class Leaving:
    """What leaves for one browser: packed, in its order, each with its manner."""

    browser: KeptBrowser
    posts: Sequence[tuple[bytes, Manner]]


@dataclass(slots=True)
class _Service:
    """A push service in this round; `is_left_alone` as soon as it hangs."""

    asked: list[tuple[Asked, Leaving]] = field(default_factory=list)
    is_left_alone: bool = False


def ask_all(leaving: Sequence[Leaving], proofs: Proofs, *, seconds: float) -> list[Answer]:
    """Ask for each browser; every answer there was, and why there is none. `seconds` is for all of it. No transaction
    is open meanwhile. Never raises what a service does.
    """
    ends_at = time.monotonic() + seconds
    services: dict[str, _Service] = defaultdict(_Service)
    for one in leaving:
        asked = asked_of(one.browser)
        services[asked.origin].asked.append((asked, one))
    lines = KeptLines(most=THREADS)

    def walk(service: _Service, lane: Sequence[tuple[Asked, Leaving]]) -> list[Answer]:
        return [answer for asked, one in lane for answer in _ask_browser(lines, service, asked, one, proofs, ends_at)]

    try:
        with ThreadPoolExecutor(THREADS, "push") as threads:
            rounds = [threads.submit(walk, service, lane) for service, lane in _lanes(services.values())]
        return [answer for one in rounds for answer in one.result()]
    finally:
        lines.close()


def _lanes(services: Collection[_Service]) -> list[tuple[_Service, list[tuple[Asked, Leaving]]]]:
    """The first lane of each service, then the second of each: nobody's many stand before somebody's first."""
    each = [[(one, one.asked[place::OF_ONE_SERVICE]) for place in range(OF_ONE_SERVICE)] for one in services]
    return [lane for turn in zip_longest(*each) for lane in turn if lane and lane[1]]


def _ask_browser(
    lines: KeptLines, service: _Service, asked: Asked, leaving: Leaving, proofs: Proofs, ends_at: float
) -> list[Answer]:
    answers: list[Answer] = []
    for raw, manner in leaving.posts:
        if service.is_left_alone:
            return [*answers, Answer(asked, why="its service is left alone for now", is_asked=False)]
        left = min(ends_at - time.monotonic(), ANSWERED_WITHIN)
        answer = ask_one(lines, asked, posting_for(leaving.browser, raw, proofs, manner), left)
        answers.append(answer)
        if not answer.status or answer.status in WANTS_US_TO_WAIT:
            service.is_left_alone = True
        if not answer.is_taken:
            break
    return answers
