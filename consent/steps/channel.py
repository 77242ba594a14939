"""The person lets us use the channel: calls need leave to call."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from consent.eligibility import Eligibility
from consent.steps.base import PURPOSEFUL, GateStep, Reason
from contacts.channels import Channel
from contacts.models import Contact


class ChannelStep(GateStep):
    order = 80
    code = "channel_off"
    classes = PURPOSEFUL
    looks_at = ("channel", "dialogue_mode")
    passed = _("This channel is open")

    def judge(self, person: Eligibility, now: datetime) -> Reason:
        if person.channel == Channel.CALL and person.dialogue_mode != Contact.DialogueMode.CALL:
            return self.refuse(_("Wants to be called only when asking for it"))
        return self.passes
