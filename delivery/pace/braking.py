"""The brake on doubt: a sender whose server breaks off behind message after message stops before there are more of them.

Counted for the sender, in Valkey: each may be the only one of its chunk. A message that is taken, a person who resumes one
of its messages, saves the sender or tries it with success, and six hours let go of the brake.
"""

from contextlib import suppress
from dataclasses import dataclass

import redis

from lib.valkey import valkey

MOST_UNKNOWN_IN_A_ROW = 3
KEPT_SECONDS = 6 * 3600


@dataclass
class Brake:
    """How many messages of one sender in a row had no answer, as this process knows since `read`."""

    workspace_id: int
    sender_id: int
    count: int = 0

    @property
    def is_on(self) -> bool:
        """Whether nothing more may leave by this sender."""
        return self.count >= MOST_UNKNOWN_IN_A_ROW

    @property
    def _key(self) -> str:
        return f"ecrm:doubt:{self.workspace_id}:{self.sender_id}"

    def read(self) -> None:
        """What all processes know; nothing while Valkey is down."""
        with suppress(redis.RedisError):
            self.count = int(valkey().get(self._key) or 0)

    def count_one(self) -> None:
        """One more whose answer never came."""
        self.count += 1
        with suppress(redis.RedisError), valkey().pipeline(transaction=False) as pipe:
            pipe.incr(self._key)
            pipe.expire(self._key, KEPT_SECONDS)
            self.count = max(self.count, int(pipe.execute()[0]))

    def release(self) -> None:
        """Something was taken, or somebody has looked."""
        self.count = 0
        with suppress(redis.RedisError):
            valkey().delete(self._key)
