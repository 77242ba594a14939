"""Mailgun: POST /v3/<domain>/messages.mime, the whole email as it is."""

import secrets
from typing import ClassVar

from django.utils.translation import gettext_lazy

from delivery.returns.events import word_of
from delivery.returns.mailgun import OUR_ID
from lib.connections.safe_fetch import Fetched
from messengers.http.letters import Letter
from messengers.http.mail import HttpMail, HttpMailSettings
from messengers.http.provider import Posting, basic
from messengers.http.verdicts import Said


class MailgunSettings(HttpMailSettings, frozen=True):
    """`sending_domain`: as Mailgun knows it; empty for that of the sender's address."""

    sending_domain: str = ""


class MailgunMessenger(HttpMail):
    kind: ClassVar[str] = "mailgun"
    label = gettext_lazy("Mailgun by its API")
    provider: ClassVar[str] = "Mailgun"
    usual: ClassVar[str] = "https://api.eu.mailgun.net"
    Settings = MailgunSettings
    form: ClassVar[str] = "messengers.forms.MailgunSenderForm"
    takes_mime: ClassVar[bool] = True

    def url(self) -> str:
        domain = self.settings.sending_domain or self.settings.domain
        return f"{super().url().rstrip('/')}/v3/{domain}/messages.mime"

    def posting(self, letter: Letter) -> Posting:
        fields = {"to": letter.to, "o:tracking": "no", f"v:{OUR_ID}": letter.name}
        boundary = f"ecrm-{secrets.token_hex(16)}"
        return Posting(
            {
                "Authorization": basic("api", self.secret),
                "Content-Type": f"multipart/form-data; boundary={boundary}",
                "Accept": "application/json",
            },
            form_data(fields, letter.mime, boundary),
        )

    def read(self, tree: object, answer: Fetched) -> Said:
        words = word_of(tree, "message")
        is_dead = answer.status == 400 and words.startswith("'to' parameter is not a valid address")
        return Said("", words, is_dead=is_dead)


def form_data(fields: dict[str, str], mime: bytes, boundary: str) -> bytes:
    """The fields, and the email as a file. No value holds a line break: an address that does is unfit before."""
    edge = f"--{boundary}\r\nContent-Disposition: form-data; name="
    parts = [f'{edge}"{name}"\r\n\r\n{value}\r\n'.encode() for name, value in fields.items()]
    head = f'{edge}"message"; filename="email.mime"\r\nContent-Type: message/rfc822\r\n\r\n'.encode()
    return b"".join((*parts, head, mime, f"\r\n--{boundary}--\r\n".encode()))
