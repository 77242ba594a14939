"""What the room of consent offers: may we write to somebody, and what they said; the steps of the gate."""

from django.utils.translation import gettext_lazy as _

from consent import events, panels, quality, settling
from consent import personal_data as personal
from consent.sign_up_forms.questions import forms_asking
from consent.sign_up_forms.rhythm import SIGN_UPS
from consent.steps.address import AddressStep
from consent.steps.blocked import BlockedStep
from consent.steps.bounce import BounceStep
from consent.steps.channel import ChannelStep
from consent.steps.complaint import ComplaintStep
from consent.steps.consent import ConsentStep
from consent.steps.erased import ErasedStep
from consent.steps.frequency import WishedFrequencyStep
from consent.steps.hold import HoldStep
from consent.steps.objection import ObjectionStep
from consent.steps.open_complaint import OpenComplaintStep
from consent.steps.paused import PausedStep
from consent.steps.quiet import QuietHoursStep
from consent.steps.topic import TopicStep
from consent.words_now import words_of
from lib.offers import ApiRouter, ContactPart, FieldUser, NavigationEntry, Panel, PersonalData, SettingsPage
from lib.room import Room

room = Room(
    name="consent",
    works={
        settling.WORK: settling.settle_tonight,
    },
    event_types={events.CHANGED: _("People said yes or no, or are on the suppression list")},
    api_routers=[
        ApiRouter(20, "consents", _("Consents"), "consent.api.ledger.router"),
        ApiRouter(20, "consents", _("Consents"), "consent.api.tracking.router"),
        ApiRouter(21, "suppressions", _("Suppressions"), "consent.api.suppressions.router"),
    ],
    rhythms=[SIGN_UPS],
    field_users=[FieldUser(_("Sign-up forms"), forms_asking)],
    contact_parts=[ContactPart("consents", "consent.api.words.Words", words_of)],
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
    settings_pages=[
        SettingsPage(
            15,
            _("Topics, hours, caps"),
            "clock",
            "consent:rules",
            "workspace.settings",
            _("quiet hours calling frequency cap limit topic newsletter purpose"),
        )
    ],
    panels=[
        Panel("duplicates.after", 10, panels.joining_panel, "consent/panels/joining.html"),
        Panel("contact.moments", 20, panels.raised_hand_panel, "consent/panels/raised_hand.html"),
        Panel("contact.right", 10, panels.may_write_panel, "consent/panels/may_write.html"),
        Panel("contact.right", 20, panels.consents_panel, "consent/panels/consents.html"),
    ],
    gate_steps=[
        ErasedStep,
        ComplaintStep,
        BounceStep,
        HoldStep,
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
    quality_figures=quality.FIGURES,
    personal_data=[
        PersonalData(
            50,
            _("Consents with proof"),
            ("consent_consent", "consent_consentnow", "consent_trackingconsent"),
            personal.gather_consents,
            personal.erase_consents,
            _("That they agreed and withdrew, without IP, page and browser"),
        ),
        PersonalData(
            55,
            _("Sign-ups by forms"),
            ("consent_signup",),
            personal.gather_sign_ups,
            personal.erase_sign_ups,
            _("That somebody signed up by this form, and when: no address, no answers"),
        ),
    ],
)
