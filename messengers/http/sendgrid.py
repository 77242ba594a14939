"""SendGrid: POST /v3/mail/send, one email a request; 202 and no body when it is taken."""

from typing import ClassVar

from django.utils.translation import gettext_lazy

from delivery.returns.events import part_of, word_of
from delivery.returns.sendgrid import OUR_ID
from lib.connections.safe_fetch import Fetched
from messengers.http.letters import Letter, base64_of
from messengers.http.mail import HttpMail
from messengers.http.provider import Posting, json_posting
from messengers.http.verdicts import Said

ITS_OWN = frozenset({"message-id"})  # it writes its own; ours comes back as a custom argument


class SendGridMessenger(HttpMail):
    kind: ClassVar[str] = "sendgrid"
    label = gettext_lazy("SendGrid by its API")
    provider: ClassVar[str] = "SendGrid"
    usual: ClassVar[str] = "https://api.sendgrid.com/v3/mail/send"

    def posting(self, letter: Letter) -> Posting:
        given = self.settings
        tree = {
            "personalizations": [{"to": [{"email": letter.to}], "custom_args": {OUR_ID: letter.name}}],
            "from": {"email": given.from_email} | ({"name": given.from_name} if given.from_name else {}),
            "subject": letter.words.subject,
            "content": [
                {"type": "text/plain", "value": letter.words.text},
                {"type": "text/html", "value": letter.words.html},
            ],
            "headers": {name: value for name, value in letter.headers.items() if name.lower() not in ITS_OWN},
            "tracking_settings": {
                "click_tracking": {"enable": False, "enable_text": False},
                "open_tracking": {"enable": False},
                "subscription_tracking": {"enable": False},
            },
        }
        if given.reply_to:
            tree["reply_to"] = {"email": given.reply_to}
        if letter.files:
            tree["attachments"] = [
                {"content": base64_of(one), "type": one.content_type, "filename": one.name} for one in letter.files
            ]
        return json_posting(tree, Authorization=f"Bearer {self.secret}")

    def read(self, tree: object, answer: Fetched) -> Said:
        errors = part_of(tree, "errors")
        first = errors[0] if isinstance(errors, list) and errors else None
        field = word_of(first, "field")
        return Said(field, word_of(first, "message"), is_dead=field.startswith("personalizations.0.to"))
