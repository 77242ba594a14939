"""Doing something again that the database refused for a passing reason."""

import time
from collections.abc import Callable

from django.db import OperationalError

TRIES = 4
PASSING = {"40P01", "40001"}  # deadlock detected, serialization failure


def with_retries[T](work: Callable[[], T]) -> T:
    """Do `work` (a whole transaction, safe to repeat) again, up to four times, after a deadlock."""
    for attempt in range(1, TRIES + 1):
        try:
            return work()
        except OperationalError as error:
            if attempt == TRIES or getattr(error.__cause__, "sqlstate", None) not in PASSING:
                raise
            time.sleep(0.02 * attempt)
    raise AssertionError("unreachable")
