"""What the room of ways out offers: the messengers that somebody else carries for us, each behind its own API."""

from django.utils.translation import gettext_lazy as _

from lib.offers import ApiRouter, Panel, PersonalData
from lib.room import Room
from messengers import panels, personal_data
from messengers.audience.messenger import AudienceMessenger
from messengers.http.brevo import BrevoMessenger
from messengers.http.mailgun import MailgunMessenger
from messengers.http.mailjet import MailjetMessenger
from messengers.http.postmark import PostmarkMessenger
from messengers.http.resend import ResendMessenger
from messengers.http.sendgrid import SendGridMessenger
from messengers.http.ses import SesMessenger
from messengers.http.sms import SmsMessenger
from messengers.letters import keeping
from messengers.letters.messenger import LetterMessenger
from messengers.push import panels as push_panels
from messengers.push import personal_data as push_data
from messengers.push.messenger import PushMessenger
from messengers.rcs.messenger import RcsMessenger
from messengers.steps.critics import CriticStep
from messengers.steps.template_state import TemplateStep
from messengers.steps.window import WindowStep
from messengers.views.audiences import audience_panel
from messengers.views.letters import letters_panel
from messengers.whatsapp import templates
from messengers.whatsapp.messenger import WhatsAppMessenger

room = Room(
    name="messengers",
    messengers=[
        PostmarkMessenger,
        SesMessenger,
        MailgunMessenger,
        SendGridMessenger,
        BrevoMessenger,
        ResendMessenger,
        MailjetMessenger,
        SmsMessenger,
        WhatsAppMessenger,
        RcsMessenger,
        PushMessenger,
        AudienceMessenger,
        LetterMessenger,
    ],
    works={keeping.WORK: keeping.forget_letters, templates.WORK: templates.refresh_due},
    api_routers=[
        ApiRouter(76, "audiences", _("Ad audiences"), "messengers.api.audiences.router", only_reads=True),
    ],
    gate_steps=[CriticStep, TemplateStep, WindowStep],
    panels=[
        Panel("campaign.report", 10, audience_panel, "messengers/audience.html"),
        Panel("campaign.report", 11, letters_panel, "messengers/letters.html"),
        Panel("sender.after", 10, panels.whatsapp_panel, "messengers/panels/whatsapp.html", "workspace.settings"),
        Panel("sender.after", 20, panels.rcs_panel, "messengers/panels/rcs.html", "workspace.settings"),
        Panel("sender.after", 30, push_panels.website_panel, "messengers/push/website.html"),
        Panel("contact.right", 25, push_panels.browsers_panel, "messengers/push/browsers.html", "contacts.see"),
    ],
    personal_data=[
        PersonalData(
            116,
            _("When they wrote on WhatsApp last"),
            ("messengers_whatsappwindow",),
            personal_data.gather_windows,
            personal_data.erase_windows,
        ),
        PersonalData(
            118,
            _("Browsers that show them notifications"),
            ("messengers_pushsubscription",),
            push_data.gather_browsers,
            push_data.erase_browsers,
            _("Nothing: the browsers go"),
        ),
        PersonalData(
            119,
            _("Printed letters"),
            ("messengers_printedletter",),
            personal_data.gather_letters,
            personal_data.erase_letters,
            _("That a letter was printed, without a word of it"),
        ),
    ],
)
