"""Messages by webhook: each is one signed POST to a system of the workspace's own, which carries it on.

Signed as Standard Webhooks says; the id is the same on every retry, so that the other side counts a message once.
"""

import json
import secrets
from collections.abc import Iterator
from typing import Any, ClassVar

import msgspec
from django.utils.translation import gettext_lazy

from contacts.channels import Channel
from delivery.content.addressing import addresses_for, plain_addresses
from delivery.content.compiling import Address, CompiledMessage, compile_message
from delivery.content.liquid import BadTemplateError, MissingFieldError
from delivery.messengers.protocol import (
    AskedToWaitError,
    Capabilities,
    ConnectionLostError,
    Outcome,
    OutcomeKind,
    Recipient,
    ServerDownError,
    Watch,
)
from delivery.models import Message, Sender
from delivery.senders import secret_of, settings_of
from lib.connections.outgoing import UnsafeAddressError
from lib.connections.safe_fetch import SECONDS, FetchFailedError, safe_fetch
from lib.foreign.foreign_json import read_json
from lib.standard_webhooks import BadSecretError, signed_headers
from workspaces.current import OpenWorkspace

GONE = {404, 410}
WAIT = {429, 503}
AGAIN = {408, 409, 425}
LARGEST_ANSWER = 4_096


class WebhookSettings(msgspec.Struct, frozen=True):
    """Where messages go, and by which channel the other side carries them: its addresses and consents count."""

    url: str
    channel: str = "mobile"


class WebhookMessenger:
    """Signed JSON to an address of ours."""

    kind: ClassVar[str] = "webhook"
    label = gettext_lazy("Webhook")
    icon: ClassVar[str] = "webhook"
    Settings = WebhookSettings
    form: ClassVar[str] = "delivery.forms.WebhookSenderForm"

    def __init__(self, sender: Sender, seconds: float | None = None) -> None:
        self.sender, self.settings, self.seconds = sender, settings_of(sender, WebhookSettings), seconds or SECONDS

    @property
    def channel(self) -> int:
        return int(Channel[self.settings.channel.upper()])

    def capabilities(self) -> Capabilities:
        return Capabilities(tracks_clicks=True)

    def prepare(self, workspace: OpenWorkspace, message: Message) -> "WebhookRun":
        return WebhookRun(self, workspace, message)

    def send_words(self, workspace: OpenWorkspace, subject: str, text: str, *, to: str) -> Outcome:
        return self.post(f"test_{secrets.token_hex(8)}", {"test": True, "to": to, "subject": subject, "text": text})

    def send_sample(self, run: "WebhookRun", recipient: Recipient) -> Outcome:
        body = run.body(recipient, plain_addresses(run.compiled.links.rows)) | {"test": True}
        return self.post(f"test_{secrets.token_hex(8)}", body)

    def post(self, message_id: str, body: dict[str, Any]) -> Outcome:
        """One signed POST. ServerDownError, AskedToWaitError, ConnectionLostError, SealBrokenError."""
        raw = json.dumps(body, ensure_ascii=False).encode()
        try:
            headers = signed_headers(secret_of(self.sender), message_id, raw)
            headers |= {"Content-Type": "application/json", "Idempotency-Key": message_id}
            found = safe_fetch(
                self.settings.url,
                method="POST",
                headers=headers,
                content=raw,
                largest=LARGEST_ANSWER,
                seconds=self.seconds,
            )
        except (UnsafeAddressError, BadSecretError) as error:
            raise ServerDownError(str(error)) from error
        except FetchFailedError as error:
            raise ConnectionLostError(str(error)) from error
        answer = str(found.status)
        if found.status in WAIT:
            raise AskedToWaitError(answer)
        if 200 <= found.status < 300:
            return Outcome(OutcomeKind.ACCEPTED, answer)
        if found.status >= 500 or found.status in AGAIN:
            return Outcome(OutcomeKind.LATER, answer)
        return Outcome(
            OutcomeKind.REFUSED, answer, is_dead_address=found.status in GONE and _is_about_recipient(found.body)
        )

    def close(self) -> None:
        """Nothing stays open between two POSTs."""


class WebhookRun:
    """One message, compiled once."""

    def __init__(self, messenger: WebhookMessenger, workspace: OpenWorkspace, message: Message) -> None:
        self.messenger, self.workspace, self.message = messenger, workspace, message
        self.compiled: CompiledMessage = compile_message(message, workspace)

    def send(self, recipients: Iterator[Recipient], watch: Watch) -> Iterator[tuple[Recipient, Outcome]]:
        for one in recipients:
            try:
                body = self.body(one, addresses_for(self.workspace, self.message.pk, one.contact_id))
            except MissingFieldError as error:
                yield one, Outcome(OutcomeKind.UNSENDABLE, error.field, "missing_field")
                continue
            except BadTemplateError as error:
                yield one, Outcome(OutcomeKind.UNSENDABLE, str(error)[:300], "render_error")
                continue
            watch.mark(one.slot, "about")
            if not watch.may_go(one):
                watch.mark(one.slot, "untouched")
                raise ConnectionLostError("stopped by us")
            try:
                outcome = self.messenger.post(f"msg_{self.message.pk}.{one.contact_id}.{one.occasion}", body)
            except OSError:
                watch.mark(one.slot, "untouched")  # under the same id it counts once there: it may simply be sent again
                raise
            watch.mark(one.slot, str(outcome.kind))
            yield one, outcome

    def body(self, one: Recipient, address: Address) -> dict[str, Any]:
        """What the other side gets. MissingFieldError, BadTemplateError."""
        written = self.compiled.write(one.fields, address)
        return {
            "type": "message",
            "workspace": self.workspace.slug,
            "message": self.message.pk,
            "contact": one.contact_id,
            "occasion": one.occasion,
            "channel": self.messenger.settings.channel,
            "to": one.address,
            "subject": written.subject,
            "text": written.text,
            "html": written.html,
            "unsubscribe": address("unsubscribe") if self.message.is_purposeful else "",
        }


def _is_about_recipient(body: bytes) -> bool:
    """Whether the other side names the recipient as the reason: {"recipient": "unknown"}."""
    try:
        said = read_json(body)
    except ValueError:
        return False
    return isinstance(said, dict) and said.get("recipient") == "unknown"
