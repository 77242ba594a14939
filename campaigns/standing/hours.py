"""When a day begins where the workspace is."""

from datetime import date, datetime, time

from consent.rules import zone_of
from lib.clock import now
from workspaces.current import current_workspace


def begin_of(day: date) -> datetime:
    """Its first moment."""
    return datetime.combine(day, time(), zone_of(current_workspace().zone))


def begin_of_today() -> datetime:
    """The first moment of the day that it is there now."""
    return begin_of(now().astimezone(zone_of(current_workspace().zone)).date())
