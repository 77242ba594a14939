"""Email by a provider's own interface over HTTP: what all providers share. Each has a file with its class.

The provider signs for the domain (DKIM) and hears what comes back; its webhook tells us (delivery/returns).
"""

import secrets
from collections.abc import Iterator, Sequence
from typing import ClassVar

import msgspec
from django.utils.translation import gettext as _

from consent.steps.address import LETTERS
from contacts.channels import Channel
from delivery.content.addressing import plain_addresses
from delivery.content.compiling import Written
from delivery.content.liquid import BadTemplateError, MissingFieldError
from delivery.content.mime import Attached, BadHeaderError, CommonHeaders, Envelope, build
from delivery.messengers.email_run import EmailRun, common_headers
from delivery.messengers.protocol import (
    Capabilities,
    Outcome,
    OutcomeKind,
    Recipient,
    Watch,
)
from delivery.messengers.smtp_client import UNFIT
from delivery.models import Message
from delivery.personal.direct_emails import DirectEmail, envelope_of, headers_of, written
from lib.clock import now
from lib.connections.safe_fetch import Fetched
from messengers.http.in_flight import Ask, InFlight
from messengers.http.letters import Letter, own_headers, shared_headers
from messengers.http.provider import HttpProvider, Posting
from workspaces.current import OpenWorkspace


class HttpMailSettings(msgspec.Struct, frozen=True):
    """Whom readers see, and where the provider listens; an empty `endpoint` is the provider's own."""

    from_email: str
    from_name: str = ""
    reply_to: str = ""
    endpoint: str = ""
    connections: int = 8  # of one worker at once

    @property
    def domain(self) -> str:
        return self.from_email.rpartition("@")[2]


class HttpMail(HttpProvider):
    """A provider. A class of its own says how it wants an email told (`posting`) and what its answers say (`read`)."""

    icon: ClassVar[str] = "mail"
    Settings: ClassVar[type[msgspec.Struct]] = HttpMailSettings
    form: ClassVar[str] = "messengers.forms.ProviderSenderForm"
    takes_mime: ClassVar[bool] = False
    channel = int(Channel.EMAIL)

    def posting(self, letter: Letter) -> Posting:
        """The request for one email."""
        raise NotImplementedError

    @property
    def from_(self) -> str:
        """`"Name" <address>`, its letters as they are: JSON carries any."""
        name = self.settings.from_name.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{name}" <{self.settings.from_email}>' if name else str(self.settings.from_email)

    def capabilities(self) -> Capabilities:
        return Capabilities(
            has_html=True, tracks_opens=True, tracks_clicks=True, takes_files=True, hears_bounces=True, only_ascii=True
        )

    def prepare(self, workspace: OpenWorkspace, message: Message) -> "HttpMailRun":
        return HttpMailRun(self, workspace, message)

    def send_words(self, workspace: OpenWorkspace, subject: str, text: str, *, to: str) -> Outcome:
        words = Written(subject, f"<!doctype html><title></title><p>{text}</p>", f"{text}\r\n")
        return self.send_alone(workspace, None, words, to)

    def send_sample(self, run: "HttpMailRun", recipient: Recipient) -> Outcome:
        written = run.compiled.write(recipient.fields, plain_addresses(run.compiled.links.rows))
        subject = _("Test: %(subject)s") % {"subject": written.subject}
        return self.send_alone(
            run.workspace, run.message, Written(subject, written.html, written.text), recipient.address
        )

    def send_alone(self, workspace: OpenWorkspace, message: Message | None, words: Written, to: str) -> Outcome:
        """One uncounted email that stands for nobody in the database."""
        envelope = Envelope(self.settings.from_email, to, f"<test.{secrets.token_hex(8)}@{self.settings.domain}>", "")
        return self._deliver(common_headers(self.settings, workspace, message), envelope, words)

    def send_direct(self, workspace: OpenWorkspace, email: DirectEmail) -> Outcome:
        here = self.settings
        head = headers_of(email, from_name=here.from_name, from_email=here.from_email, reply_to=here.reply_to)
        return self._deliver(head, envelope_of(email, from_email=here.from_email), written(email), email.files)

    def _deliver(
        self, common: CommonHeaders, envelope: Envelope, words: Written, files: Sequence[Attached] = ()
    ) -> Outcome:
        mime = build(common, envelope, words, at=now(), files=files)
        headers = own_headers(shared_headers(common), envelope)
        letter = Letter(envelope.recipient, envelope.message_id, words, headers, files, mime=mime)
        return self.judge(self.threads().submit(self.asking(self.posting(letter))))


class HttpMailRun(EmailRun):
    """One email, written for each and handed to the provider, several at once."""

    def __init__(self, messenger: HttpMail, workspace: OpenWorkspace, message: Message) -> None:
        super().__init__(messenger.settings, workspace, message)
        self.messenger = messenger
        self._shared = shared_headers(self.headers)

    def send(self, recipients: Iterator[Recipient], watch: Watch) -> Iterator[tuple[Recipient, Outcome]]:
        here = self.messenger
        round_ = InFlight[Fetched](here.threads(), here.settings.connections, write=self._write, judge=here.judge)
        yield from round_.send(recipients, watch)

    def letter(self, one: Recipient) -> Letter:
        """The email of one person. MissingFieldError, BadTemplateError, BadHeaderError."""
        if self.messenger.takes_mime:
            return Letter(one.address, self.message_id(one), mime=self.write(one))
        envelope, words = self.write_words(one)
        headers = own_headers(self._shared, envelope)
        return Letter(one.address, envelope.message_id, words, headers, self.files)

    def _write(self, one: Recipient) -> Ask[Fetched] | Outcome:
        if UNFIT.search(one.address) or not one.address.isascii():
            why = "no_address" if one.address.isascii() else LETTERS
            return Outcome(OutcomeKind.UNSENDABLE, "unfit for an address", why)
        try:
            return self.messenger.asking(self.messenger.posting(self.letter(one)))
        except MissingFieldError as error:
            return Outcome(OutcomeKind.UNSENDABLE, error.field, "missing_field")
        except (BadTemplateError, BadHeaderError) as error:
            return Outcome(OutcomeKind.UNSENDABLE, str(error)[:300], "render_error")
