"""WhatsApp: a template goes out only while it is approved, and filled as it wants."""

from collections.abc import Collection
from datetime import datetime

from django.utils.translation import gettext_lazy

from consent.eligibility import Eligibility
from consent.steps.base import EVERY_CLASS, GateStep, Reason
from contacts.channels import Channel
from delivery.messengers.protocol import FAULTY
from delivery.models import Message
from messengers.whatsapp.showing import faults_of


class TemplateStep(GateStep):
    order = 123
    code = FAULTY
    classes = EVERY_CLASS
    channels = frozenset({int(Channel.WHATSAPP)})
    passed = gettext_lazy("WhatsApp lets this text go out")
    is_momentary = True

    def prepare(self, people: Collection[Eligibility]) -> None:
        message = Message.objects.select_related("content", "sender").filter(pk=self.ask.message_id or 0).first()
        self.faults = faults_of(message) if message is not None and message.sender is not None else []

    def judge(self, person: Eligibility, now: datetime) -> Reason:
        return self.refuse(self.faults[0]) if self.faults else self.passes
