"""The address must not have sent back, for now, whatever came of late: five times in a row hold it for a month.

Only what may wait is held: a receipt is still tried, and one that arrives is the sign that the mailbox works again.
"""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from consent.eligibility import Eligibility
from consent.steps.base import PURPOSEFUL, GateStep, Reason


class HoldStep(GateStep):
    order = 35
    code = "bouncing"
    classes = PURPOSEFUL
    looks_at = ("held_until",)
    passed = _("The mailbox takes what we send")

    def judge(self, person: Eligibility, now: datetime) -> Reason:
        if person.held_until:
            return self.refuse(_("The mailbox sends everything back for now"), ends_at=person.held_until)
        return self.passes
