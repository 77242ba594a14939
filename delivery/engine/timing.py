"""When each person may have a message: at once, when their own clock shows the time, or spread over some hours."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from consent.rules import zone_of
from contacts.models import Contact
from delivery.models import Message
from lib.clock import now
from lib.times.wall_clock import moment_at
from workspaces.current import current_workspace

EARLIEST = timedelta(hours=14)  # no clock is further ahead of UTC
LATE = timedelta(minutes=5)  # a zone whose time has gone by for longer has it again tomorrow
SLOT_MINUTES = 5
LONGEST_SPREAD_HOURS = 72


@dataclass(frozen=True)
class Timing:
    """Holes of delivery/plan.sql and what they need: when each may have it, in which parts, how much later each part."""

    holes: dict[str, str]
    params: dict[str, Any] = field(default_factory=dict)


def first_moment(message: Message) -> datetime | None:
    """When the first of its readers may have it: its own moment, or that of the clock which is the furthest ahead."""
    wall = wall_of(message)
    return message.scheduled_at if wall is None else wall.replace(tzinfo=UTC) - EARLIEST


def wall_of(message: Message) -> datetime | None:
    """What their clocks shall show (naive); None where it goes by one clock."""
    if not message.by_zone or message.scheduled_at is None:
        return None
    if message.wall_at is not None:
        return message.wall_at.replace(tzinfo=None)
    return message.scheduled_at.astimezone(zone_of(current_workspace().zone)).replace(tzinfo=None)


def moment_in(zone: str, wall: datetime, since: datetime) -> datetime:
    """When a clock in this zone shows this time (naive); the day after where it has gone by.

    Where the clocks are put forward over it, it is the first moment behind the gap; where it comes twice, the first.
    """
    there, days = zone_of(zone, current_workspace().zone), 0
    while (moment := moment_at(wall + timedelta(days=days), there)) < since - LATE:
        days += 1
    return moment


def timing_of(message: Message, order: str) -> Timing:
    """How a message is planned now, its people in this order. One statement where it goes by zones."""
    at, moment, each, params = message.scheduled_at, "NULL::timestamptz", "", dict[str, Any]()
    size, later = "%(size)s", "moment"
    if (wall := wall_of(message)) is not None:
        moment, each = _OF_ZONE, "PARTITION BY moment"
        params = {"zones": _moments(wall, _zones()), "usual": moment_in("", wall, now())}
    elif at is not None and at > now():  # planned before its moment, with another that goes earlier
        moment, params = "%(usual)s::timestamptz", {"usual": at}
    if message.spread_minutes:
        size = f"least(%(size)s, ceil(count(*) OVER ({each}) / %(slots)s::float8)::int)"
        later = _SPREAD
        slots = max(1, message.spread_minutes // SLOT_MINUTES)
        params |= {"slots": slots, "begins": now(), "span": message.spread_minutes * 60}
    part = f"(row_number() OVER ({each} ORDER BY {order}) - 1) / {size}"
    return Timing({"moment": moment, "part": part, "later": later}, params)


_OF_ZONE = "coalesce((%(zones)s::jsonb ->> p.zone)::timestamptz, %(usual)s::timestamptz)"
_SPREAD = (
    "coalesce(moment, %(begins)s::timestamptz)"
    " + interval '1 second' * (%(span)s * part / (count(*) OVER (PARTITION BY moment))::float8)"
)


def _zones() -> Iterable[str]:
    return Contact.objects.exclude(zone="").values_list("zone", flat=True).distinct()


def _moments(wall: datetime, zones: Iterable[str]) -> str:
    since = now()
    return msgspec.json.encode({zone: moment_in(zone, wall, since).isoformat() for zone in zones}).decode()
