"""The connection to Valkey for what is more than a cache: streams, buckets, heartbeats."""

from functools import cache

import redis
from django.conf import settings


@cache
def valkey() -> redis.Redis:
    """One client a process. Callers catch redis.RedisError: Valkey may be down, pages must still work."""
    return redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=1, socket_timeout=5)


def answers() -> bool:
    """Whether Valkey is there now."""
    try:
        return bool(valkey().ping())
    except redis.RedisError:
        return False
