"""Email by any SMTP server: rendered to bytes here, handed over by the pipelining client (smtp_client.py)."""

import secrets
from collections.abc import Iterator
from typing import ClassVar
from urllib.parse import urlsplit

import msgspec
from django.conf import settings as product
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from consent.steps.address import LETTERS
from contacts.channels import Channel
from delivery.bounces.refusals import Refusal, judge_refusal
from delivery.content.addressing import ReturnPaths, plain_addresses
from delivery.content.compiling import Written
from delivery.content.dkim import Signer, signed
from delivery.content.liquid import BadTemplateError, MissingFieldError
from delivery.content.mime import BadHeaderError, Envelope, build
from delivery.messengers.email_run import EmailRun, common_headers
from delivery.messengers.protocol import Capabilities, Outcome, OutcomeKind, Recipient, Watch
from delivery.messengers.smtp_client import Account, OutgoingMessage, Smtp, can_deliver
from delivery.messengers.smtp_line import Reply
from delivery.messengers.smtp_pool import Pool, Unknown
from delivery.models import Message, Sender
from delivery.personal.direct_emails import DirectEmail, envelope_of, headers_of, written
from delivery.senders import secret_of, settings_of
from lib.clock import now
from lib.rooms import house
from workspaces.current import OpenWorkspace, working_in


class SmtpSettings(msgspec.Struct, frozen=True):
    """Where to connect, and whom readers see. `security`: none, starttls or tls."""

    host: str
    from_email: str
    from_name: str = ""
    reply_to: str = ""
    port: int = 587
    security: str = "starttls"
    username: str = ""
    return_path_domain: str = ""
    reports_to: str = ""  # where DMARC's reports are to be sent
    connections: int = 4  # of one worker at once

    @property
    def domain(self) -> str:
        """The domain that our emails speak for."""
        return self.from_email.rpartition("@")[2]


class SmtpMessenger:
    """Email by SMTP. Its connections are opened by the first send and kept until `close`."""

    kind: ClassVar[str] = "smtp"
    label = gettext_lazy("Email by SMTP")
    icon: ClassVar[str] = "mail"
    Settings = SmtpSettings
    form: ClassVar[str] = "delivery.forms.SmtpSenderForm"
    channel = int(Channel.EMAIL)

    def __init__(self, sender: Sender, seconds: float | None = None) -> None:
        self.sender, self.settings, self.seconds = sender, settings_of(sender, SmtpSettings), seconds
        self._alone: Smtp | None = None
        self._pool: Pool | None = None
        self._takes_any_letters = sender.takes_any_letters
        self._signers: list[Signer] | None = None

    def capabilities(self) -> Capabilities:
        return Capabilities(
            has_html=True,
            tracks_opens=True,
            tracks_clicks=True,
            takes_files=True,
            hears_bounces=bool(self.settings.return_path_domain),
            only_ascii=not self._takes_any_letters,
        )

    def sign(self, data: bytes) -> bytes:
        """The email with the signatures of its domain, as far as the DNS shows their keys. `find_signers` came before."""
        return signed(data, self._signers, at=int(now().timestamp())) if self._signers else data

    def find_signers(self) -> None:
        """Look once who signs for this sender. Call inside working_in."""
        if self._signers is None:
            self._signers = house.email_signers(self.sender)

    def prepare(self, workspace: OpenWorkspace, message: Message) -> "SmtpRun":
        self.find_signers()
        return SmtpRun(self, workspace, message)

    def send_words(self, workspace: OpenWorkspace, subject: str, text: str, *, to: str) -> Outcome:
        words = Written(subject, f"<!doctype html><title></title><p>{text}</p>", f"{text}\r\n")
        return self.send_alone(workspace, None, words, to)

    def send_sample(self, run: "SmtpRun", recipient: Recipient) -> Outcome:
        written = run.compiled.write(recipient.fields, plain_addresses(run.compiled.links.rows))
        subject = _("Test: %(subject)s") % {"subject": written.subject}
        marked = Written(subject, written.html, written.text)
        return self.send_alone(run.workspace, run.message, marked, recipient.address)

    def send_alone(self, workspace: OpenWorkspace, message: Message | None, words: Written, to: str) -> Outcome:
        """One uncounted email that stands for nobody in the database."""
        envelope = Envelope(self.settings.from_email, to, f"<test.{secrets.token_hex(8)}@{self.settings.domain}>", "")
        head = common_headers(self.settings, workspace, message)
        return self._deliver(workspace, envelope, build(head, envelope, words, at=now()))

    def send_direct(self, workspace: OpenWorkspace, email: DirectEmail) -> Outcome:
        envelope, here = envelope_of(email, from_email=self.settings.from_email), self.settings
        head = headers_of(email, from_name=here.from_name, from_email=here.from_email, reply_to=here.reply_to)
        return self._deliver(workspace, envelope, build(head, envelope, written(email), at=now(), files=email.files))

    def _deliver(self, workspace: OpenWorkspace, envelope: Envelope, data: bytes) -> Outcome:
        with working_in(workspace):
            self.find_signers()
        connection = self.connection()
        if not can_deliver(connection, envelope.recipient):
            return Outcome(OutcomeKind.UNSENDABLE, "unfit for an envelope", "no_address")
        outgoing = OutgoingMessage(0, envelope.sender, envelope.recipient, self.sign(data))
        _sent, reply = next(iter(connection.deliver(iter([outgoing]), lambda _slot, _mark: None, lambda _one: True)))
        return outcome_of(reply)

    def connection(self) -> Smtp:
        """A connection for one email. ServerDownError, AskedToWaitError, SealBrokenError."""
        if self._alone is None:
            self._alone = Smtp(self._account(), hello=self._hello(), seconds=self.seconds)
            self._takes_any_letters = self._alone.takes_any_letters
        return self._alone

    def pool(self) -> Pool:
        """The connections for many, kept until `close`; the first one opens when it is first used. SealBrokenError."""
        if self._pool is None:
            self._pool = Pool(self._account(), self.settings.connections, hello=self._hello())
        return self._pool

    def drop(self) -> None:
        """The connections are of no use any more: hang up."""
        if self._pool is not None:
            self._pool.close()
            self._pool = None

    def heard(self, pool: Pool) -> None:
        """Keep what the server said of itself."""
        self._takes_any_letters = pool.takes_any_letters

    def close(self) -> None:
        self.drop()
        if self._alone is not None:
            self._alone.close()
            self._alone = None

    def _account(self) -> Account:
        where = self.settings
        return Account(where.host, where.port, where.security, where.username, secret_of(self.sender))

    def _hello(self) -> str:
        return urlsplit(product.ECRM_URL).hostname or "localhost"


