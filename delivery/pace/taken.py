"""How fast a message goes: what its servers took in each ten seconds, counted as they take it, by all processes together.

Lies in Valkey and is forgotten a day later: rows tell what became of everybody, this tells how it goes just now.
"""

import time
from typing import NamedTuple

import redis
import structlog

from delivery.models import Message
from lib.valkey import valkey

SLOT_SECONDS, SLOTS = 10, 24
KEPT_SECONDS = 24 * 3600
TOTAL = b"total"
log = structlog.get_logger(__name__)


class Taken(NamedTuple):
    """Messages a second in each slot of ten seconds, the oldest first, with when each began (seconds since 1970).

    `total`: everything that was taken so far, 0 where nobody counted.
    """

    series: list[tuple[float, float]]
    total: int

    @property
    def per_second(self) -> float:
        """Over the last minute; the slot that has just begun counts as far as it has come."""
        recent = self.series[-6:]
        past = min(max(time.time() - recent[-1][0], 1.0), SLOT_SECONDS)
        return sum(value for _at, value in recent) * SLOT_SECONDS / (SLOT_SECONDS * (len(recent) - 1) + past)


class TakenCounter:
    """Counts what is taken of one message, and tells the others now and then. Silent while Valkey is down."""

    def __init__(self, workspace_id: int, message_id: int) -> None:
        self._key, self._slots = _key(workspace_id, message_id), dict[int, int]()
        self._told_at = 0.0

    def count(self) -> None:
        """One was taken."""
        slot = int(time.time()) // SLOT_SECONDS
        self._slots[slot] = self._slots.get(slot, 0) + 1

    def tell(self, *, each: float = 0.0) -> None:
        """What was counted since the last time, unless that was less than `each` seconds ago."""
        moment = time.monotonic()
        if not self._slots or moment - self._told_at < each:
            return
        self._told_at = moment
        told, self._slots = self._slots, {}
        try:
            with valkey().pipeline(transaction=False) as pipe:
                for slot, count in told.items():
                    pipe.hincrby(self._key, str(slot), count)
                pipe.hincrby(self._key, TOTAL.decode(), sum(told.values()))
                pipe.expire(self._key, KEPT_SECONDS)
                pipe.execute()
        except redis.RedisError as error:
            log.info("taken_not_told", error=str(error)[:100])


def taken_of(message: Message) -> Taken:
    """The last four minutes; zeroes where nobody counts."""
    here = int(time.time()) // SLOT_SECONDS
    slots = range(here - SLOTS + 1, here + 1)
    try:
        counts = valkey().hmget(
            _key(message.workspace_id, message.pk), [TOTAL, *(str(slot).encode() for slot in slots)]
        )
    except redis.RedisError:
        counts = [None] * (SLOTS + 1)
    total, *taken = (int(one or 0) for one in counts)
    return Taken([(slot * SLOT_SECONDS, count / SLOT_SECONDS) for slot, count in zip(slots, taken, strict=True)], total)


def _key(workspace_id: int | None, message_id: int) -> str:
    return f"ecrm:taken:{workspace_id}:{message_id}"
