"""The cache, which may be away: then everything still works, only slower. Limits of logins fail closed."""

from typing import Any

from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

LIMITS = "allauth:rl:"  # limits that fail closed


class ForgivingCache(RedisCache):
    """Django's Redis cache that answers "nothing there" while Valkey is down."""

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        try:
            return super().get(key, default, version)
        except RedisError:
            return default

    def set(self, *args: Any, **kwargs: Any) -> Any:
        return self._forgive(super().set, None, *args, **kwargs)

    def add(self, key: Any, *args: Any, **kwargs: Any) -> Any:
        """A lock of allauth's limits is not to be had while Valkey is away: then nobody may try passwords or codes."""
        return self._forgive(super().add, not str(key).startswith(LIMITS), key, *args, **kwargs)

    def incr(self, *args: Any, **kwargs: Any) -> Any:
        return self._forgive(super().incr, 1, *args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        return self._forgive(super().delete, False, *args, **kwargs)

    def touch(self, *args: Any, **kwargs: Any) -> Any:
        return self._forgive(super().touch, False, *args, **kwargs)

    def has_key(self, *args: Any, **kwargs: Any) -> Any:
        return self._forgive(super().has_key, False, *args, **kwargs)

    def get_many(self, *args: Any, **kwargs: Any) -> Any:
        return self._forgive(super().get_many, {}, *args, **kwargs)

    def set_many(self, *args: Any, **kwargs: Any) -> Any:
        return self._forgive(super().set_many, [], *args, **kwargs)

    def clear(self) -> Any:
        return self._forgive(super().clear, False)

    @staticmethod
    def _forgive(call: Any, answer: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            return call(*args, **kwargs)
        except RedisError:
            return answer
