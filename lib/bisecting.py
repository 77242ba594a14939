"""Writing a set of which one item may be poison: the good ones are kept, the one that fails is named."""

from collections.abc import Callable, Sequence

import structlog
from django.db import Error as DatabaseError
from psycopg.errors import QueryCanceled

from lib.retrying import is_passing

log = structlog.get_logger(__name__)


def write_good[T](items: Sequence[T], write: Callable[[Sequence[T]], object]) -> list[tuple[T, Exception]]:
    """Write the items as one set; afterwards all stand but those that fail alone, which are returned with why.

    Where `write` raises, the set is halved until the failing items stand by themselves. Each call of `write` must be a
    transaction or savepoint of its own. A database that is away or busy is nobody's fault: its error is raised, and so
    is a statement's that was cancelled for its time (halving would wait as long for each half).
    """
    if not items:
        return []
    try:
        write(items)
    except Exception as error:
        if is_passing(error) or isinstance(error.__cause__, QueryCanceled):
            raise
        if len(items) == 1:
            log.exception("item_refused")
            return [(items[0], error)]
        middle = len(items) // 2
        return write_good(items[:middle], write) + write_good(items[middle:], write)
    return []


def reason_of(error: Exception) -> str:
    """Why an item could not be kept, for whoever sent it: our own words where we have some, else the kind of error."""
    cause = error.__cause__ if isinstance(error, DatabaseError) and error.__cause__ else error
    said = str(error) if isinstance(error, ValueError) and not isinstance(error, UnicodeError) else ""
    return f"cannot be stored: {said.splitlines()[0][:160] if said else type(cause).__name__}"
