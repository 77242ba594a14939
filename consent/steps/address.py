"""There is an address on the channel, and whoever sends reaches it."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from consent.eligibility import Eligibility
from consent.steps.base import NOT_ANSWER, GateStep, Reason

LETTERS = "address_letters"


class AddressStep(GateStep):
    order = 55
    code = "no_address"
    classes = NOT_ANSWER
    passed = _("We have an address")

    def judge(self, person: Eligibility, now: datetime) -> Reason:
        if not person.address:
            return self.refuse(_("We have no address for this"))
        if self.ask.only_ascii and not person.address.isascii():
            return Reason(LETTERS, _("The sender’s server does not take the letters of this address"), None, False)
        return self.passes
