"""Time, in one place."""

from calendar import monthrange
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone


def now() -> datetime:
    """This moment, aware."""
    return timezone.now()


def to_milliseconds(moment: datetime) -> datetime:
    """The same moment, cut to milliseconds: what a fact's id can carry."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def ago(**parts: float) -> datetime:
    """`ago(days=3)`: the moment that long before now."""
    return now() - timedelta(**parts)


def months_after(moment: datetime, months: int) -> datetime:
    """The day of the same number so many months later at the same time, or that month's last one; never beyond the range."""
    year, month = divmod(moment.month - 1 + months, 12)
    year += moment.year
    if year >= LAST_MOMENT.year:
        return LAST_STORABLE
    return moment.replace(year=year, month=month + 1, day=min(moment.day, monthrange(year, month + 1)[1]))


def next_time_of_day(zone: str, hour: int, minute: int) -> datetime:
    """The next moment at which a clock in this zone shows that time, after now."""
    local = now().astimezone(ZoneInfo(zone))
    moment = local.replace(hour=hour, minute=minute, second=0, microsecond=0)
    return moment if moment > local else moment + timedelta(days=1)


def is_storable(moment: datetime) -> bool:
    """Whether an aware moment lies in the years 1900 to 2200, wherever its clock stands.

    The one range for what comes from outside. Python, PostgreSQL and time zones disagree about what lies beyond: a
    moment at the edge of the calendar can be written, but not read back in another zone.
    """
    return FIRST_MOMENT <= moment < LAST_MOMENT


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FIRST_MOMENT, LAST_MOMENT = datetime(1900, 1, 1, tzinfo=UTC), datetime(2201, 1, 1, tzinfo=UTC)
LAST_STORABLE = LAST_MOMENT - timedelta(seconds=1)
