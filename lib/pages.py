"""Keyset pages: the cursor is the last row's key, so page 1,000 costs what page 1 costs."""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Page[T]:
    """Some rows and the cursor behind them; an empty cursor means these were the last."""

    rows: Sequence[T]
    cursor: str


def write_cursor(*key: Any) -> str:
    """A cursor for the row with this key (strings and numbers)."""
    return base64.urlsafe_b64encode(json.dumps(key, default=str).encode()).decode().rstrip("=")


def read_cursor(cursor: str) -> list[Any] | None:
    """The key inside `cursor`, or None when there is none or it is not ours."""
    try:
        key = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except ValueError:
        return None
    return key if isinstance(key, list) else None
