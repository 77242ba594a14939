"""WhatsApp by Meta's Cloud API: POST /{version}/{phone number id}/messages, one message a request.

It knows no idempotency: a request that got no answer stays in doubt. Each message bears our own id as
`biz_opaque_callback_data`, which comes back with everything that became of it, and settles that doubt.
"""

from collections.abc import Iterator
from concurrent.futures import Future
from typing import Any, ClassVar

import msgspec
import structlog
from django.db import InterfaceError, OperationalError, connection
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.addresses import PLAIN_PHONE
from contacts.channels import Channel
from delivery.content.addressing import addresses_for, plain_addresses
from delivery.content.compiling import CompiledMessage, compile_message
from delivery.content.liquid import BadTemplateError, Fields, MissingFieldError
from delivery.message_ids import MessageIds
from delivery.messengers.protocol import (
    AskedToWaitError,
    Bubble,
    Capabilities,
    Outcome,
    OutcomeKind,
    Recipient,
    ServerDownError,
    Watch,
)
from delivery.models import Message
from delivery.returns.answers import mark_of
from delivery.returns.events import part_of, word_of
from lib.connections.safe_fetch import Fetched
from lib.foreign.cleaning import to_line
from messengers.http.in_flight import Ask, InFlight
from messengers.http.phones import PhoneProvider
from messengers.http.provider import Posting, json_posting
from messengers.http.verdicts import DOUBTFUL, WAIT, judge, tree_of
from messengers.keyring import read_keys
from messengers.models import WhatsAppTemplate
from messengers.whatsapp.choosing import Choice, read_choice
from messengers.whatsapp.codes import STOPPED, meaning_of
from messengers.whatsapp.payloads import template_payload, text_payload
from messengers.whatsapp.showing import bubble_of, faults_of
from messengers.whatsapp.stopping import stop_offers
from messengers.whatsapp.templates import find_template
from workspaces.current import OpenWorkspace, working_in

KIND = "whatsapp"
DOMAIN = "whatsapp"  # of our ids
LONGEST = 4_096
VERSION = "v24.0"
log = structlog.get_logger(__name__)
OBJECT_MISSING = 33  # a subcode: the phone number id is nobody's, or not the token's


class NotThisMessageError(OSError):
    """WhatsApp takes this message for nobody; others it takes. The text says why."""


class WhatsAppSettings(msgspec.Struct, frozen=True):
    """`account_id` is the WhatsApp Business account, `phone_number_id` the id of the number (not the number).

    `test_number`: where tests go.
    """

    phone_number_id: str
    account_id: str
    version: str = VERSION
    endpoint: str = ""
    test_number: str = ""
    connections: int = 8


class WhatsAppMessenger(PhoneProvider):
    kind: ClassVar[str] = KIND
    label = gettext_lazy("WhatsApp")
    provider: ClassVar[str] = "WhatsApp"
    icon: ClassVar[str] = "message-circle"
    usual: ClassVar[str] = "https://graph.facebook.com"
    Settings = WhatsAppSettings
    form: ClassVar[str] = "messengers.whatsapp.form.WhatsAppSenderForm"
    channel = int(Channel.WHATSAPP)

    def place(self, *parts: str) -> str:
        """An address of the API."""
        return "/".join([super().url().rstrip("/"), self.settings.version, *parts])

    def url(self) -> str:
        return self.place(self.settings.phone_number_id, "messages")

    def capabilities(self) -> Capabilities:
        return Capabilities(tracks_opens=True, tracks_clicks=True, hears_bounces=True, most_letters=LONGEST)

    def prepare(self, workspace: OpenWorkspace, message: Message) -> "WhatsAppRun":
        return WhatsAppRun(self, workspace, message)

    def send_words(self, workspace: OpenWorkspace, subject: str, text: str, *, to: str) -> Outcome:
        return self._send_one(text_payload(to, f"{subject}: {text}"))

    def send_sample(self, run: "WhatsAppRun", recipient: Recipient) -> Outcome:
        return self._send_one(run.payload(recipient, plain=True))

    def faults(self, message: Message) -> list[str]:
        """What stands in the way of this message, in sentences."""
        return faults_of(message)

    def show(self, message: Message, text: str, fields: Fields) -> Bubble:
        """The message as it will look on a phone. MissingFieldError, BadTemplateError."""
        return bubble_of(message, text, fields)

    def posting(self, payload: dict[str, Any]) -> Posting:
        """The request for one message."""
        return json_posting(payload, Authorization=f"Bearer {read_keys(self.secret).get('token', '')}")

    def answer_posting(self, to: str, text: str, answer_id: int) -> Posting:
        return self.posting({**text_payload(to, text), "biz_opaque_callback_data": mark_of(answer_id)})

    def remote_id_in(self, tree: object) -> str:
        found = part_of(tree, "messages")
        return to_line(word_of(found[0], "id"), 200) if isinstance(found, list) and found else ""

    def judge(self, asked: Future[Fetched]) -> Outcome:
        """As for every provider, where it answered with a code of its own: what the code does. NotThisMessageError."""
        error = asked.exception()
        answer = None if error is not None else asked.result()
        tree = tree_of(answer) if answer is not None else None
        code = part_of(tree, "error", "code")
        if answer is None or 200 <= answer.status < 300 or answer.status in DOUBTFUL or not _is_whole(code):
            return super().judge(asked)
        return self._by_code(int(code), tree, answer)

    def _by_code(self, code: int, tree: object, answer: Fetched) -> Outcome:
        meaning = meaning_of(code)
        does = "ours" if part_of(tree, "error", "error_subcode") == OBJECT_MISSING else meaning.does
        details = word_of(tree, "error", "error_data", "details") or word_of(tree, "error", "message")
        text = to_line(f"{code} {details}", 300)
        if does in {"ours", "message"}:
            facts = {"code": code, "cause": meaning.cause, "fix": meaning.fix}
            said = _("WhatsApp does not send it (%(code)s): %(cause)s. %(fix)s") % facts
            raise ServerDownError(said) if does == "ours" else NotThisMessageError(said)
        if does == "wait" or (not does and answer.status in WAIT):
            raise AskedToWaitError(text, answer.wait)
        if does == "later" or answer.status >= 500:
            return Outcome(OutcomeKind.LATER, text)
        if answer.status in {401, 403, 404}:
            return judge(self.provider, answer, self.read(tree, answer))
        return Outcome(OutcomeKind.REFUSED, text, is_about_person=does == "person")

    def _send_one(self, payload: dict[str, Any]) -> Outcome:
        try:
            return self.judge(self.threads().submit(self.asking(self.posting(payload))))
        except NotThisMessageError as error:
            raise BadTemplateError(str(error)) from error


