"""Mailjet: POST /v3.1/send, one email a request. It writes Message-ID and List-Id by itself; CustomID is ours."""

from typing import ClassVar

from django.utils.translation import gettext_lazy

from delivery.returns.events import part_of, texts_in, word_of
from lib.connections.safe_fetch import Fetched
from messengers.http.letters import Letter, base64_of
from messengers.http.mail import HttpMail, HttpMailSettings
from messengers.http.provider import Posting, basic, json_posting
from messengers.http.verdicts import Said

ITS_OWN = frozenset({"message-id", "list-id"})
OURS = frozenset({"mj-0015", "mj-0017", "send-0001", "send-0002", "send-0008"})  # key, account, from-address


class MailjetSettings(HttpMailSettings, frozen=True):
    """`username`: the public half of the key."""

    username: str = ""


class MailjetMessenger(HttpMail):
    kind: ClassVar[str] = "mailjet"
    label = gettext_lazy("Mailjet by its API")
    provider: ClassVar[str] = "Mailjet"
    usual: ClassVar[str] = "https://api.mailjet.com/v3.1/send"
    Settings = MailjetSettings
    form: ClassVar[str] = "messengers.forms.MailjetSenderForm"

    def posting(self, letter: Letter) -> Posting:
        given = self.settings
        tree = {
            "From": {"Email": given.from_email} | ({"Name": given.from_name} if given.from_name else {}),
            "To": [{"Email": letter.to}],
            "Subject": letter.words.subject,
            "TextPart": letter.words.text,
            "HTMLPart": letter.words.html,
            "CustomID": letter.name,
            "Headers": {name: value for name, value in letter.headers.items() if name.lower() not in ITS_OWN},
            "TrackOpens": "disabled",
            "TrackClicks": "disabled",
        }
        if given.reply_to:
            tree["ReplyTo"] = {"Email": given.reply_to}
        if letter.files:
            tree["Attachments"] = [
                {"ContentType": one.content_type, "Filename": one.name, "Base64Content": base64_of(one)}
                for one in letter.files
            ]
        return json_posting({"Messages": [tree]}, Authorization=basic(given.username, self.secret))

    def read(self, tree: object, answer: Fetched) -> Said:
        """Of the email's own errors; of the whole request's where it has none."""
        messages = part_of(tree, "Messages")
        errors = part_of(messages[0], "Errors") if isinstance(messages, list) and messages else None
        first = errors[0] if isinstance(errors, list) and errors else tree
        code = word_of(first, "ErrorCode")
        about = texts_in(part_of(first, "ErrorRelatedTo"))
        is_dead = any(one.startswith("To[0]") for one in about)
        return Said(code, word_of(first, "ErrorMessage"), is_dead=is_dead, is_ours=code in OURS)
