"""How much contact the person wants at all; how much they had lately is delivery's step."""

from datetime import datetime

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from consent.eligibility import Eligibility
from consent.steps.base import PURPOSEFUL, GateStep, Reason
from contacts.models import ContactFrequency

CODE = "frequency"
WISHES = {
    value: Reason(CODE, format_lazy("{name}: {label}", name=_("Contact frequency"), label=label), None, True)
    for value, label in ContactFrequency.choices
}


class WishedFrequencyStep(GateStep):
    order = 110
    code = CODE
    classes = PURPOSEFUL
    looks_at = ("contact_frequency",)
    passed = _("Wants messages")

    def judge(self, person: Eligibility, now: datetime) -> Reason:
        if person.contact_frequency == ContactFrequency.NOTHING:
            return self.refuse(_("Wants no messages at all"))
        return WISHES[person.contact_frequency]
