"""What the room of consent offers: may we write to somebody, and what they said; the steps of the gate."""

from django.utils.translation import gettext_lazy as _

from consent import panels, settling
from consent.steps.address import AddressStep
from consent.steps.blocked import BlockedStep
from consent.steps.bounce import BounceStep
from consent.steps.channel import ChannelStep
from consent.steps.complaint import ComplaintStep
from consent.steps.consent import ConsentStep
from consent.steps.erased import ErasedStep
from consent.steps.frequency import WishedFrequencyStep
from consent.steps.objection import ObjectionStep
from consent.steps.open_complaint import OpenComplaintStep
from consent.steps.paused import PausedStep
from consent.steps.quiet import QuietHoursStep
from consent.steps.topic import TopicStep
from lib.offers import NavigationEntry, Panel
from lib.rooms import Room

room = Room(
    name="consent",
    works={settling.WORK: settling.settle_tonight},
    people_pages=[
        NavigationEntry(
            40,
            _("Sign-up forms"),
            "forms",
            "consent:forms",
            "contacts.see",
            also=_("form subscribe newsletter opt-in double opt-in embed qr code landing page"),
        ),
        NavigationEntry(
            70,
            _("Do not contact"),
            "mail-off",
            "consent:do_not_contact",
            "contacts.see",
            also=_("suppression list blocklist unsubscribed bounce complaint dnc"),
        ),
    ],
    panels=[
        Panel("duplicates.after", 10, panels.joining_panel, "consent/panels/joining.html"),
        Panel("contact.right", 10, panels.may_write_panel, "consent/panels/may_write.html"),
        Panel("contact.right", 20, panels.consents_panel, "consent/panels/consents.html"),
    ],
    gate_steps=[
        ErasedStep,
        ComplaintStep,
        BounceStep,
        ObjectionStep,
        BlockedStep,
        AddressStep,
        ConsentStep,
        TopicStep,
        ChannelStep,
        PausedStep,
        OpenComplaintStep,
        WishedFrequencyStep,
        QuietHoursStep,
    ],
)
