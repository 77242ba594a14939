"""Offers wait for the morning where the person lives."""

from datetime import datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils.translation import gettext_lazy as _

from consent.eligibility import Eligibility
from consent.steps.base import MARKETING, GateStep, Reason
from workspaces.current import current_workspace

QUIET_FROM, QUIET_UNTIL = time(20), time(8)


class QuietHoursStep(GateStep):
    order = 130
    code = "quiet"
    classes = MARKETING
    passed = _("Not night there")
    is_momentary = True

    def judge(self, person: Eligibility, now: datetime) -> Reason:
        ends = night_ends(person.zone, current_workspace().zone, now)
        return self.refuse(_("It is night there: wait until 8 o’clock"), ends_at=ends) if ends else self.passes


@lru_cache(maxsize=4096)
def night_ends(zone: str, otherwise: str, now: datetime) -> datetime | None:
    """The end of the night (20:00 to 8:00) in this zone, or else in the other, if it is night there now."""
    local = now.astimezone(_zone(zone) or _zone(otherwise) or ZoneInfo("UTC"))
    if QUIET_UNTIL <= local.time() < QUIET_FROM:
        return None
    day = local.date() if local.time() < QUIET_UNTIL else local.date() + timedelta(days=1)
    return datetime.combine(day, QUIET_UNTIL, tzinfo=local.tzinfo)


@lru_cache(maxsize=1024)
def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
