"""The person has not withdrawn the consent to the topic."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from consent.eligibility import Eligibility
from consent.models import Consent
from consent.steps.base import PURPOSEFUL, GateStep, Reason, day


class TopicStep(GateStep):
    order = 70
    code = "topic_off"
    classes = PURPOSEFUL
    passed = _("Consent not withdrawn")

    def judge(self, person: Eligibility, now: datetime) -> Reason:
        if person.word_state == Consent.State.WITHDRAWN:
            return self.refuse(_("Withdrew the consent to this"), detail=day(person.word_at))
        return self.passes
