"""What a clock on the wall shows, as a moment. In one night of the year a time does not exist, in another it comes twice."""

from datetime import UTC, datetime, timedelta, tzinfo

from django.utils.translation import gettext as _

from lib.local_words import date_format


def is_skipped(wall: datetime, zone: tzinfo) -> bool:
    """Whether the clocks of this zone are put forward over this time, so that none ever shows it."""
    return _back(_utc(wall, zone), zone) != wall


def comes_twice(wall: datetime, zone: tzinfo) -> bool:
    """Whether the clocks are put back over this time, so that they show it twice."""
    return not is_skipped(wall, zone) and _utc(wall, zone) != _utc(wall.replace(fold=1), zone)


def moment_at(wall: datetime, zone: tzinfo) -> datetime:
    """When a clock in this zone first shows this time, in UTC; where it is skipped, the first moment after the gap."""
    if not is_skipped(wall, zone):
        return _utc(wall, zone)
    low, high = _utc(wall.replace(fold=1), zone), _utc(wall, zone)  # the clocks are put forward between these
    after = high.astimezone(zone).utcoffset()
    while high - low > timedelta(seconds=1):
        middle = low + timedelta(seconds=(high - low) // timedelta(seconds=2))
        low, high = (low, middle) if middle.astimezone(zone).utcoffset() == after else (middle, high)
    return high


def said_of_skipped(wall: datetime, zone: tzinfo) -> str:
    """Why this time cannot be taken, and which can."""
    after = _back(moment_at(wall, zone), zone)
    return _(
        "%(time)s does not exist on %(day)s: that night the clocks go forward to %(after)s. Choose %(after)s or later, or an "
        "earlier time."
    ) % {"time": f"{wall:%H:%M}", "day": date_format(wall, "j F"), "after": f"{after:%H:%M}"}


def said_of_twice(wall: datetime) -> str:
    """Which of both is taken."""
    return _("%(time)s comes twice on %(day)s, because the clocks go back that night. The first is taken.") % {
        "time": f"{wall:%H:%M}",
        "day": date_format(wall, "j F"),
    }


def _utc(wall: datetime, zone: tzinfo) -> datetime:
    return wall.replace(tzinfo=zone).astimezone(UTC)


def _back(moment: datetime, zone: tzinfo) -> datetime:
    return moment.astimezone(zone).replace(tzinfo=None, fold=0)
