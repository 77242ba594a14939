"""The pace of a sender: so many messages a second, however many slots send by it at once.

Turns are reserved in Valkey, some at a time: a window of them begins where the last one ended, whoever reserved that, so no
two slots ever have the same turn. What is not taken in its window lapses; nothing is saved up. Without Valkey each slot
keeps to its share.
"""

from dataclasses import dataclass

import redis
import structlog
from django.conf import settings

from lib.valkey import valkey

WINDOW_SECONDS = 0.1  # how long a reservation lasts; at less than ten a second it is one turn
LATE_SECONDS = 0.1
KEPT_SECONDS = 3_600
# The moment at which the reserved turns begin, from now on, in microseconds of Valkey's own clock, which all share.
RESERVE = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local at = math.max(now, tonumber(redis.call('GET', KEYS[1]) or '0'))
redis.call('SET', KEYS[1], string.format('%.0f', at + ARGV[1]), 'EX', ARGV[2])
return at - now
"""
log = structlog.get_logger(__name__)


def reserve(key: str, seconds: float) -> float | None:
    """The next `seconds` of this sender are ours; in how many seconds they begin. None while Valkey is down."""
    try:
        return int(valkey().eval(RESERVE, 1, key, round(seconds * 1e6), KEPT_SECONDS)) / 1e6
    except redis.RedisError as error:
        log.warning("pace_not_shared", key=key, error=str(error)[:200])
        return None


@dataclass
class Pace:
    """The turns of one sender that one slot holds. Moments are the process's monotonic seconds."""

    workspace_id: int
    sender_id: int
    per_second: float
    next_at: float = 0.0
    ends_at: float = 0.0
    left: int = 0
    each: float = 0.0

    def look_ahead(self, wanted: int, moment: float) -> None:
        """Reserve the next turns, at most `wanted`, unless some are left that have not lapsed."""
        if self.left and moment <= self.ends_at + LATE_SECONDS:
            return
        rate = max(1.0, self.per_second)
        count = max(1, min(wanted, int(rate * WINDOW_SECONDS)))
        wait, self.each = reserve(f"ecrm:pace:{self.workspace_id}:{self.sender_id}", count / rate), 1 / rate
        if wait is None:  # what is urgent may hold a slot as well
            wait, self.each = max(0.0, self.next_at - moment), (settings.ECRM_SENDER_SLOTS + 1) / rate
        self.next_at, self.left = moment + wait, count
        self.ends_at = self.next_at + count * self.each

    def take(self) -> None:
        """A turn is gone."""
        self.left -= 1
        self.next_at += self.each
