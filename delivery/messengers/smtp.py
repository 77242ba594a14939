"""Email by any SMTP server: rendered to bytes here, handed over by the pipelining client (smtp_client.py)."""

import secrets
from collections.abc import Callable, Iterator
from typing import ClassVar
from urllib.parse import urlsplit

import msgspec
from django.conf import settings as product
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from consent.steps.address import LETTERS
from contacts.channels import Channel
from delivery.content.addressing import addresses_for, plain_addresses, return_path
from delivery.content.compiling import CompiledMessage, Written, compile_message
from delivery.content.dkim import Signer, signed
from delivery.content.liquid import BadTemplateError, MissingFieldError
from delivery.content.mime import BadHeaderError, CommonHeaders, Envelope, build
from delivery.messengers.protocol import Capabilities, Outcome, OutcomeKind, Recipient, Watch
from delivery.messengers.smtp_client import Account, OutgoingMessage, Smtp, can_deliver
from delivery.messengers.smtp_line import Reply
from delivery.models import Message, Sender
from delivery.personal_words import answered_by, attached_to
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

    @property
    def domain(self) -> str:
        """The domain that our emails speak for."""
        return self.from_email.rpartition("@")[2]


class SmtpMessenger:
    """Email by SMTP. One connection, opened by the first send and kept until `close`."""

    kind: ClassVar[str] = "smtp"
    label = gettext_lazy("Email by SMTP")
    icon: ClassVar[str] = "mail"
    Settings = SmtpSettings
    form: ClassVar[str] = "delivery.forms.SmtpSenderForm"
    channel = int(Channel.EMAIL)

    def __init__(self, sender: Sender, seconds: float | None = None) -> None:
        self.sender, self.settings, self.seconds = sender, settings_of(sender, SmtpSettings), seconds
        self._open: Smtp | None = None
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

    def send_alone(self, workspace: OpenWorkspace, message: Message | None, written: Written, to: str) -> Outcome:
        """One uncounted email that stands for nobody in the database."""
        envelope = Envelope(self.settings.from_email, to, f"<test.{secrets.token_hex(8)}@{self.settings.domain}>", "")
        with working_in(workspace):
            self.find_signers()
        data = self.sign(build(common_headers(self.settings, workspace, message), envelope, written, at=now()))
        outgoing = OutgoingMessage(0, self.settings.from_email, to, data)
        connection = self.connection(lambda: None)
        _sent, reply = next(iter(connection.deliver(iter([outgoing]), lambda _slot, _mark: None, lambda _one: True)))
        return outcome_of(reply)

    def connection(self, beat: Callable[[], None]) -> Smtp:
        """The open connection, or a new one. ServerDownError, AskedToWaitError, SealBrokenError."""
        if self._open is None:
            where = self.settings
            account = Account(where.host, where.port, where.security, where.username, secret_of(self.sender))
            hello = urlsplit(product.ECRM_URL).hostname or "localhost"
            self._open = Smtp(account, beat=beat, hello=hello, seconds=self.seconds)
            self._takes_any_letters = self._open.takes_any_letters
        self._open.beat = beat
        return self._open

    def drop(self) -> None:
        """The connection is of no use any more: hang up without a word."""
        if self._open is not None:
            self._open.line.close()
            self._open = None

    def close(self) -> None:
        if self._open is not None:
            self._open.close()
            self._open = None


