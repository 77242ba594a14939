"""RCS by Google's RCS Business Messaging: POST /v1/phones/{number}/agentMessages, one message a request.

The same id sent twice is one message, so a doubt is asked again at once: whatever the answer to the second, the person
has one at most. Who is asked: Google, by the token of a service account (accounts.py).
"""

from collections.abc import Iterator
from concurrent.futures import Future
from functools import cached_property
from typing import Any, ClassVar
from urllib.parse import urlencode
from uuid import uuid4

import msgspec
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.addresses import PLAIN_PHONE
from contacts.channels import Channel
from delivery.content.addressing import addresses_for, plain_addresses
from delivery.content.compiling import CompiledMessage, compile_message
from delivery.content.liquid import BadTemplateError, Fields, MissingFieldError
from delivery.messengers.protocol import (
    Bubble,
    Capabilities,
    Outcome,
    OutcomeKind,
    Recipient,
    ServerDownError,
    Watch,
)
from delivery.models import Message
from delivery.returns.events import word_of
from lib.connections.safe_fetch import Fetched
from messengers.http.in_flight import Ask, InFlight
from messengers.http.phones import PhoneProvider
from messengers.http.provider import json_posting
from messengers.http.verdicts import Said
from messengers.keyring import read_keys
from messengers.rcs.accounts import BadAccountError, ServiceAccount, read_account
from messengers.rcs.ids import message_uuid
from messengers.rcs.payloads import LONGEST, message_payload, split_suggestions
from workspaces.current import OpenWorkspace

KIND = "rcs"
NOT_REACHED = 404


class RcsSettings(msgspec.Struct, frozen=True):
    """`agent_id` is the agent's.

    `test_number`: where tests go; a phone that the agent has as a test device, until it is launched.
    """

    agent_id: str
    endpoint: str = ""
    test_number: str = ""
    connections: int = 8


class RcsMessenger(PhoneProvider):
    kind: ClassVar[str] = KIND
    label = gettext_lazy("RCS by Google")
    provider: ClassVar[str] = "RCS"
    icon: ClassVar[str] = "message-2"
    usual: ClassVar[str] = "https://rcsbusinessmessaging.googleapis.com"
    Settings = RcsSettings
    form: ClassVar[str] = "messengers.rcs.form.RcsSenderForm"
    channel = int(Channel.RCS)
    knows_keys: ClassVar[bool] = True

    def capabilities(self) -> Capabilities:
        return Capabilities(tracks_opens=True, tracks_clicks=True, hears_bounces=True, most_letters=LONGEST)

    @cached_property
    def account(self) -> ServiceAccount:
        """ServerDownError where none was entered that can be read."""
        try:
            return read_account(read_keys(self.secret).get("account", ""))
        except BadAccountError as error:
            raise ServerDownError(_("The key of the service account cannot be read. Enter it again.")) from error

    def prepare(self, workspace: OpenWorkspace, message: Message) -> "RcsRun":
        return RcsRun(self, workspace, message)

    def send_words(self, workspace: OpenWorkspace, subject: str, text: str, *, to: str) -> Outcome:
        return self._send_one(to, message_payload(f"{subject}: {text}"))

    def send_sample(self, run: "RcsRun", recipient: Recipient) -> Outcome:
        return self._send_one(recipient.address, run.payload(recipient, plain=True))

    def faults(self, message: Message) -> list[str]:
        """Nothing that is not said for each person."""
        return []

    def show(self, message: Message, text: str, fields: Fields) -> Bubble:
        """The message as it will look on a phone."""
        message_payload(text)  # says what is too long
        words, suggestions = split_suggestions(text)
        buttons = tuple(f"{one.label} → {one.url}" if one.url else one.label for one in suggestions)
        return Bubble(words, buttons=buttons, says=_("The list at the end of the text becomes buttons."))

    def asking_for(self, to: str, message_id: str, payload: dict[str, Any]) -> Ask[Fetched]:
        """What a thread does for one message: a token where none counts, then the request, again where no answer came."""
        query = urlencode({"messageId": message_id, "agentId": self.settings.agent_id})
        place = f"{self.url().rstrip('/')}/v1/phones/{to}/agentMessages?{query}"
        account, seconds = self.account, self.seconds
        self.lines()  # here: each thread would open lines of its own, which nobody closes

        def ask() -> Fetched:
            token = account.token(seconds=seconds)
            answer = self.asking(json_posting(payload, Authorization=f"Bearer {token}"), place)()
            if answer.status == 401:
                account.forget()
            return answer

        return ask

    def judge(self, asked: Future[Fetched]) -> Outcome:
        """As for every provider; 404 is about the phone: it has no RCS, and may have it tomorrow."""
        error = asked.exception()
        if isinstance(error, ServerDownError):
            raise error
        if error is None and asked.result().status == NOT_REACHED:
            return Outcome(OutcomeKind.UNSENDABLE, "404 not reachable by RCS", "no_rcs")
        return super().judge(asked)

    def read(self, tree: object, answer: Fetched) -> Said:
        code = word_of(tree, "error", "status")
        return Said(code, word_of(tree, "error", "message")[:200], had_it=answer.status == 409)

    def _send_one(self, to: str, payload: dict[str, Any]) -> Outcome:
        return self.judge(self.threads().submit(self.asking_for(to, str(uuid4()), payload)))


class RcsRun:
    """One message, compiled once and handed over several at once."""

    def __init__(self, messenger: RcsMessenger, workspace: OpenWorkspace, message: Message) -> None:
        self.messenger, self.workspace, self.message = messenger, workspace, message
        self.compiled: CompiledMessage = compile_message(message, workspace)
        self.needs = self.compiled.needs

    def send(self, recipients: Iterator[Recipient], watch: Watch) -> Iterator[tuple[Recipient, Outcome]]:
        here = self.messenger
        here.account  # noqa: B018 - where it cannot be read nobody is begun
        round_ = InFlight[Fetched](here.threads(), here.settings.connections, write=self._write, judge=here.judge)
        yield from round_.send(recipients, watch)

    def payload(self, one: Recipient, *, plain: bool = False) -> dict[str, Any]:
        """What is asked for this person; `plain`: links are not counted. MissingFieldError, BadTemplateError."""
        counted = addresses_for(self.workspace, self.message.pk, one.contact_id)
        places = plain_addresses(self.compiled.links.rows) if plain else counted
        return message_payload(self.compiled.write(one.fields, places).text)

    def _write(self, one: Recipient) -> Ask[Fetched] | Outcome:
        if PLAIN_PHONE.match(one.address) is None:
            return Outcome(OutcomeKind.UNSENDABLE, "no number", "no_address")
        try:
            payload = self.payload(one)
        except MissingFieldError as error:
            return Outcome(OutcomeKind.UNSENDABLE, error.field, "missing_field")
        except BadTemplateError as error:
            return Outcome(OutcomeKind.UNSENDABLE, str(error)[:300], "render_error")
        name = message_uuid(self.workspace.pk, self.message.pk, one.contact_id, one.occasion)
        return self.messenger.asking_for(one.address, name, payload)
