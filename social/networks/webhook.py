"""The generic webhook: signed JSON in, signed JSON out, for anything that can make a POST.

`X-Ecrm-Signature: t=<unix seconds>,v1=<hex>`, where v1 is HMAC-SHA256 over "<t>.<body>". Two secrets may be valid at
once, and a header may bear several v1, so that either side rotates without a gap.
"""

import hmac
import json
import time
from collections.abc import Mapping
from hashlib import sha256
from typing import ClassVar

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from conversations.channels import Capabilities, ChannelError, Outbox
from conversations.models import Connection
from lib.connections.outgoing import UnsafeAddressError
from lib.connections.safe_fetch import FetchFailedError, safe_fetch
from lib.foreign.foreign_json import BadJsonError, read_json
from social.forms import ConnectForm, check_reachable
from social.networks.protocol import ForgedError, Listener, Parsed
from social.networks.webhook_format import parse_body
from social.secrets import secrets_of

HEADER = "X-Ecrm-Signature"
FRESH_SECONDS = 300
# How far a sender's clock may be ahead of ours. Clocks kept by NTP differ by less than a second; every second allowed
# here is one more in which a delivery that somebody copied can be played again.
AHEAD_SECONDS = 10
TRY_AGAIN = {408, 409, 425, 429}


class WebhookForm(ConnectForm):
    """A new signed webhook."""

    callback_url = forms.URLField(
        label=_("Answers go to"),
        max_length=500,
        required=False,
        assume_scheme="https",
        help_text=_("Answers are posted there, signed the same way. Leave it empty to only listen."),
    )
    is_public = forms.BooleanField(label=_("Everyone can read it"), required=False, initial=True)

    def clean_callback_url(self) -> str:
        return check_reachable(self.cleaned_data["callback_url"])


class Webhook(Listener):
    """Anything that speaks our signed JSON."""

    key: ClassVar[str] = "webhook"
    label = _("Signed webhook")
    icon: ClassVar[str] = "webhook"
    says = _("For anything that can make a POST: bridges, forms, review platforms.")
    form = WebhookForm

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def capabilities(self) -> Capabilities:
        return Capabilities(receives=True, replies=bool(self.connection.callback_url), narrows=True)

    def verify_webhook(self, headers: Mapping[str, str], raw_body: bytes) -> None:
        moment, given = _read_header(headers.get(HEADER, ""))
        age = time.time() - moment
        if age > FRESH_SECONDS:
            raise ForgedError("the signature is older than five minutes")
        if age < -AHEAD_SECONDS:
            raise ForgedError("the signature is of a time to come: put the sender's clock right")
        wanted = [sign(secret, moment, raw_body) for secret in secrets_of(self.connection)]
        if not any([hmac.compare_digest(one, other) for one in wanted for other in given]):  # noqa: C419 - all of them
            raise ForgedError("the signature does not fit")

    def parse_webhook(self, headers: Mapping[str, str], raw_body: bytes) -> Parsed:
        return parse_body(raw_body)

    def reply(self, row: Outbox) -> str:
        if not self.connection.callback_url:
            raise ChannelError(_now("This connection has no address for answers."), again=False)
        body = json.dumps(
            {
                "key": row.key,
                "in_reply_to": row.mention_id,
                "url": row.mention_url,
                "thread": row.thread,
                "network": row.network,
                "public": row.is_public,
                "visibility": row.visibility,
                "warning": row.warning,
                "text": row.text,
            },
            ensure_ascii=False,
        ).encode()
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": row.key,
            HEADER: signature(secrets_of(self.connection)[0], body),
        }
        try:
            found = safe_fetch(
                self.connection.callback_url, method="POST", headers=headers, content=body, largest=65_536
            )
        except UnsafeAddressError as error:
            raise ChannelError(
                _now("We do not connect to this address: %(why)s.") % {"why": error}, again=False
            ) from error
        except FetchFailedError as error:
            raise ChannelError(_now("It does not answer as it should: %(why)s.") % {"why": error}) from error
        if not 200 <= found.status < 300:
            said = _now("Where the answer goes, they said %(status)d.") % {"status": found.status}
            raise ChannelError(said, again=found.status >= 500 or found.status in TRY_AGAIN)
        return _id_in(found.body)


def sign(secret: str, moment: int, body: bytes) -> str:
    """HMAC-SHA256 over "moment.body", in hex."""
    return hmac.new(secret.encode(), f"{moment}.".encode() + body, sha256).hexdigest()


def signature(secret: str, body: bytes, moment: int | None = None) -> str:
    """The whole header for a body, signed now."""
    moment = int(time.time()) if moment is None else moment
    return f"t={moment},v1={sign(secret, moment, body)}"


def _read_header(text: str) -> tuple[int, list[str]]:
    pairs = [part.strip().partition("=") for part in text.split(",")]
    times = [value for name, _eq, value in pairs if name == "t" and value.isascii() and value.isdigit()]
    given = [value for name, _eq, value in pairs if name == "v1" and value.isascii()]
    if len(times) != 1 or not given or len(given) > 4 or len(times[0]) > 12:
        raise ForgedError(f"{HEADER} is missing or not t=…,v1=…")
    return int(times[0]), given


def _id_in(body: bytes) -> str:
    try:
        said = read_json(body or b"{}")
    except BadJsonError:
        return ""
    return str(said.get("id") or "")[:300] if isinstance(said, dict) else ""
