"""Which connections can be heard live, who hears them, and which are: kept in Valkey, never a fact.

Each look that succeeds says that its connection can be streamed, so whoever streams asks no workspace which ones it has.
Without Valkey nothing is live, and all is looked for in its time as ever.
"""

import time
from collections.abc import Iterable

import redis
import structlog

from lib.valkey import valkey

WANTED = "ecrm:streams"
FORGOTTEN_AFTER = 900.0  # a connection that was not looked at for so long is not asked for news either
HELD_SECONDS, LIVE_SECONDS = 30, 30
# Renew only what is ours: another runner may have taken it over meanwhile.
RENEW = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('expire', KEYS[1], ARGV[2]) end return 0"
LET_GO = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0"
type Place = tuple[int, int]  # (workspace id, connection id)
log = structlog.get_logger(__name__)


def want_stream(workspace_id: int, connection_id: int) -> None:
    """This connection can be heard live. May be repeated: what is not repeated is forgotten."""
    _quietly(lambda: valkey().zadd(WANTED, {_name((workspace_id, connection_id)): time.time() + FORGOTTEN_AFTER}))


def want_no_stream(workspace_id: int, connection_id: int) -> None:
    """It is paused, gone, or cannot: whoever hears it hangs up within seconds."""
    _quietly(lambda: valkey().zrem(WANTED, _name((workspace_id, connection_id))))


def wanted_streams(most: int) -> list[Place]:
    """The connections to be heard, at most so many, those looked at last first. redis.RedisError while Valkey is down."""
    client = valkey()
    client.zremrangebyscore(WANTED, "-inf", time.time())
    return [_place(one) for one in client.zrevrange(WANTED, 0, most - 1)]  # type: ignore[union-attr,arg-type]


def hold(place: Place, runner: str) -> bool:
    """Whether this runner hears it from now on, for thirty seconds: nobody else does. redis.RedisError."""
    return bool(valkey().set(_key("held", place), runner, nx=True, ex=HELD_SECONDS))


def renew(place: Place, runner: str) -> bool:
    """Thirty seconds more; False: it is somebody else's. redis.RedisError."""
    return bool(valkey().eval(RENEW, 1, _key("held", place), runner, HELD_SECONDS))


def let_go(place: Place, runner: str) -> None:
    """Somebody else may hear it."""
    _quietly(lambda: valkey().eval(LET_GO, 1, _key("held", place), runner))
    say_live(place, is_live=False)


def say_live(place: Place, *, is_live: bool) -> None:
    """Its line is open, for its page; True is repeated while it is."""
    key = _key("live", place)
    _quietly(lambda: valkey().set(key, "1", ex=LIVE_SECONDS) if is_live else valkey().delete(key))


def live_of(workspace_id: int, connection_ids: Iterable[int]) -> set[int]:
    """Those of these connections whose news come by themselves at this moment. One question to Valkey."""
    asked = list(connection_ids)
    keys = [_key("live", (workspace_id, one)) for one in asked]
    try:
        found = valkey().mget(keys) if keys else []
    except redis.RedisError:
        return set()
    return {one for one, said in zip(asked, found, strict=True) if said}  # type: ignore[arg-type]


def _quietly(do: object) -> None:
    try:
        do()  # type: ignore[operator]
    except redis.RedisError as error:
        log.warning("streams_not_kept", error=str(error))


def _key(what: str, place: Place) -> str:
    return f"ecrm:stream-{what}:{_name(place)}"


def _name(place: Place) -> str:
    return f"{place[0]}:{place[1]}"


def _place(name: bytes | str) -> Place:
    workspace, _colon, connection = (name.decode() if isinstance(name, bytes) else name).partition(":")
    return int(workspace), int(connection)
