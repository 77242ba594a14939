"""SendGrid: events in lists; signed by ECDSA (P-256, SHA-256) over the timestamp of its header and the raw body."""

import base64
import binascii
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key
from django.utils.translation import gettext_lazy as _

from delivery.returns.events import Kind, ReturnEvent, event, part_of, word_of
from delivery.returns.provider import ForgedError, Provider, bounce, check_age, items_of

SIGNATURE, TIMESTAMP = "X-Twilio-Email-Event-Webhook-Signature", "X-Twilio-Email-Event-Webhook-Timestamp"
OLDEST = 14 * 86_400  # they try for a day; what is played again within that changes nothing
OUR_ID = "ecrm_id"  # our Message-ID as a custom argument: SendGrid writes one of its own into the email
PLAIN = {
    "delivered": Kind.DELIVERED,
    "spamreport": Kind.COMPLAINT,
    "unsubscribe": Kind.UNSUBSCRIBE,
    "group_unsubscribe": Kind.UNSUBSCRIBE,
    "open": Kind.OPEN,
    "click": Kind.CLICK,
}
DROPPED = frozenset({"Bounced Address", "Invalid"})  # why it was never tried: the address is dead


class SendGrid(Provider):
    key: ClassVar[str] = "sendgrid"
    name: ClassVar[str] = "SendGrid"
    asks_for = _("Verification key")
    enter_at = _("Settings → Mail settings → Event webhooks; switch on “Signed event webhook”")
    tick = _("Delivered, bounced, dropped, spam reports, unsubscribes, group unsubscribes")

    def verify(self, headers: Mapping[str, str], raw: bytes, secret: str) -> None:
        timestamp = headers.get(TIMESTAMP, "")
        try:
            key = load_der_public_key(base64.b64decode(secret, validate=True))
            given = base64.b64decode(headers.get(SIGNATURE, ""), validate=True)
        except (binascii.Error, ValueError, UnsupportedAlgorithm) as error:
            raise ForgedError("the key or the signature cannot be read") from error
        text = timestamp.encode() + raw
        try:
            if isinstance(key, EllipticCurvePublicKey):
                key.verify(given, text, ECDSA(SHA256()))
            elif isinstance(key, Ed25519PublicKey):
                key.verify(given, text)
            else:
                raise ForgedError("the key is of another kind")
        except InvalidSignature as error:
            raise ForgedError("the signature does not fit") from error
        check_age(timestamp, past=OLDEST)

    def told(self, tree: Any) -> Iterable[ReturnEvent | None]:
        return [self._event(one) for one in items_of(tree)]

    def _event(self, one: Any) -> ReturnEvent | None:
        name, words = word_of(one, "event"), word_of(one, "reason")
        facts = {
            "at": part_of(one, "timestamp"),
            "address": part_of(one, "email"),
            "message_id": part_of(one, OUR_ID) or part_of(one, "smtp-id"),
        }
        if name == "bounce":
            is_hard = part_of(one, "type") == "bounce"
            return bounce(is_hard=is_hard, status=part_of(one, "status"), words=words, **facts)
        if name == "dropped":
            return bounce(is_hard=True, words=words, **facts) if words in DROPPED else None
        if name not in PLAIN:
            return None
        return event(PLAIN[name], agent=part_of(one, "useragent"), url=part_of(one, "url"), **facts)