class SmtpRun(EmailRun):
    """One email, compiled and encoded once, with the header lines that are the same for everybody."""

    def __init__(self, messenger: SmtpMessenger, workspace: OpenWorkspace, message: Message) -> None:
        super().__init__(messenger.settings, workspace, message)
        self.messenger = messenger
        domain = messenger.settings.return_path_domain
        self._returns = ReturnPaths(domain, workspace.pk, message.pk) if domain else None

    def send(self, recipients: Iterator[Recipient], watch: Watch) -> Iterator[tuple[Recipient, Outcome]]:
        pool = self.messenger.pool()
        under_way: dict[int, Recipient] = {}
        unsendable: list[tuple[Recipient, Outcome]] = []

        def next_message() -> OutgoingMessage | None:
            for one in recipients:
                if (message := self._write(one, pool, unsendable)) is not None:
                    under_way[one.slot] = one
                    return message
            return None

        is_whole = False
        try:
            for sent, reply in pool.deliver(next_message, watch, lambda sent: watch.may_go(under_way[sent.slot])):
                yield from _drain(unsendable)
                yield under_way.pop(sent.slot), outcome_of(reply)
            is_whole = True
            yield from _drain(unsendable)
        finally:
            self.messenger.heard(pool)
            if not is_whole:
                self.messenger.drop()

    def _write(self, one: Recipient, pool: Pool, unsendable: list[tuple[Recipient, Outcome]]) -> OutgoingMessage | None:
        """The email as bytes; None, and a line among the unsendable, when it cannot be written for this person."""
        if not can_deliver(pool, one.address):
            why = "no_address" if one.address.isascii() else LETTERS
            unsendable.append((one, Outcome(OutcomeKind.UNSENDABLE, "unfit for an envelope", why)))
            return None
        try:
            data = self.write(one)
        except MissingFieldError as error:
            unsendable.append((one, Outcome(OutcomeKind.UNSENDABLE, error.field, "missing_field")))
        except (BadTemplateError, BadHeaderError) as error:
            unsendable.append((one, Outcome(OutcomeKind.UNSENDABLE, str(error)[:300], "render_error")))
        else:
            sender = self._returns.of(one.contact_id) if self._returns else self.messenger.settings.from_email
            return OutgoingMessage(one.slot, sender, one.address, data)
        return None

    def write(self, one: Recipient) -> bytes:
        """The email of one person, signed. MissingFieldError, BadTemplateError, BadHeaderError."""
        return self.messenger.sign(super().write(one))


def outcome_of(reply: Reply | Unknown) -> Outcome:
    """What a server's last word means for one recipient, or that there was none."""
    if isinstance(reply, Unknown):
        return Outcome(OutcomeKind.UNKNOWN, reply.why[:300])
    if reply.is_good:
        return Outcome(OutcomeKind.ACCEPTED, str(reply))
    if reply.is_temporary:
        return Outcome(OutcomeKind.LATER, str(reply))
    return Outcome(OutcomeKind.REFUSED, str(reply), is_dead_address=is_dead_address(reply))


def is_dead_address(reply: Reply) -> bool:
    """Whether a refusal means that there is no such mailbox, by its enhanced code or, without one, by its words."""
    return judge_refusal(reply.status, str(reply)) == Refusal.HARD


def _drain(unsendable: list[tuple[Recipient, Outcome]]) -> Iterator[tuple[Recipient, Outcome]]:
    while unsendable:
        yield unsendable.pop(0)
