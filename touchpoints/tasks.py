"""Work of the ledger in the background."""

from datetime import timedelta

import redis
from celery import shared_task
from django.db import connection

from lib.clock import now
from touchpoints.stream import drain

MONTHS_AHEAD = timedelta(days=95)


@shared_task(name="touchpoints.drain_stream")
def drain_stream() -> int:
    """Move rested opens and clicks into the ledger."""
    try:
        return drain()
    except redis.RedisError:
        return 0


@shared_task(name="touchpoints.ensure_partitions")
def ensure_partitions() -> int:
    """Make the months that are coming. Returns how many were made."""
    today = now().date()
    with connection.cursor() as cursor:
        cursor.execute("SELECT ensure_partitions(%s, %s)", [today, today + MONTHS_AHEAD])
        return int(cursor.fetchone()[0])
