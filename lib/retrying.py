"""Doing something again that the database refused for a passing reason."""

import time
from collections.abc import Callable

from django.db import InterfaceError, InternalError, OperationalError

# What a connection that is gone says: the last of it, where PostgreSQL hung up on us in a transaction (25P03).
AWAY = (OperationalError, InterfaceError, InternalError)
HUNG_UP = "25P03"
TRIES = 4
DEADLOCKS = {"40P01", "40001"}  # deadlock detected, serialization failure
# Classes of SQLSTATE that say nothing about what was asked: no connection, rolled back, no resources, in use, shut
# down by hand. A timeout (57014) is not among them: what was asked may be why it took so long.
PASSING_CLASSES = ("08", "40", "53", "55", "57P")


def with_retries[T](work: Callable[[], T]) -> T:
    """Do `work` (a whole transaction, safe to repeat) again, up to four times, after a deadlock."""
    for attempt in range(1, TRIES + 1):
        try:
            return work()
        except OperationalError as error:
            if attempt == TRIES or _state_of(error) not in DEADLOCKS:
                raise
            time.sleep(0.02 * attempt)
    raise AssertionError("unreachable")


def is_passing(error: BaseException) -> bool:
    """Whether the database was away or busy, so that the same may work later; not whether a value was bad."""
    if isinstance(error, InterfaceError):
        return True
    state = _state_of(error)
    if isinstance(error, InternalError):
        return state == HUNG_UP
    return isinstance(error, OperationalError) and (state is None or state.startswith(PASSING_CLASSES))


def _state_of(error: BaseException) -> str | None:
    return getattr(error.__cause__, "sqlstate", None)
