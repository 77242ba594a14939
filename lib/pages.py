"""Keyset pages: the cursor is the last row's key, so page 1,000 costs what page 1 costs."""

import base64
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from lib.foreign_json import read_json

Shape = Callable[[Any], Any | None]  # of lib.asked


@dataclass(frozen=True)
class Page[T]:
    """Some rows and the cursor behind them; an empty cursor means these were the last."""

    rows: Sequence[T]
    cursor: str


def write_cursor(*key: Any) -> str:
    """A cursor for the row with this key (strings and numbers)."""
    return base64.urlsafe_b64encode(json.dumps(key, default=str).encode()).decode().rstrip("=")


def read_cursor(cursor: str, *shapes: Shape) -> list[Any] | None:
    """The key inside `cursor`, each part as its shape reads it; None when there is none or it is not ours."""
    try:
        key = read_json(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))) if cursor else None
    except ValueError:
        return None
    if not isinstance(key, list) or len(key) != len(shapes):
        return None
    parts = [shape(part) for shape, part in zip(shapes, key, strict=True)]
    return None if None in parts else parts
