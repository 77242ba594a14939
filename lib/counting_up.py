"""How often something happened lately: a counter in the cache that ends by itself."""

from django.core.cache import cache


def count_up(key: str, seconds: int) -> int:
    """How often, this time included, since `seconds` ago at most; 1 while Valkey is away.

    The key may end between the two questions: then this is the first time of a new span.
    """
    cache.add(key, 0, seconds)
    try:
        return int(cache.incr(key))
    except ValueError:
        return 1
