"""How many requests a key may make in a minute, counted in Valkey; open, with a line in the log, while that is away.

The headers are those of draft-ietf-httpapi-ratelimit-headers-10.
"""

from dataclasses import dataclass

import redis
import structlog
from django.conf import settings

from lib.clock import now
from lib.valkey import valkey
from workspaces.api.problems import Problem
from workspaces.models import ApiKey

WINDOW_SECONDS = 60
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a key has left in this window; None while nobody counts."""

    quota: int
    left: int | None
    seconds: int

    def headers(self) -> dict[str, str]:
        """As the draft writes it."""
        policy = {"RateLimit-Policy": f'"default";q={self.quota};w={WINDOW_SECONDS}'}
        return policy if self.left is None else policy | {"RateLimit": f'"default";r={self.left};t={self.seconds}'}


def spend(key: ApiKey) -> Allowance:
    """Count one request of this key; Problem 429 where there were too many in this minute."""
    quota, moment = settings.ECRM_API_REQUESTS_A_MINUTE, int(now().timestamp())
    left_seconds = WINDOW_SECONDS - moment % WINDOW_SECONDS
    try:
        pipe = valkey().pipeline()
        name = f"api-rate:{key.pk}:{moment // WINDOW_SECONDS}"
        pipe.incr(name)
        pipe.expire(name, 2 * WINDOW_SECONDS)
        used = int(pipe.execute()[0])
    except redis.RedisError as error:
        log.warning("api_rate_not_counted", key=key.pk, error=str(error))
        return Allowance(quota, None, left_seconds)
    allowance = Allowance(quota, max(quota - used, 0), left_seconds)
    if used > quota:
        problem = Problem(429, f"More than {quota} requests this minute; nothing of this one was kept.")
        problem.headers |= {"Retry-After": str(left_seconds), **allowance.headers()}
        raise problem
    return allowance
