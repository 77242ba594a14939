"""Who has a conversation open at this moment, and who writes in it: kept in Valkey for seconds, never a fact.

Each open page says it with its poll. Without Valkey nobody is seen; the answer itself is still given once, by the
lock that replying.reply_to takes.
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
    """A colleague who has the same conversation open."""

    user_id: int
    name: str
    writes: bool


def note_presence(conversation_id: int, user_id: int, *, writes: bool) -> None:
    """This user looks at the conversation, or writes in it, for the next seconds. May be repeated."""
    cache.set(_key(conversation_id, user_id), WRITES if writes else LOOKS, KEPT_SECONDS)


def forget_presence(conversation_id: int, user_id: int) -> None:
    """This user is done here: nobody need wait for them."""
    cache.delete(_key(conversation_id, user_id))


def others_at(conversation_id: int, user_id: int, members: Mapping[int, str]) -> list[Other]:
    """Who else of these members is here, those who write first. One question to Valkey."""
    keys = {_key(conversation_id, pk): pk for pk in members if pk != user_id}
    found = cache.get_many(list(keys))
    here = [Other(keys[key], members[keys[key]], doing == WRITES) for key, doing in found.items()]
    return sorted(here, key=lambda one: (not one.writes, one.name))


def stamp_of(others: list[Other]) -> str:
    """A short text that is another one when somebody comes, goes, or begins to write."""
    return f"{crc32(repr(others).encode()):x}" if others else ""


def _key(conversation_id: int, user_id: int) -> str:
    return f"here:{current_workspace_id()}:{conversation_id}:{user_id}"
