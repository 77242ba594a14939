"""Offers: three a week and one a day. A cap group (a programme): its own number a week."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from consent.eligibility import Eligibility
from consent.steps.base import PURPOSEFUL, GateStep, Reason
from delivery.steps.received import received

A_WEEK, A_DAY = 3, 1


class CapStep(GateStep):
    order = 120
    code = "cap"
    classes = PURPOSEFUL
    passed = gettext_lazy("Not too many emails lately")
    is_momentary = True

    def prepare(self, people: Collection[Eligibility]) -> None:
        self.received: dict[int, dict[str, Any]] = received(self.ask, sorted({one.id for one in people}))

    def judge(self, person: Eligibility, now: datetime) -> Reason:
        row = self.received.get(person.id)
        return self.passes if row is None else self._judge(row)

    def _judge(self, row: dict[str, Any]) -> Reason:
        is_offer = self.ask.message_class == "marketing"
        if is_offer and row["day_count"] >= A_DAY:
            return self.refuse(_("Had an offer today already"), ends_at=row["newest"] + timedelta(days=1))
        week_ends = row["week_first"] + timedelta(days=7) if row["week_first"] else None
        if is_offer and row["week_count"] >= A_WEEK:
            return self.refuse(_("Had %(n)s offers this week already") % {"n": row["week_count"]}, ends_at=week_ends)
        count = row["group_count"]
        if self.ask.weekly_cap is not None and self.ask.cap_group and count >= self.ask.weekly_cap:
            text = ngettext(
                "Had %(n)s message of this programme this week", "Had %(n)s messages of this programme this week", count
            )
            return self.refuse(text % {"n": count}, ends_at=week_ends)
        return self.passes
