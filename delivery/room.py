"""What the room of sending offers: senders, opens and clicks, the caps of the gate."""

from django.utils.translation import gettext_lazy as _

from delivery import events, panels, quality, test_sends
from delivery import personal_data as personal
from delivery.engine import lanes, sending
from delivery.leaf_types.message import MessageLeaf
from delivery.messengers.folder import FolderMessenger
from delivery.messengers.smtp import SmtpMessenger
from delivery.messengers.webhook import WebhookMessenger
from delivery.personal import writing
from delivery.picture_uses import picture_uses
from delivery.rhythms import TEMPLATES
from delivery.senders import has_sender
from delivery.steps.cap import CapStep
from delivery.steps.frequency import FrequencyStep
from delivery.steps.holdout import HoldoutStep
from delivery.tracking import measuring, taking
from lib.offers import Action, ApiRouter, ComposerWay, Panel, PersonalData, SettingsPage, SetupStep
from lib.room import Room

room = Room(
    name="delivery",
    works={
        **{lane: sending.sending_in(lane) for lane in lanes.LANES},
        lanes.URGENT: sending.send_urgent,
        test_sends.WORK: test_sends.send_trials,
    },
    work_queues=dict.fromkeys((*lanes.LANES, lanes.URGENT, test_sends.WORK), lanes.QUEUE),
    messengers=[SmtpMessenger, WebhookMessenger, FolderMessenger],
    rhythms=[TEMPLATES],
    stream_handlers={
        "delivery.open": taking.take_opens,
        "delivery.click": taking.take_clicks,
        measuring.REACH: measuring.take_reached,
    },
    settings_pages=[
        SettingsPage(
            20, _("Senders"), "send", "delivery:senders", "workspace.settings", _("smtp dkim from address email server")
        )
    ],
    actions=[
        Action(
            _("Transactional emails"),
            "receipt",
            "templates:list",
            "campaigns.see",
            _("template receipt order confirmation api transactional"),
        ),
        Action(_("Add a sender"), "send", "delivery:new_sender", "workspace.settings", _("smtp from address")),
    ],
    setup_steps=[
        SetupStep(20, _("Set up your sender"), _("So that emails come from you"), "delivery:senders", has_sender),
    ],
    panels=[
        Panel("quality.after", 10, panels.providers_panel, "delivery/panels/providers.html"),
        Panel("contact.middle", 5, writing.under_way_panel, "delivery/panels/under_way.html", "contacts.see"),
        Panel("contact.right", 30, panels.measuring_panel, "delivery/panels/measuring.html"),
    ],
    picture_users=[picture_uses],
    gate_steps=[FrequencyStep, CapStep, HoldoutStep],
    leaf_types=[MessageLeaf],
    quality_figures=quality.FIGURES,
    event_types={
        events.SENT: _("Emails were handed to the mail server"),
        events.BOUNCED: _("Emails came back or were refused"),
        events.COMPLAINED: _("Emails were marked as spam"),
        events.FAILED: _("A transactional email cannot be sent"),
    },
    api_routers=[
        ApiRouter(70, "messages", _("Messages"), "delivery.api.messages.router"),
        ApiRouter(72, "senders", _("Senders"), "delivery.api.senders.router", only_reads=True),
        ApiRouter(74, "deliveries", _("Deliveries"), "delivery.api.deliveries.router"),
    ],
    composer_ways=[
        ComposerWay(
            20, "email", _("Email"), "mail", "m", "social.approve", writing.email_way, "delivery/ways/email.html"
        )
    ],
    personal_data=[
        PersonalData(
            110,
            _("Messages sent"),
            ("delivery_delivery", "delivery_lastopen", "delivery_trial", "delivery_recipientchunk"),
            personal.gather_deliveries,
            personal.erase_deliveries,
            _("That something was sent and whether it was read, for the sums"),
        ),
        PersonalData(
            112,
            _("Emails written to them by hand"),
            ("delivery_personalemail", "delivery_emailattachment", "delivery_message", "delivery_content"),
            personal.gather_emails,
            personal.erase_emails,
            _("That one of us wrote, without a word of it"),
        ),
        PersonalData(
            114,
            _("Emails that machines had sent"),
            ("delivery_transactionalsend", "delivery_sendattachment"),
            personal.gather_sends,
            personal.erase_sends,
            _("That it was sent, without what was told for it"),
        ),
    ],
)
