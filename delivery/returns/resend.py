"""Resend: one event a call, signed as Svix and the Standard Webhooks specification say."""

import hmac
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from delivery.returns.events import Kind, ReturnEvent, event, part_of, texts_in, word_of
from delivery.returns.provider import ForgedError, Provider, bounce, check_age
from lib.standard_webhooks import BadSecretError, sign

FRESH_SECONDS = 300  # each try is signed anew
OUR_TAG = "ecrm"  # our Message-ID as a tag, which takes letters, digits and lines only
PLAIN = {
    "email.delivered": Kind.DELIVERED,
    "email.complained": Kind.COMPLAINT,
    "email.opened": Kind.OPEN,
    "email.clicked": Kind.CLICK,
}


class Resend(Provider):
    key: ClassVar[str] = "resend"
    name: ClassVar[str] = "Resend"
    asks_for = _("Signing secret")
    enter_at = _("Webhooks → Add webhook; the secret stands on the webhook’s page")
    tick = _("email.delivered, email.bounced, email.complained")

    def verify(self, headers: Mapping[str, str], raw: bytes, secret: str) -> None:
        name, timestamp, given = (
            headers.get(f"svix-{part}", "") or headers.get(f"webhook-{part}", "")
            for part in ("id", "timestamp", "signature")
        )
        if not timestamp.isascii() or not timestamp.isdigit() or not secret:
            raise ForgedError("the signature bears no time")
        check_age(timestamp, past=FRESH_SECONDS)
        try:
            wanted = sign(secret, name, int(timestamp), raw)
        except (BadSecretError, ValueError) as error:
            raise ForgedError("the signing secret cannot be read") from error
        if not any([hmac.compare_digest(wanted.encode(), one.encode()) for one in given.split()]):  # noqa: C419 - all of them
            raise ForgedError("the signature does not fit")

    def told(self, tree: Any) -> Iterable[ReturnEvent | None]:
        data = part_of(tree, "data")
        for address in texts_in(part_of(data, "to")) or [""]:
            yield self._event(word_of(tree, "type"), data, address, part_of(tree, "created_at"))

    def _event(self, name: str, data: Any, address: str, at: object) -> ReturnEvent | None:
        facts = {"at": at, "address": address, "message_id": _message_id(data)}
        if name == "email.bounced":
            said = part_of(data, "bounce")
            return bounce(is_hard=part_of(said, "type") == "Permanent", words=part_of(said, "message"), **facts)
        if name not in PLAIN:
            return None
        click = part_of(data, "click")
        return event(PLAIN[name], agent=part_of(click, "userAgent"), url=part_of(click, "link"), **facts)


def _message_id(data: Any) -> object:
    """Of our tag or the email's headers, where they come along."""
    tag = word_of(data, "tags", OUR_TAG)
    if tag:
        return f"{tag.replace('_', '.')}@tag"
    headers = part_of(data, "headers")
    for one in headers if isinstance(headers, list) else ():
        if word_of(one, "name").lower() == "message-id":
            return part_of(one, "value")
    return part_of(data, "message_id")
