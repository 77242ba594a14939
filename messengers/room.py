"""What the room of ways out offers: the messengers that somebody else carries for us, each behind its own API."""

from lib.room import Room
from messengers.http.brevo import BrevoMessenger
from messengers.http.mailgun import MailgunMessenger
from messengers.http.mailjet import MailjetMessenger
from messengers.http.postmark import PostmarkMessenger
from messengers.http.resend import ResendMessenger
from messengers.http.sendgrid import SendGridMessenger
from messengers.http.ses import SesMessenger
from messengers.http.sms import SmsMessenger

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
    ],
)
