"""Postmark: POST /email, one email a request."""

from typing import ClassVar

from django.utils.translation import gettext_lazy

from delivery.returns.events import part_of, word_of
from lib.connections.safe_fetch import Fetched
from messengers.http.letters import Letter, base64_of
from messengers.http.mail import HttpMail, HttpMailSettings
from messengers.http.provider import Posting, json_posting
from messengers.http.verdicts import Said

INACTIVE = 406  # it bounced, complained or was switched off before
OURS = frozenset({10, 400, 401, 403, 405, 412, 413, 1225, 1226, 1235})  # token, signature, account, stream


class PostmarkSettings(HttpMailSettings, frozen=True):
    """`stream`: which message stream; newsletters need one for broadcasts."""

    stream: str = "outbound"


class PostmarkMessenger(HttpMail):
    kind: ClassVar[str] = "postmark"
    label = gettext_lazy("Postmark by its API")
    provider: ClassVar[str] = "Postmark"
    usual: ClassVar[str] = "https://api.postmarkapp.com/email"
    Settings = PostmarkSettings
    form: ClassVar[str] = "messengers.forms.PostmarkSenderForm"

    def posting(self, letter: Letter) -> Posting:
        headers = letter.headers | {"X-PM-KeepID": "true"}
        tree = {
            "From": self.from_,
            "To": letter.to,
            "Subject": letter.words.subject,
            "HtmlBody": letter.words.html,
            "TextBody": letter.words.text,
            "MessageStream": self.settings.stream,
            "Headers": [{"Name": name, "Value": value} for name, value in headers.items()],
            "Metadata": {"message-id": letter.name},
            "TrackOpens": False,
            "TrackLinks": "None",
        }
        if self.settings.reply_to:
            tree["ReplyTo"] = self.settings.reply_to
        if letter.files:
            tree["Attachments"] = [
                {"Name": one.name, "Content": base64_of(one), "ContentType": one.content_type} for one in letter.files
            ]
        return json_posting(tree, X_Postmark_Server_Token=self.secret)

    def read(self, tree: object, answer: Fetched) -> Said:
        code = part_of(tree, "ErrorCode")
        number = code if isinstance(code, int) and not isinstance(code, bool) else 0
        return Said(str(number), word_of(tree, "Message"), is_dead=number == INACTIVE, is_ours=number in OURS)
