"""The address must not have bounced for good."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from consent.eligibility import Eligibility
from consent.steps.base import NOT_ANSWER, GateStep, Reason, day


class BounceStep(GateStep):
    order = 30
    code = "bounce"
    classes = NOT_ANSWER
    looks_at = ("bounce_at",)
    passed = _("The address works, as far as we know")

    def judge(self, person: Eligibility, now: datetime) -> Reason:
        if person.bounce_at:
            return self.refuse(_("The address does not work"), detail=day(person.bounce_at))
        return self.passes