class WhatsAppRun:
    """One message, read once: a template with places to fill, or free text."""

    def __init__(self, messenger: WhatsAppMessenger, workspace: OpenWorkspace, message: Message) -> None:
        self.messenger, self.workspace, self.message = messenger, workspace, message
        self.choice: Choice | None = read_choice(message.content.body)
        self.known: WhatsAppTemplate | None = (
            find_template(messenger.sender, self.choice) if self.choice is not None else None
        )
        self.compiled: CompiledMessage = compile_message(message, workspace)
        self.needs = self.compiled.needs
        self.ids = MessageIds(DOMAIN, workspace.pk, message.pk)

    def send(self, recipients: Iterator[Recipient], watch: Watch) -> Iterator[tuple[Recipient, Outcome]]:
        here = self.messenger
        round_ = InFlight[Fetched](here.threads(), here.settings.connections, write=self._write, judge=here.judge)
        stopped: list[int] = []
        try:
            for one, outcome in round_.send(recipients, watch):
                if outcome.answer.partition(" ")[0] == str(STOPPED):
                    stopped.append(one.contact_id)
                yield one, outcome
        except NotThisMessageError as error:  # once what was under way has its word
            raise BadTemplateError(str(error)) from error
        finally:
            if stopped:
                self._stop_offers(stopped)

    def _stop_offers(self, contact_ids: list[int]) -> None:
        """Their no counts from here on. Without a database they get the same refusal next time."""
        try:
            with working_in(self.workspace):
                stop_offers(contact_ids)
        except (OperationalError, InterfaceError) as error:
            log.warning("stops_not_kept", message=self.message.pk, error=str(error)[:200])
            connection.close()

    def payload(self, one: Recipient, *, plain: bool = False) -> dict[str, Any]:
        """What is asked for this person; `plain`: links are not counted. MissingFieldError, BadTemplateError."""
        if self.choice is not None:
            found = template_payload(one.address, self.choice, self.choice.fill(one.fields), self.known)
        else:
            counted = addresses_for(self.workspace, self.message.pk, one.contact_id)
            places = plain_addresses(self.compiled.links.rows) if plain else counted
            text = self.compiled.write(one.fields, places).text.replace("\r\n", "\n").strip()
            if not 0 < len(text) <= LONGEST:
                raise BadTemplateError(f"{len(text)} letters; 1 to {LONGEST} can be sent")
            found = text_payload(one.address, text)
        if not plain:
            found["biz_opaque_callback_data"] = self.ids.of(one.contact_id, one.attempt, one.occasion)
        return found

    def _write(self, one: Recipient) -> Ask[Fetched] | Outcome:
        if PLAIN_PHONE.match(one.address) is None:
            return Outcome(OutcomeKind.UNSENDABLE, "no number", "no_address")
        try:
            payload = self.payload(one)
        except MissingFieldError as error:
            return Outcome(OutcomeKind.UNSENDABLE, error.field, "missing_field")
        except BadTemplateError as error:
            return Outcome(OutcomeKind.UNSENDABLE, str(error)[:300], "render_error")
        return self.messenger.asking(self.messenger.posting(payload))


def _is_whole(code: object) -> bool:
    return isinstance(code, int) and not isinstance(code, bool)
