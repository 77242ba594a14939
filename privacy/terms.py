"""The legal term: one month, two more where that is said in time (GDPR, article 12(3))."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from lib.clock import months_after

MONTH, EXTENDED = 1, 3
WARNED_DAYS = 5


def due_date(received_at: datetime, zone: str, *, months: int = MONTH) -> date:
    """The last day of the term in the workspace's zone: the day of the same number, or the month's last one."""
    return months_after(received_at.astimezone(ZoneInfo(zone)), months).date()
