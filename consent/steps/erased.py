"""Who was erased is never written to again, unless the owner of the address asks anew: that email only asks back."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from consent.asking import MessageClass
from consent.eligibility import Eligibility
from consent.steps.base import EVERY_CLASS, GateStep, Reason, day


class ErasedStep(GateStep):
    order = 10
    code = "erased"
    classes = EVERY_CLASS
    looks_at = ("erased_at", "forgotten_at")
    passed = _("Not erased")

    def judge(self, person: Eligibility, now: datetime) -> Reason:
        asks_back = self.ask.message_class == MessageClass.CONFIRMATION
        moment = person.erased_at or (None if asks_back else person.forgotten_at)
        return self.refuse(_("Erased at their request"), detail=day(moment)) if moment else self.passes
