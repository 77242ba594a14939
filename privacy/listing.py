"""What waits at the privacy desk, and how this year went."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.utils.timezone import localdate

from privacy.models import PrivacyRequest
from privacy.terms import WARNED_DAYS
from workspaces.current import current_workspace

State = PrivacyRequest.State
OPEN = (State.OPEN, State.AGREED)


@dataclass(frozen=True)
class Clock:
    """The legal term of a request in days: how many are gone, how many are left of how many."""

    gone: int
    total: int
    left: int

    @property
    def is_late(self) -> bool:
        """The term has ended."""
        return self.left < 0

    @property
    def is_near(self) -> bool:
        """The last five days."""
        return self.left <= WARNED_DAYS

    @property
    def parts(self) -> list[tuple[str, int, str]]:
        """(fill, days, "") of a bar: what is gone, what is left, and the last five days."""
        last = min(WARNED_DAYS, self.total)
        quiet = max(0, self.total - last - self.gone)
        return [
            ("fill-neutral", min(self.gone, self.total), ""),
            ("level-0", quiet, ""),
            ("fill-warn", self._last(last), ""),
        ]

    def _last(self, last: int) -> int:
        return max(0, min(last, self.total - self.gone))


def today() -> date:
    """The day it is where the workspace is."""
    return localdate(timezone=ZoneInfo(current_workspace().zone))


def clock_of(request: PrivacyRequest) -> Clock:
    """How its term stands today."""
    began = request.received_at.astimezone(ZoneInfo(current_workspace().zone)).date()
    total = (request.due_on - began).days
    return Clock(max(0, (today() - began).days), total, (request.due_on - today()).days)


def open_requests() -> QuerySet[PrivacyRequest]:
    """Those that an answer is owed, the first due first."""
    return PrivacyRequest.objects.filter(state__in=OPEN).select_related("contact").order_by("due_on", "pk")


def open_count() -> int:
    """How many wait."""
    return open_requests().count()


def answered_requests() -> QuerySet[PrivacyRequest]:
    """Those that were answered or refused, the newest first."""
    return PrivacyRequest.objects.exclude(state__in=OPEN).select_related("contact").order_by("-answered_at", "-pk")


def year_so_far() -> dict[str, Any]:
    """This year's answers: how many of each kind, after how many days on average, how many late."""
    start = datetime(today().year, 1, 1, tzinfo=ZoneInfo(current_workspace().zone))
    rows = list(
        answered_requests().filter(answered_at__gte=start).values_list("kind", "received_at", "answered_at", "due_on")
    )
    kinds = Counter(row[0] for row in rows)
    days = [(answered - received).days for _kind, received, answered, _due in rows if answered]
    late = sum(answered.astimezone(start.tzinfo).date() > due for _kind, _received, answered, due in rows if answered)
    return {
        "count": len(rows),
        "days": round(sum(days) / len(days)) if days else 0,
        "late": late,
        "kinds": [(label, kinds[value]) for value, label in PrivacyRequest.Kind.choices if kinds[value]],
    }
