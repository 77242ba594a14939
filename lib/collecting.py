"""When the interpreter looks for garbage in cycles."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without_collecting() -> Iterator[None]:
    """No search for cycles of garbage meanwhile: for short work on tens of thousands of objects that have none.

    Each search would walk through all of them (a fifth of an import's time in Python). What is let go of is freed at once,
    as ever. May be nested.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
