"""There is an address on the channel."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from consent.eligibility import Eligibility
from consent.steps.base import NOT_ANSWER, GateStep, Reason


class AddressStep(GateStep):
    order = 55
    code = "no_address"
    classes = NOT_ANSWER
    passed = _("We have an address")

    def judge(self, person: Eligibility, now: datetime) -> Reason:
        return self.passes if person.address else self.refuse(_("We have no address for this"))
