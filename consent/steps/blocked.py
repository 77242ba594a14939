"""We blocked the address ourselves, by hand or for legal reasons."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from consent.eligibility import Eligibility
from consent.steps.base import NOT_ANSWER, GateStep, Reason, day


class BlockedStep(GateStep):
    order = 50
    code = "blocked"
    classes = NOT_ANSWER
    looks_at = ("blocked_at",)
    passed = _("Not blocked by us")

    def judge(self, person: Eligibility, now: datetime) -> Reason:
        if person.blocked_at:
            return self.refuse(_("Blocked by us"), detail=day(person.blocked_at))
        return self.passes
