"""Whether something that happens by itself day after day has fallen silent, or runs away: by its own six weeks before.

Days are full days, oldest first; `today` is as far as it has come. What is judged is regular: it happened on most of its
days. Weekdays have means of their own, so a shop that rests on Sundays is not silent on a Monday morning.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

DAYS = 42
FEWEST_DAYS = 28
REGULAR = 0.6  # of the days before; a newsletter each Thursday has no rhythm that could fall silent
EXPECTED_AT_LEAST = 10.0  # so many would have come by now: by chance none comes less than once in 20,000 times
TIMES_USUAL = 10
BURST_AT_LEAST = 50


@dataclass(frozen=True)
class Rhythm:
    """Something that happens by itself day after day, so that it can be missed, or run away.

    `counts(since)`: (which, day in the workspace's zone, how many), from that day on. `named(which)`: what each is called and
    the address of its page; without those that somebody has switched off, for they are silent by will.
    """

    name: str
    counts: Callable[[date], Iterable[tuple[int, date, int]]]
    named: Callable[[Sequence[int]], Mapping[int, tuple[str, str]]]
    permission: str = ""


class Alarm(NamedTuple):
    """`silent_days`: full days without one, 0 where it runs away; `of_day`: how many came on the day that runs away."""

    silent_days: int
    of_day: int
    usual: float
    is_today: bool = False


def judge(days: Sequence[int], today: int) -> Alarm | None:
    """None where all is as usual, or where too little is known. `days` may hold more than is looked at."""
    return _silence(days, today) or _burst(days, today)


def _silence(days: Sequence[int], today: int) -> Alarm | None:
    gap = next((back for back, count in enumerate(reversed(days)) if count), len(days))
    before = days[: len(days) - gap][-DAYS:]
    if today or not gap or not _is_regular(before):
        return None
    longest = max((len(run) for run in "".join("x" if one else " " for one in before).split("x")), default=0)
    means = _weekday_means(before, gap)
    if sum(means) < EXPECTED_AT_LEAST or gap <= longest:
        return None
    return Alarm(gap, 0, sum(before) / len(before))


def _burst(days: Sequence[int], today: int) -> Alarm | None:
    for before, count, is_today in ((days, today, True), (days[:-1], days[-1] if days else 0, False)):
        known = before[-DAYS:]
        if not _is_regular(known):
            continue
        usual = sum(known) / len(known)
        if count >= BURST_AT_LEAST and count >= TIMES_USUAL * usual and count > 2 * max(known):
            return Alarm(0, count, usual, is_today)
    return None


def _is_regular(days: Sequence[int]) -> bool:
    return len(days) >= FEWEST_DAYS and sum(map(bool, days)) >= REGULAR * len(days)


def _weekday_means(before: Sequence[int], gap: int) -> list[float]:
    """What each of the days after `before` would usually have brought."""
    means = []
    for ahead in range(gap):
        same = [before[at] for at in range(len(before)) if (len(before) + ahead - at) % 7 == 0]
        means.append(sum(same) / len(same))
    return means
