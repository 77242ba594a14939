"""What stands at a place of somebody else's JSON, in the kind that we asked for, or an empty one: nothing here raises.

A path is names and places: `text_at(tree, "author", "handle")`, `text_at(tree, "langs", 0)`.
"""

from datetime import UTC, datetime
from typing import Any

from django.utils.dateparse import parse_datetime

from lib.clock import is_storable

Place = str | int


def at(tree: Any, *path: Place) -> Any:
    """Whatever stands there, None where nothing does."""
    for place in path:
        if isinstance(tree, dict) and isinstance(place, str):
            tree = tree.get(place)
        elif isinstance(tree, list) and isinstance(place, int) and place < len(tree):
            tree = tree[place]
        else:
            return None
    return tree


def text_at(tree: Any, *path: Place) -> str:
    """The text there; a whole number is read as its text, for some write ids so."""
    found = at(tree, *path)
    if isinstance(found, int) and not isinstance(found, bool):
        return str(found)
    return found if isinstance(found, str) else ""


def tree_at(tree: Any, *path: Place) -> dict[str, Any]:
    """The object there."""
    found = at(tree, *path)
    return found if isinstance(found, dict) else {}


def list_at(tree: Any, *path: Place) -> list[Any]:
    """The list there."""
    found = at(tree, *path)
    return found if isinstance(found, list) else []


def number_at(tree: Any, *path: Place) -> int | None:
    """The number there, whole; one that is written as text counts, too."""
    found = at(tree, *path)
    if isinstance(found, str) and found.isascii() and found.removeprefix("-").isdigit() and len(found) <= 18:
        return int(found)
    return int(found) if isinstance(found, int | float) and not isinstance(found, bool) else None


def moment_at(tree: Any, *path: Place) -> datetime | None:
    """The moment there, with its zone and within the years that we keep."""
    try:
        moment = parse_datetime(text_at(tree, *path))
    except ValueError:
        return None
    return moment if moment is not None and moment.tzinfo is not None and is_storable(moment) else None


def moment_of_seconds(seconds: int | None) -> datetime | None:
    """The moment of a Unix time, in seconds or in milliseconds."""
    if seconds is None:
        return None
    try:
        moment = datetime.fromtimestamp(seconds / 1000 if seconds > 10**11 else seconds, tz=UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return moment if is_storable(moment) else None
