"""How long our answers took."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from lib.times.durations import in_days
from touchpoints.kinds import KINDS
from touchpoints.models import Touchpoint

ANSWERS = {KINDS[name].code for name in ("answer",)}
SAID = {KINDS[name].code for name in ("mention", "message", "comment", "question", "review", "complaint", "chat")}


def answer_times(rows: list[dict[str, Any]]) -> dict[UUID, timedelta]:
    """How long each of our answers on this page took: since the first thing they said after our word before, on the
    same channel. What lies on an older page has none.
    """
    waiting: dict[int, datetime] = {}
    took = {}
    for row in reversed(rows):
        if row["direction"] == Touchpoint.Direction.OUTWARD and row["kind"] in ANSWERS:
            if since := waiting.pop(row["channel"], None):
                took[row["id"]] = row["occurred_at"] - since
        elif row["direction"] == Touchpoint.Direction.INWARD and row["kind"] in SAID:
            waiting.setdefault(row["channel"], row["occurred_at"])
    return took


def duration(took: timedelta) -> str:
    """A stretch of time in its two largest units: "1 h 52 min", "4 min", from two days on "2 d 3 h"."""
    minutes = max(int(took.total_seconds() // 60), 1)
    if days := in_days(took):
        return days
    if minutes >= 60:
        return _("%(h)s h %(m)s min") % {"h": minutes // 60, "m": minutes % 60}
    return _("%(n)d min") % {"n": minutes}
