"""Who wants less gets two emails a month at most."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from consent.eligibility import Eligibility
from consent.steps.base import PURPOSEFUL, GateStep, Reason
from contacts.models import ContactFrequency
from delivery.steps.received import MONTH, received

LESS_A_MONTH = 2


class FrequencyStep(GateStep):
    order = 111
    code = "frequency"
    classes = PURPOSEFUL
    passed = gettext_lazy("No more emails this month than they want")
    is_momentary = True

    def prepare(self, people: Collection[Eligibility]) -> None:
        wanting = {one.id for one in people if one.contact_frequency == ContactFrequency.LESS}
        self.received = received(self.ask, sorted(wanting), days=MONTH)

    def judge(self, person: Eligibility, now: datetime) -> Reason:
        got = self.received.get(person.id)
        if got is None or got.messages < LESS_A_MONTH:
            return self.passes
        text = _("Had %(n)s emails this month, and wants two at most") % {"n": got.messages}
        return self.refuse(text, ends_at=got.first + timedelta(days=30))
