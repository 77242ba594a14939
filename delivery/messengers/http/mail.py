"""Email by a provider's own interface over HTTP: what all providers share. Each has a file with its class.

The provider signs for the domain (DKIM) and hears what comes back; its webhook tells us (delivery/returns).
"""

import base64
import json
import secrets
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import msgspec
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from consent.steps.address import LETTERS
from contacts.channels import Channel
from delivery.content.addressing import plain_addresses
from delivery.content.compiling import Written
from delivery.content.liquid import BadTemplateError, MissingFieldError
from delivery.content.mime import BadHeaderError, Envelope, both_parts, own_lines
from delivery.messengers.email_run import EmailRun, common_headers
from delivery.messengers.http.in_flight import Ask, InFlight
from delivery.messengers.http.letters import Letter, own_headers, shared_headers
from delivery.messengers.http.verdicts import DOUBTFUL, Said, judge, tree_of
from delivery.messengers.protocol import (
    Capabilities,
    ConnectionLostError,
    Outcome,
    OutcomeKind,
    Recipient,
    ServerDownError,
    Watch,
)
from delivery.messengers.smtp_client import UNFIT
from delivery.models import Message, Sender
from delivery.returns.events import word_of
from delivery.senders import secret_of, settings_of
from lib.clock import now
from lib.kept_lines import KeptLines, NoAnswerError, NothingAskedError
from lib.outgoing import NotReachedError, UnsafeAddressError
from lib.safe_fetch import Fetched
from workspaces.current import OpenWorkspace

SECONDS = 30.0
MOST_TRIES = 3  # of one request, where the provider tells the second from the first


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


@dataclass(frozen=True, slots=True)
class Posting:
    """What is asked for one email."""

    headers: Mapping[str, str]
    content: bytes


class HttpMail:
    """A provider. A class of its own says how it wants an email told (`posting`) and what its answers say (`read`)."""

    kind: ClassVar[str]
    label: ClassVar[str | Promise]
    provider: ClassVar[str]
    usual: ClassVar[str]  # where it listens
    icon: ClassVar[str] = "mail"
    Settings: ClassVar[type[msgspec.Struct]] = HttpMailSettings
    form: ClassVar[str] = "delivery.provider_forms.ProviderSenderForm"
    takes_mime: ClassVar[bool] = False
    knows_keys: ClassVar[bool] = False  # the same asked twice under the same key counts once
    channel = int(Channel.EMAIL)

    def __init__(self, sender: Sender, seconds: float | None = None) -> None:
        self.sender, self.seconds = sender, seconds or SECONDS
        self.settings: Any = settings_of(sender, self.Settings)
        self._threads: ThreadPoolExecutor | None = None
        self._lines: KeptLines | None = None

    def url(self) -> str:
        """Where emails are posted to."""
        return self.settings.endpoint or self.usual

    def posting(self, letter: Letter) -> Posting:
        """The request for one email."""
        raise NotImplementedError

    def read(self, tree: object, answer: Fetched) -> Said:
        """What an answer says, of whatever JSON it holds. Never raises."""
        return Said(word_of(tree, "code"), word_of(tree, "message"))

    @cached_property
    def secret(self) -> str:
        """SealBrokenError."""
        return secret_of(self.sender)

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
        common = common_headers(self.settings, workspace, message)
        mime = common.lines + own_lines(envelope, words.subject, at=now()) + both_parts(words)
        letter = Letter(to, envelope.message_id, words, own_headers(shared_headers(common), envelope), mime=mime)
        return self.judge(self.threads().submit(self.asking(letter)))

    def threads(self) -> ThreadPoolExecutor:
        """Those that wait for answers, kept until `close`."""
        if self._threads is None:
            self._threads = ThreadPoolExecutor(self.settings.connections, "provider")
        return self._threads

    def asking(self, letter: Letter) -> Ask[Fetched]:
        """What a thread does for one email: ask, and again where the provider knows that it is the same."""
        posting, lines = self.posting(letter), self.lines()
        tries = MOST_TRIES if self.knows_keys else 1

        def ask() -> Fetched:
            for _earlier in range(tries - 1):
                with suppress(NoAnswerError):
                    answer = lines.post(posting.headers, posting.content, seconds=self.seconds)
                    if answer.status not in DOUBTFUL:
                        return answer
            return lines.post(posting.headers, posting.content, seconds=self.seconds)

        return ask

    def lines(self) -> KeptLines:
        """The lines to the provider, kept until `close`. ServerDownError."""
        if self._lines is None:
            try:
                self._lines = KeptLines(self.url(), most=self.settings.connections)
            except UnsafeAddressError as error:
                raise self._cannot(error) from error
        return self._lines

    def judge(self, asked: Future[Fetched]) -> Outcome:
        """What one finished request means. ServerDownError, AskedToWaitError, ConnectionLostError."""
        try:
            answer = asked.result()
        except (UnsafeAddressError, NotReachedError) as error:
            raise self._cannot(error) from error
        except NothingAskedError as error:
            raise ConnectionLostError(str(error)) from error
        except NoAnswerError as error:
            return Outcome(OutcomeKind.UNKNOWN, str(error)[:300])
        return judge(self.provider, answer, self.read(tree_of(answer), answer))

    def close(self) -> None:
        if self._threads is not None:
            self._threads.shutdown()
        if self._lines is not None:
            self._lines.close()
        self._threads = self._lines = None

    def _cannot(self, why: object) -> ServerDownError:
        return ServerDownError(_("%(provider)s cannot be reached: %(why)s.") % {"provider": self.provider, "why": why})


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
            return self.messenger.asking(self.letter(one))
        except MissingFieldError as error:
            return Outcome(OutcomeKind.UNSENDABLE, error.field, "missing_field")
        except (BadTemplateError, BadHeaderError) as error:
            return Outcome(OutcomeKind.UNSENDABLE, str(error)[:300], "render_error")


def json_posting(tree: object, **headers: str) -> Posting:
    """A request whose body is JSON."""
    raw = json.dumps(tree, ensure_ascii=False, separators=(",", ":")).encode()
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return Posting({"Content-Type": "application/json", "Accept": "application/json", **given}, raw)


def basic(user: str, password: str) -> str:
    """The value of Authorization."""
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
