"""The control group: those held out of this message, or who would be."""

from collections.abc import Collection
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from consent.eligibility import Eligibility
from consent.steps.base import MARKETING, GateStep, Reason
from delivery.models import Delivery, Message
from lib.bucketing import bucket


class HoldoutStep(GateStep):
    order = 140
    code = "holdout"
    classes = MARKETING
    passed = _("Not in the control group")
    is_momentary = True

    def prepare(self, people: Collection[Eligibility]) -> None:
        self.held_out: set[int] = set()
        message = Message.objects.filter(pk=self.ask.message_id).first() if self.ask.message_id else None
        if message is None:
            return
        ids = {one.id for one in people}
        if message.planned_at:
            held = Delivery.objects.filter(message=message, contact__in=ids, reason=self.code)
            self.held_out = set(held.values_list("contact_id", flat=True))
        else:
            self.held_out = {one for one in ids if any(bucket(one, salt) < size for salt, size in message.holdouts)}

    def judge(self, person: Eligibility, now: datetime) -> Reason:
        return self.refuse(_("In the control group")) if person.id in self.held_out else self.passes
