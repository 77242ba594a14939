"""Web push: one request for each browser of a person (RFC 8030), sealed (RFC 8291), signed with our key (RFC 8292).

A person with three browsers gets it on each of them and is one recipient: one slot of the journal, one word. It was sent
when at least one push service took it. Services know no idempotency: what left and got no answer is in doubt, unless
another browser of the same person has it. 404 and 410 end a browser.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cached_property
from typing import ClassVar

import msgspec
import structlog
from django.db import InterfaceError, OperationalError, connection
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.channels import Channel
from contacts.models import Identity
from delivery.content.addressing import addresses_for, plain_addresses
from delivery.content.compiling import CompiledMessage, compile_message
from delivery.content.liquid import BadTemplateError, MissingFieldError
from delivery.messengers.protocol import (
    Capabilities,
    ConnectionLostError,
    Outcome,
    OutcomeKind,
    Recipient,
    ServerDownError,
    Watch,
)
from delivery.models import PUSH_KIND, Message, Sender
from delivery.senders import secret_of, settings_of
from lib.connections.kept_lines import KeptLines
from lib.push.asking import Answer, Asked, Manner, ask_one, asked_of, posting_for
from lib.push.keys import Proofs
from lib.push.sealing import Shown, TooLargeError
from messengers.http.in_flight import Ask, InFlight
from messengers.models import PushSubscription
from messengers.push.answers import judge
from messengers.push.showing import shown_in
from messengers.push.subscribing import forget_browsers, live_of, settle_addresses
from workspaces.current import OpenWorkspace, working_in

SECONDS = 30.0
HOUR = 3600
READ_AT_ONCE = 500  # browsers read ahead: a chunk's people come in the order of their ids
MOST_UNREACHED = 10
FRESH_SECONDS = 1.0  # who ends a browser gets nothing on it that leaves more than a second later
AWAY = (OperationalError, InterfaceError)
log = structlog.get_logger(__name__)


class PushSettings(msgspec.Struct, frozen=True):
    """`subject`: whom a push service writes to about us (mailto: or https:). `hours`: how long it keeps what it cannot
    hand over. `urgency`: which phones are woken (RFC 8030).
    """

    subject: str
    public_key: str
    hours: int = 24
    urgency: str = "normal"
    connections: int = 8


class PushMessenger:
    kind: ClassVar[str] = PUSH_KIND
    label = gettext_lazy("Web push")
    icon: ClassVar[str] = "bell"
    Settings = PushSettings
    form: ClassVar[str] = "messengers.push.forms.PushSenderForm"
    channel = int(Channel.PUSH)

    def __init__(self, sender: Sender, seconds: float | None = None) -> None:
        self.sender, self.seconds = sender, seconds or SECONDS
        self.settings = settings_of(sender, PushSettings)
        self._threads: ThreadPoolExecutor | None = None
        self._lines: KeptLines | None = None

    @cached_property
    def proofs(self) -> Proofs:
        """SealBrokenError, ServerDownError."""
        try:
            return Proofs(secret_of(self.sender), self.settings.public_key, self.settings.subject)
        except ValueError as error:
            raise ServerDownError(_("The key of this sender cannot be read.")) from error

    def capabilities(self) -> Capabilities:
        return Capabilities(tracks_clicks=True, hears_bounces=True, most_letters=1_000)

    def prepare(self, workspace: OpenWorkspace, message: Message) -> "PushRun":
        return PushRun(self, workspace, message)

    def send_words(self, workspace: OpenWorkspace, subject: str, text: str, *, to: str) -> Outcome:
        return self._to_member(workspace, Shown(subject, text).pack(), to)

    def send_sample(self, run: "PushRun", recipient: Recipient) -> Outcome:
        written = run.compiled.write(recipient.fields, plain_addresses(run.compiled.links.rows))
        return self._to_member(run.workspace, shown_in(written).pack(), recipient.address)

    def threads(self) -> ThreadPoolExecutor:
        """Those that wait for answers, kept until `close`."""
        if self._threads is None:
            self._threads = ThreadPoolExecutor(self.settings.connections, "push")
        return self._threads

    def asking(self, raw: bytes, browsers: Sequence[PushSubscription], topic: str) -> Ask[list[Answer]]:
        """What a thread does: ask for one browser after another, all in the time of one. SealBrokenError, ServerDownError."""
        if self._lines is None:
            self._lines = KeptLines(most=self.settings.connections)
        lines, seconds = self._lines, self.seconds
        manner = Manner(self.settings.hours * HOUR, self.settings.urgency, topic)
        postings = [(asked_of(one), posting_for(one, raw, self.proofs, manner)) for one in browsers]

        def ask() -> list[Answer]:
            ends_at = time.monotonic() + seconds
            return [ask_one(lines, asked, posting, ends_at - time.monotonic()) for asked, posting in postings]

        return ask

    def close(self) -> None:
        if self._threads is not None:
            self._threads.shutdown()
        if self._lines is not None:
            self._lines.close()
        self._threads = self._lines = None

    def _to_member(self, workspace: OpenWorkspace, raw: bytes, email: str) -> Outcome:
        """To the browsers of the contact with a member's own address: that is where a test goes."""
        with working_in(workspace):
            held = Identity.objects.filter(kind=Identity.Kind.EMAIL, value=email.lower(), former_since=None)
            contacts = list(held.values_list("contact_id", flat=True)[:5])
            browsers = list(live_of(contacts).filter(sender=self.sender)[:20])
        if not browsers:
            said = _("No browser of %(email)s allows notifications yet. Open the page for it, and allow them there.")
            raise ServerDownError(said % {"email": email})
        return judge(self.asking(raw, browsers, "")(), {asked_of(one).origin for one in browsers})


