"""The person has not asked for a pause."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from consent.eligibility import Eligibility
from consent.steps.base import PURPOSEFUL, GateStep, Reason


class PausedStep(GateStep):
    order = 90
    code = "paused"
    classes = PURPOSEFUL
    looks_at = ("paused_until",)
    passed = _("No pause")

    def judge(self, person: Eligibility, now: datetime) -> Reason:
        if person.paused_until and person.paused_until > now:
            return self.refuse(_("Asked for a pause"), ends_at=person.paused_until)
        return self.passes