class SmtpRun:
    """One email, compiled once, with the header lines that are the same for everybody."""

    def __init__(self, messenger: SmtpMessenger, workspace: OpenWorkspace, message: Message) -> None:
        self.messenger, self.workspace, self.message = messenger, workspace, message
        self.compiled: CompiledMessage = compile_message(message, workspace)
        self.headers = common_headers(messenger.settings, workspace, message)
        self.in_reply_to = answered_by(message)
        self.files = attached_to(message)

    def send(self, recipients: Iterator[Recipient], watch: Watch) -> Iterator[tuple[Recipient, Outcome]]:
        settings, connection = self.messenger.settings, self.messenger.connection(watch.beat)
        under_way: dict[int, Recipient] = {}
        unsendable: list[tuple[Recipient, Outcome]] = []

        def outgoing() -> Iterator[OutgoingMessage]:
            for one in recipients:
                if not can_deliver(connection, one.address):
                    why = "no_address" if one.address.isascii() else LETTERS
                    unsendable.append((one, Outcome(OutcomeKind.UNSENDABLE, "unfit for an envelope", why)))
                    continue
                data = self._write(one, unsendable)
                if data is not None:
                    under_way[one.slot] = one
                    yield OutgoingMessage(one.slot, self._return_path(settings, one), one.address, data)

        try:
            messages = connection.deliver(outgoing(), watch.mark, lambda sent: watch.may_go(under_way[sent.slot]))
            for sent, reply in messages:
                yield from _drain(unsendable)
                yield under_way.pop(sent.slot), outcome_of(reply)
            yield from _drain(unsendable)
        except OSError:
            self.messenger.drop()
            raise

    def _write(self, one: Recipient, unsendable: list[tuple[Recipient, Outcome]]) -> bytes | None:
        """The email as bytes; None, and a line among the unsendable, when it cannot be written for this person."""
        address = addresses_for(self.workspace, self.message.pk, one.contact_id)
        stop = address("unsubscribe") if self.message.is_purposeful else ""
        envelope = Envelope(
            self.messenger.settings.from_email, one.address, self._message_id(one), stop, self.in_reply_to
        )
        try:
            return self.messenger.sign(
                build(self.headers, envelope, self.compiled.write(one.fields, address), at=now(), files=self.files)
            )
        except MissingFieldError as error:
            unsendable.append((one, Outcome(OutcomeKind.UNSENDABLE, error.field, "missing_field")))
        except (BadTemplateError, BadHeaderError) as error:
            unsendable.append((one, Outcome(OutcomeKind.UNSENDABLE, str(error)[:300], "render_error")))
        return None

    def _message_id(self, one: Recipient) -> str:
        """Deterministic, so that what comes back names its reader: message.contact.attempt (and the occasion)."""
        occasion = f".{one.occasion}" if one.occasion else ""
        return f"<{self.message.pk}.{one.contact_id}.{one.attempt}{occasion}@{self.messenger.settings.domain}>"

    def _return_path(self, settings: SmtpSettings, one: Recipient) -> str:
        if not settings.return_path_domain:
            return settings.from_email
        return return_path(settings.return_path_domain, self.workspace.pk, self.message.pk, one.contact_id)


def common_headers(settings: SmtpSettings, workspace: OpenWorkspace, message: Message | None) -> CommonHeaders:
    """The header lines of every email of a message; a test has none. BadHeaderError."""
    topic = message.topic.key if message and message.topic else "email"
    is_list = message is None or not message.is_personal
    return CommonHeaders.of(
        from_name=settings.from_name,
        from_email=settings.from_email,
        reply_to=settings.reply_to,
        list_id=f"{topic}.{workspace.slug}.{settings.domain}" if is_list else "",
        list_name=workspace.name,
        feedback_id=f"{message.pk if message else 0}:{workspace.pk}:{topic}:ecrm" if is_list else "",
    )


def outcome_of(reply: Reply) -> Outcome:
    """What a server's last word means for one recipient."""
    if reply.is_good:
        return Outcome(OutcomeKind.ACCEPTED, str(reply))
    if reply.is_temporary:
        return Outcome(OutcomeKind.LATER, str(reply))
    return Outcome(OutcomeKind.REFUSED, str(reply), is_dead_address=is_dead_address(reply))


def is_dead_address(reply: Reply) -> bool:
    """Whether a refusal means that there is no such mailbox (RFC 3463: 5.1.x, but not about the sender)."""
    subject = reply.status.split(".")
    return len(subject) == 3 and subject[:2] == ["5", "1"] and subject[2] not in {"7", "8"}


def _drain(unsendable: list[tuple[Recipient, Outcome]]) -> Iterator[tuple[Recipient, Outcome]]:
    while unsendable:
        yield unsendable.pop(0)
