"""Valkey, worker, beat, sender, the queues, and work that fails again and again."""

import redis

from backstage.operating.findings import Finding, bad, good, warn
from backstage.operating.pulse import LOST_AFTER_SECONDS, pulse_ages, queue_depths
from lib.valkey import valkey
from workspaces.models import AgendaItem

LONG_QUEUE, ENDLESS_QUEUE = 1_000, 20_000
MANY_ATTEMPTS = 3


def broker() -> Finding:
    """Valkey answers."""
    try:
        told = valkey().info("server")
    except redis.RedisError as error:
        says = f"does not answer ({type(error).__name__}): pages work, but nothing is sent and nothing is cached"
        return bad("Valkey", says, "Start it, or correct REDIS_URL.")
    version = told.get("valkey_version") or told.get("redis_version")
    return good("Valkey", f"version {version}")


def worker() -> Finding:
    """A worker has given a sign of life."""
    return _pulse("worker", "celery --app ecrm worker")


def beat() -> Finding:
    """Beat has given a sign of life."""
    return _pulse("beat", "celery --app ecrm beat")


def sender() -> Finding:
    """A worker that sends has given a sign of life."""
    return _pulse("sender", "celery --app ecrm worker --queues sending --hostname sending@%h --pool threads")


def _pulse(process: str, command: str) -> Finding:
    remedy = f"Start it: {command}"
    try:
        age = pulse_ages()[process]
    except redis.RedisError:
        return warn(process, "unknown, for Valkey does not answer", "Start Valkey first.")
    if age is None:
        return bad(process, "never heard of", remedy)
    if age > LOST_AFTER_SECONDS:
        return bad(process, f"last heard of {age:.0f} s ago", remedy)
    return good(process, f"heard of {age:.0f} s ago")


def queues() -> Finding:
    """No queue is long."""
    try:
        depths = queue_depths()
    except redis.RedisError:
        return warn("queues", "unknown, for Valkey does not answer", "Start Valkey first.")
    total = sum(depths.values())
    says = f"{total} tasks wait" + (f" ({', '.join(f'{k}: {v}' for k, v in depths.items() if v)})" if total else "")
    if total > LONG_QUEUE:
        remedy = "Start more workers (or raise --concurrency), and look for failing tasks in the worker's log."
        return (bad if total > ENDLESS_QUEUE else warn)("queues", says, remedy)
    return good("queues", says)


def agenda() -> Finding:
    """No work of a workspace fails again and again."""
    failing = list(
        AgendaItem.objects.filter(attempts__gt=MANY_ATTEMPTS).exclude(last_error="").order_by("-attempts")[:3]
    )
    if failing:
        says = "; ".join(f"{item.work} failed {item.attempts} times: {item.last_error[:120]}" for item in failing)
        return warn("agenda", says, "The worker's log has the tracebacks; it keeps trying.")
    return good("agenda", "nothing fails again and again")
