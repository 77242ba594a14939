"""An open complaint pauses what we want to say, for 14 days or until it is resolved."""

from datetime import datetime, timedelta

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from consent.eligibility import Eligibility
from consent.steps.base import PURPOSEFUL, GateStep, Reason, day

PAUSES_FOR = timedelta(days=14)


class OpenComplaintStep(GateStep):
    order = 100
    code = "open_complaint"
    classes = PURPOSEFUL
    looks_at = ("complaint_since",)
    passed = _("No open complaint")

    def judge(self, person: Eligibility, now: datetime) -> Reason:
        since = person.complaint_since
        if since and since + PAUSES_FOR > now:
            text = format_lazy("{since} {day}", since=_("Open complaint since"), day=day(since))
            return self.refuse(text, ends_at=since + PAUSES_FOR, detail=_("Ends when resolved, or by itself"))
        return self.passes
