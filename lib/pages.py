"""Keyset pages: the cursor is the last row's key, so page 1,000 costs what page 1 costs."""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from lib.asked import LARGEST


@dataclass(frozen=True)
class Page[T]:
    """Some rows and the cursor behind them; an empty cursor means these were the last."""

    rows: Sequence[T]
    cursor: str


def write_cursor(*key: Any) -> str:
    """A cursor for the row with this key (strings and numbers)."""
    return base64.urlsafe_b64encode(json.dumps(key, default=str).encode()).decode().rstrip("=")


def read_cursor(cursor: str, *shape: type) -> list[Any] | None:
    """The key inside `cursor`, each part of its type (int, float, str, datetime, UUID), or None.

    A cursor comes back in an address, where anybody may write anything: what has another shape, a number that no
    bigint holds or a moment that is none is no cursor of ours, and the page begins at its beginning.
    """
    try:
        key = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if not isinstance(key, list) or len(key) != len(shape):
            return None
        return [_part(value, kind) for value, kind in zip(key, shape, strict=True)]
    except (ValueError, TypeError, OverflowError, RecursionError):
        return None


def _part(value: Any, kind: type) -> Any:
    """One part of a key; ValueError or TypeError when it is nothing of the kind."""
    if kind is int and (type(value) is not int or abs(value) > LARGEST):
        raise ValueError("no whole number")
    if kind is str and (not isinstance(value, str) or "\0" in value):
        raise ValueError("no text")
    if kind is datetime:
        return to_moment(value)
    return kind(value)


def to_moment(value: str) -> datetime:
    """A moment with its zone. ValueError."""
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise ValueError("no zone")
    return moment.astimezone(UTC)
