"""Offers: three a week and one a day, or as many as the workspace says. A cap group (a programme): its own number a week."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from consent.asking import Ask
from consent.eligibility import Eligibility
from consent.models import ContactRules
from consent.rules import rules
from consent.steps.base import PURPOSEFUL, GateStep, Reason
from delivery.steps.received import WEEK, Received, received


class CapStep(GateStep):
    order = 120
    code = "cap"
    classes = PURPOSEFUL
    passed = gettext_lazy("Not too many emails lately")
    is_momentary = True

    def __init__(self, ask: Ask) -> None:
        super().__init__(ask)
        self.rules = ContactRules()

    def prepare(self, people: Collection[Eligibility]) -> None:
        is_offer, is_capped = (
            self.ask.message_class == "marketing",
            self.ask.weekly_cap is not None and self.ask.cap_group,
        )
        if is_offer:
            self.rules = rules()
        counted = sorted({one.id for one in people}) if is_offer or is_capped else []
        self.received = received(self.ask, counted, days=WEEK)

    def judge(self, person: Eligibility, now: datetime) -> Reason:
        got = self.received.get(person.id)
        return self.passes if got is None else self._judge(got)

    def _judge(self, got: Received) -> Reason:
        is_offer = self.ask.message_class == "marketing"
        if is_offer and got.offers_day >= self.rules.offers_a_day:
            return self.refuse(_("Had an offer today already"), ends_at=got.newest + timedelta(days=1))
        week_ends = got.week_first + timedelta(days=7) if got.week_first else None
        if is_offer and got.offers_week >= self.rules.offers_a_week:
            return self.refuse(_("Had %(n)s offers this week already") % {"n": got.offers_week}, ends_at=week_ends)
        count = got.group_week
        if self.ask.weekly_cap is not None and self.ask.cap_group and count >= self.ask.weekly_cap:
            text = ngettext(
                "Had %(n)s message of this programme this week", "Had %(n)s messages of this programme this week", count
            )
            return self.refuse(text % {"n": count}, ends_at=week_ends)
        return self.passes
