"""A no to everything, said on the channel or standing on the suppression list."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from consent.eligibility import Eligibility
from consent.models import Consent
from consent.steps.base import NOT_ANSWER, GateStep, Reason, day


class ObjectionStep(GateStep):
    order = 40
    code = "objection"
    classes = NOT_ANSWER - {"confirmation"}  # it asks whether they take it back
    passed = _("No objection")

    def judge(self, person: Eligibility, now: datetime) -> Reason:
        said_no_to_all = person.word_state == Consent.State.WITHDRAWN and person.word_topic_id is None
        moment = person.objection_at or (person.word_at if said_no_to_all else None)
        return self.refuse(_("Wants nothing at all from us here"), detail=day(moment)) if moment else self.passes
