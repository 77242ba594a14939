"""The legal term: one month, two more where that is said in time (GDPR, article 12(3))."""

import calendar
from datetime import date, datetime
from zoneinfo import ZoneInfo

MONTH, EXTENDED = 1, 3
WARNED_DAYS = 5


def due_date(received_at: datetime, zone: str, *, months: int = MONTH) -> date:
    """The last day of the term in the workspace's zone: the day of the same number, or the month's last one."""
    day = received_at.astimezone(ZoneInfo(zone)).date()
    year, month = divmod(day.month - 1 + months, 12)
    year += day.year
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
