"""Amazon SES tells by SNS: a signed envelope whose text is the event. The certificate comes from Amazon, the topic is ours.

Anybody may have Amazon sign a notification of theirs: so the envelope must also name the topic that was written down.
"""

import base64
import binascii
import re
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

import structlog
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.x509 import load_pem_x509_certificate
from django.core.cache import cache
from django.utils.translation import gettext_lazy as _

from delivery.returns.events import MOST_EVENTS, Kind, ReturnEvent, event, moment_of, part_of, texts_in, word_of
from delivery.returns.provider import BadBodyError, ForgedError, Provider, bounce, check_age, tree_of
from lib.connections.outgoing import UnsafeAddressError
from lib.connections.safe_fetch import FetchFailedError, safe_fetch
from lib.foreign.foreign_json import BadJsonError, read_json

AMAZON = r"https://sns\.[a-z0-9-]{2,30}\.amazonaws\.com(?:\.cn)?/"
AMAZONS = re.compile(AMAZON + r"[^\s#]{1,1500}")
CERTIFICATE = re.compile(
    AMAZON + r"SimpleNotificationService-[0-9a-f]{16,64}\.pem"
)  # other files there may be anybody's
OUR_TAG = "ecrm"  # our Message-ID as a tag of the email
SIGNED = {
    "Notification": ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    "SubscriptionConfirmation": ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
    "UnsubscribeConfirmation": ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
}
OLDEST = 30 * 86_400  # a topic may try for weeks; what is played again within that changes nothing
SECONDS, CERTIFICATE_KEPT, LARGEST_CERTIFICATE = 5.0, 86_400, 20_000
log = structlog.get_logger(__name__)


class Ses(Provider):
    key: ClassVar[str] = "ses"
    name: ClassVar[str] = "Amazon SES"
    asks_for = _("ARN of the SNS topic")
    enter_at = _(
        "SNS → your topic → Create subscription, protocol HTTPS; then SES → Configuration set → Event destinations"
    )
    tick = _("Deliveries, bounces, complaints, subscriptions. Confirming the subscription happens by itself")

    def verify(self, headers: Mapping[str, str], raw: bytes, secret: str) -> None:
        tree = tree_of(raw)
        if not secret or part_of(tree, "TopicArn") != secret.strip():
            raise ForgedError("it names another topic")
        names = SIGNED.get(word_of(tree, "Type"))
        if names is None:
            raise ForgedError("it is no notification of SNS")
        version = word_of(tree, "SignatureVersion")
        if version not in {"1", "2"}:
            raise ForgedError("the signature is of another kind")
        text = "".join(f"{name}\n{tree[name]}\n" for name in names if isinstance(tree.get(name), str))
        try:
            given = base64.b64decode(word_of(tree, "Signature"), validate=True)
            hashed = SHA1() if version == "1" else SHA256()  # noqa: S303 - SNS signs so unless told otherwise
            _public_key(word_of(tree, "SigningCertURL")).verify(given, text.encode(), PKCS1v15(), hashed)
        except (InvalidSignature, binascii.Error, ValueError) as error:
            raise error if isinstance(error, ForgedError) else ForgedError("the signature does not fit") from error
        check_age(moment_of(part_of(tree, "Timestamp")).timestamp(), past=OLDEST)

    def confirm(self, raw: bytes) -> None:
        """Visit the address that Amazon asks to be visited before a topic tells anything."""
        tree = tree_of(raw)
        url = word_of(tree, "SubscribeURL")
        if word_of(tree, "Type") != "SubscriptionConfirmation" or not AMAZONS.fullmatch(url):
            return
        try:
            safe_fetch(url, seconds=SECONDS, largest=LARGEST_CERTIFICATE, cuts=True)
        except (UnsafeAddressError, FetchFailedError) as error:  # Amazon asks again
            log.warning("sns_not_confirmed", error=str(error)[:200])

    def told(self, tree: Any) -> Iterable[ReturnEvent | None]:
        if part_of(tree, "Type") != "Notification":
            return []
        try:
            return list(self._events(read_json(word_of(tree, "Message"))))
        except BadJsonError as error:
            raise BadBodyError(f"its text is no event: {error}"[:200]) from error

    def _events(self, tree: Any) -> Iterable[ReturnEvent | None]:
        kind, mail = word_of(tree, "eventType") or word_of(tree, "notificationType"), part_of(tree, "mail")
        said = part_of(tree, kind.lower())
        facts = {"at": part_of(said, "timestamp") or part_of(mail, "timestamp"), "message_id": _message_id(mail)}
        if kind == "Bounce":
            is_hard = part_of(said, "bounceType") == "Permanent"
            for one in _list(part_of(said, "bouncedRecipients")):
                words, status = part_of(one, "diagnosticCode"), part_of(one, "status")
                yield bounce(is_hard=is_hard, words=words, status=status, address=part_of(one, "emailAddress"), **facts)
        elif kind == "Complaint" and part_of(said, "complaintFeedbackType") != "not-spam":
            for one in _list(part_of(said, "complainedRecipients")):
                yield event(Kind.COMPLAINT, address=part_of(one, "emailAddress"), **facts)
        elif kind == "Delivery":
            for address in _list(part_of(said, "recipients")):
                yield event(Kind.DELIVERED, address=address, **facts)
        elif kind in {"Open", "Click", "Subscription"}:
            named = {"Open": Kind.OPEN, "Click": Kind.CLICK, "Subscription": Kind.UNSUBSCRIBE}[kind]
            seen = {"agent": part_of(said, "userAgent"), "url": part_of(said, "link")}
            for address in _list(part_of(mail, "destination")):
                yield event(named, address=address, **seen, **facts)
        else:
            yield None


def _public_key(url: str) -> RSAPublicKey:
    """The key of the certificate at Amazon's address, kept for a day. ForgedError for any other address."""
    if not CERTIFICATE.fullmatch(url):
        raise ForgedError("the certificate is not from Amazon")
    pem = cache.get(f"sns:{url}")
    if pem is None:
        try:
            found = safe_fetch(url, seconds=SECONDS, largest=LARGEST_CERTIFICATE)
        except (UnsafeAddressError, FetchFailedError) as error:
            raise ForgedError("the certificate cannot be fetched") from error
        if found.status != 200 or not CERTIFICATE.fullmatch(found.url):
            raise ForgedError("the certificate cannot be fetched")
        pem = found.body
        cache.set(f"sns:{url}", pem, CERTIFICATE_KEPT)
    key = load_pem_x509_certificate(pem).public_key()
    if not isinstance(key, RSAPublicKey):
        raise ForgedError("the certificate is of another kind")
    return key


def _message_id(mail: Any) -> object:
    """Ours: SES writes its own into the email, and tells what stood there before, and the tags."""
    if tags := texts_in(part_of(mail, "tags", OUR_TAG)):
        return tags[0]
    for one in _list(part_of(mail, "headers")):
        if word_of(one, "name").lower() == "message-id":
            return part_of(one, "value")
    return part_of(mail, "commonHeaders", "messageId")


def _list(given: Any) -> list[Any]:
    return given[:MOST_EVENTS] if isinstance(given, list) else []
