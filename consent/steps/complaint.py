"""A spam complaint ends everything but answers."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from consent.eligibility import Eligibility
from consent.steps.base import NOT_ANSWER, GateStep, Reason, day


class ComplaintStep(GateStep):
    order = 20
    code = "complaint"
    classes = NOT_ANSWER
    looks_at = ("complaint_at",)
    passed = _("Never marked an email as spam")

    def judge(self, person: Eligibility, now: datetime) -> Reason:
        if person.complaint_at:
            return self.refuse(_("Marked an email as spam"), detail=day(person.complaint_at))
        return self.passes
