"""Who of the team has a page open at this moment, and who writes on it: kept in Valkey for seconds, never a fact.

A place is a short text that its room makes, `conversation:7`, and means one in the open workspace. Each open page says
with its poll that somebody is there. Without Valkey nobody is seen, so nothing may rest on it alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from zlib import crc32

from django.core.cache import cache

from workspaces.current import current_workspace_id

KEPT_SECONDS = 12  # more than two polls: one that is late makes nobody vanish
LOOKS, WRITES = "looks", "writes"


@dataclass(frozen=True, slots=True)
class Other:
    """A colleague who is at the same place."""

    user_id: int
    name: str
    writes: bool


def note_presence(place: str, user_id: int, *, writes: bool, workspace_id: int | None = None) -> None:
    """This user looks at the place, or writes there, for the next seconds. May be repeated.

    `workspace_id` is said where none is open.
    """
    cache.set(_key(place, user_id, workspace_id), WRITES if writes else LOOKS, KEPT_SECONDS)


def forget_presence(place: str, user_id: int) -> None:
    """This user has left: nobody need wait for them."""
    cache.delete(_key(place, user_id))


def others_at(place: str, user_id: int, members: Mapping[int, str], *, workspace_id: int | None = None) -> list[Other]:
    """Who else of these members is there, those who write first. One question to Valkey."""
    keys = {_key(place, pk, workspace_id): pk for pk in members if pk != user_id}
    found = cache.get_many(list(keys))
    here = [Other(keys[key], members[keys[key]], doing == WRITES) for key, doing in found.items()]
    return sorted(here, key=lambda one: (not one.writes, one.name))


def stamp_of(others: list[Other]) -> str:
    """A short text that is another one when somebody comes, goes, or begins to write."""
    return f"{crc32(repr(others).encode()):x}" if others else ""


def _key(place: str, user_id: int, workspace_id: int | None = None) -> str:
    return f"here:{workspace_id or current_workspace_id()}:{place}:{user_id}"
