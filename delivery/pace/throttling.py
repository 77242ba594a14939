"""Throttles of a sender towards one mailbox domain: slower when it asks for it, faster again by itself, stopped when refused.

The domains of a house that many have mailboxes at (Microsoft's outlook.com, hotmail.com, …) are as one: its servers ask.
A 4xx of a domain (greylisting, "too fast", 421) halves how many a second this sender offers it; each half minute without
one adds a tenth of the sender's own pace, until there is no limit any more. A full mailbox is no word of its domain. Three
refusals of us, not of an address (bounces/refusals.py), in a chunk or of all slots within a minute, while other domains take this
sender's emails, stop the domain for an hour. Whoever is over the limit is written down for later and takes no attempt;
nobody sleeps. The numbers lie in Valkey and are shared by all processes; without Valkey there is no limit but the sender's
own.
"""

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

import redis
import structlog

from lib.clock import now
from lib.mail_providers import OTHERS, provider_of
from lib.valkey import valkey

SLOWEST = 0.1  # messages a second
RECOVERY_SECONDS, RECOVERY_SHARE = 30.0, 0.1
MOST_POLICY_REFUSALS, STOPPED_FOR = 3, timedelta(hours=1)
REFUSALS_KEPT_SECONDS = 60
NO_DOMAINS = "*"  # the one group of whoever has no domain
KEPT_SECONDS = 6 * 3600
SHORTEST_WAIT = timedelta(minutes=1)
log = structlog.get_logger(__name__)


def group_of(address: str) -> str:
    """Whose servers take this address's mail, as far as its domain tells: a big provider by its name, else the domain."""
    return _house_of(address.rpartition("@")[2].lower())


@lru_cache(maxsize=4096)  # asked for each email that leaves
def _house_of(domain: str) -> str:
    provider = provider_of(domain)
    return domain if provider is OTHERS else provider.brand


@dataclass
class Throttle:
    """The limits of one sender, as this process knows them since `read`.

    `has_domains`: it writes to email addresses. Numbers, handles and tokens are one group: none of them is written down.
    """

    workspace_id: int
    sender_id: int
    per_second: float
    has_domains: bool = True
    limits: dict[str, "Limit"] = field(default_factory=dict)

    @property
    def key(self) -> str:
        return f"ecrm:throttle:{self.workspace_id}:{self.sender_id}"

    def group_of(self, address: str) -> str:
        """Which limit an address falls under."""
        return group_of(address) if self.has_domains and "@" in address else NO_DOMAINS

    def read(self) -> None:
        """What all processes know. One look for a chunk; silent while Valkey is down."""
        try:
            found = valkey().hgetall(self.key)
        except redis.RedisError:
            return
        self.limits = {_text(name): Limit.read(_text(value)) for name, value in found.items()}

    def wait_for(self, address: str) -> datetime | None:
        """When this address may be tried; None: now, and it is counted."""
        limit = self.limits.get(self.group_of(address)) if self.limits else None
        if limit is None:
            return None
        moment = time.time()
        if limit.stopped_until > moment:
            return now() + timedelta(seconds=limit.stopped_until - moment)
        rate = limit.rate_at(moment, self.per_second)
        if rate >= self.per_second or limit.takes(rate, moment):
            return None
        limit.waiting += 1
        return now() + max(SHORTEST_WAIT, timedelta(seconds=limit.waiting / rate))

    def slow_down(self, address: str) -> None:
        """The domain asked for it: half of what it was."""
        name, moment = self.group_of(address), time.time()
        limit = self.limits.setdefault(name, Limit(self.per_second, moment))
        if moment - limit.since < 1.0 and limit.rate < self.per_second:
            return  # the same breath: a hundred answers of one second are one
        limit.rate = max(limit.rate_at(moment, self.per_second) / 2, SLOWEST)
        limit.since, limit.tokens, limit.filled_at = moment, 0.0, moment
        self._write(name, limit)

    def count_refusal(self, address: str, answer: str) -> bool:
        """It will not have us; whether that stops the domain. All slots of the sender count together."""
        name, moment = self.group_of(address), time.time()
        limit = self.limits.setdefault(name, Limit(self.per_second, moment))
        if limit.stopped_until > moment:
            return False  # what was under way when it stopped
        limit.refusals = max(limit.refusals + 1, self._count_shared(name))
        if limit.refusals < MOST_POLICY_REFUSALS:
            return False
        limit.refusals, limit.stopped_until = 0, moment + STOPPED_FOR.total_seconds()
        log.warning("domain_refuses_sender", sender=self.sender_id, domain=name, answer=answer[:100])
        self._write(name, limit)
        return True

    def _count_shared(self, name: str) -> int:
        """How many refusals all slots had of this domain within a minute; 0 while Valkey is down."""
        key = f"{self.key}:refusals:{name}"
        try:
            with valkey().pipeline(transaction=False) as pipe:
                pipe.incr(key)
                pipe.expire(key, REFUSALS_KEPT_SECONDS, nx=True)
                return int(pipe.execute()[0])
        except redis.RedisError:
            return 0

    def _write(self, name: str, limit: "Limit") -> None:
        try:
            with valkey().pipeline(transaction=False) as pipe:
                pipe.hset(self.key, name, limit.written())
                pipe.expire(self.key, KEPT_SECONDS)
                pipe.execute()
        except redis.RedisError:
            log.warning("throttle_not_shared", sender=self.sender_id, domain=name)


class Slowed(NamedTuple):
    """A domain that gets less than the sender could: `per_second` now, asked for at `since`; or nothing until a moment."""

    domain: str
    per_second: float
    since: datetime
    stopped_until: datetime | None


def slowed(workspace_id: int | None, sender_id: int, per_second: float) -> list[Slowed]:
    """The domains that a sender is slower towards, the newest first."""
    throttle, moment = Throttle(workspace_id or 0, sender_id, per_second), time.time()
    throttle.read()
    found = [
        Slowed(
            domain,
            limit.rate_at(moment, per_second),
            datetime.fromtimestamp(limit.since, UTC),
            datetime.fromtimestamp(limit.stopped_until, UTC) if limit.stopped_until > moment else None,
        )
        for domain, limit in throttle.limits.items()
        if limit.stopped_until > moment or limit.rate_at(moment, per_second) < per_second
    ]
    return sorted(found, key=lambda one: one.since, reverse=True)


@dataclass
class Limit:
    """What one domain takes: `rate` a second since a moment, none until another; a bucket of one second's tokens."""

    rate: float
    since: float
    stopped_until: float = 0.0
    tokens: float = 0.0
    filled_at: float = 0.0
    waiting: int = 0
    refusals: int = 0

    @classmethod
    def read(cls, text: str) -> "Limit":
        rate, since, stopped_until = (float(one) for one in text.split())
        return cls(rate, since, stopped_until)

    def written(self) -> str:
        """As Valkey keeps it."""
        return f"{self.rate:.3f} {self.since:.3f} {self.stopped_until:.3f}"

    def rate_at(self, moment: float, full: float) -> float:
        """It comes back by itself, a tenth of the full pace each half minute."""
        return min(full, self.rate + max(0.0, moment - self.since) / RECOVERY_SECONDS * RECOVERY_SHARE * full)

    def takes(self, rate: float, moment: float) -> bool:
        """Whether the bucket has a token; then it is gone."""
        room = max(1.0, rate)
        self.tokens = min(room, self.tokens + (moment - self.filled_at) * rate) if self.filled_at else room
        self.filled_at = moment
        if self.tokens < 1.0:
            return False
        self.tokens -= 1.0
        return True


def _text(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else value