class PushRun:
    """One message, compiled once and handed over for several people at once."""

    def __init__(self, messenger: PushMessenger, workspace: OpenWorkspace, message: Message) -> None:
        self.messenger, self.workspace, self.message = messenger, workspace, message
        self.compiled: CompiledMessage = compile_message(message, workspace)
        self.needs = self.compiled.needs
        self._browsers = BrowsersAhead(workspace, messenger.sender)
        self._gone: list[Asked] = []
        self._moved: list[int] = []  # people of whom no browser was found: linked meanwhile, or they ended it
        self._good_at = set[str]()  # push services that took something by our key
        self._unreached = 0  # people in a row of whom no service answered: one service away delays its own people alone

    def send(self, recipients: Iterator[Recipient], watch: Watch) -> Iterator[tuple[Recipient, Outcome]]:
        here = self.messenger
        round_ = InFlight[list[Answer]](here.threads(), here.settings.connections, write=self._write, judge=self._judge)
        try:
            yield from round_.send(recipients, watch)
        finally:
            self._forget()

    def _write(self, one: Recipient) -> Ask[list[Answer]] | Outcome:
        browsers = self._browsers.of(one.contact_id)
        if not browsers:
            self._moved.append(one.contact_id)
            return Outcome(OutcomeKind.UNSENDABLE, "no browser", "no_address")
        places = addresses_for(self.workspace, self.message.pk, one.contact_id)
        try:
            raw = shown_in(self.compiled.write(one.fields, places)).pack(self.topic(one))
        except MissingFieldError as error:
            return Outcome(OutcomeKind.UNSENDABLE, error.field, "missing_field")
        except TooLargeError as error:
            return Outcome(OutcomeKind.UNSENDABLE, f"{error} bytes are too many for a notification", "render_error")
        except BadTemplateError as error:
            return Outcome(OutcomeKind.UNSENDABLE, str(error)[:300], "render_error")
        return self.messenger.asking(raw, browsers, self.topic(one))

    def topic(self, one: Recipient) -> str:
        """Of what a service still keeps, the newest of the same message and occasion is enough."""
        return f"m{self.message.pk}-{one.occasion}"[:32]

    def _judge(self, asked: Future[list[Answer]]) -> Outcome:
        answers = asked.result()
        self._unreached = 0 if any(one.status for one in answers) else self._unreached + 1
        if self._unreached >= MOST_UNREACHED and not any(one.is_doubt for one in answers):
            raise ConnectionLostError(answers[0].why)
        self._good_at |= {one.asked.origin for one in answers if one.is_taken}
        self._gone += [one.asked for one in answers if one.is_gone(self._good_at)]
        return judge(answers, self._good_at)

    def _forget(self) -> None:
        """Write down who is gone. What the database will not take now, the next message finds out again."""
        gone, moved, self._gone, self._moved = self._gone, self._moved, [], []
        if not gone and not moved:
            return
        try:
            with working_in(self.workspace):
                forget_browsers({one.digest: one.seen_at for one in gone if one.seen_at})
                settle_addresses(moved)
        except AWAY:
            connection.close()
            log.warning("push.not_forgotten", browsers=len(gone))


class BrowsersAhead:
    """The browsers of people who are asked for in the order of their ids, read for many at once, a second old at most."""

    def __init__(self, workspace: OpenWorkspace, sender: Sender, clock: Callable[[], float] = time.monotonic) -> None:
        self.workspace, self.sender, self.clock = workspace, sender, clock
        self._found: dict[int, list[PushSubscription]] = {}
        self._first, self._last, self._read_at = 1, 0, 0.0

    def of(self, contact_id: int) -> list[PushSubscription]:
        """Theirs, the newest first. Opens the workspace for a moment."""
        if not self._first <= contact_id <= self._last or self.clock() - self._read_at > FRESH_SECONDS:
            self._read(contact_id)
        return self._found.get(contact_id, [])

    def _read(self, contact_id: int) -> None:
        """ConnectionLostError where the database is away for a moment: the engine puts the rest back."""
        try:
            with working_in(self.workspace):
                mine = PushSubscription.objects.filter(sender=self.sender, gone_at=None, contact_id__gte=contact_id)
                rows = list(mine.order_by("contact_id", "-seen_at", "-pk")[:READ_AT_ONCE])
        except AWAY as error:
            connection.close()
            raise ConnectionLostError(str(error)) from error
        self._found, self._first, self._read_at = {}, contact_id, self.clock()
        for row in rows:
            self._found.setdefault(row.contact_id, []).append(row)
        is_all = len(rows) < READ_AT_ONCE
        self._last = 2**63 - 1 if is_all else rows[-1].contact_id - 1  # the last one's may go on
