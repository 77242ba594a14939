"""Mailgun: one event a call; the body itself bears the signature: HMAC-SHA256 over timestamp and token."""

import hmac
from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from delivery.returns.events import Kind, ReturnEvent, event, part_of, word_of
from delivery.returns.provider import ForgedError, Provider, bounce, check_age, tree_of

OLDEST = 14 * 86_400  # they try for hours; what is played again within that changes nothing
OUR_ID = "ecrm-id"  # our Message-ID as a variable
PLAIN = {
    "delivered": Kind.DELIVERED,
    "complained": Kind.COMPLAINT,
    "unsubscribed": Kind.UNSUBSCRIBE,
    "opened": Kind.OPEN,
    "clicked": Kind.CLICK,
}


class Mailgun(Provider):
    key: ClassVar[str] = "mailgun"
    name: ClassVar[str] = "Mailgun"
    asks_for = _("HTTP webhook signing key")
    enter_at = _("Sending → Webhooks → Add webhook; the key stands at API security")
    tick = _("Delivered, permanent failure, spam complaints, unsubscribes")

    def verify(self, headers: Mapping[str, str], raw: bytes, secret: str) -> None:
        signed = part_of(tree_of(raw), "signature")
        timestamp, token, given = (word_of(signed, name) for name in ("timestamp", "token", "signature"))
        if not (timestamp and token and given):
            raise ForgedError("there is no signature")
        wanted = hmac.digest(secret.encode(), f"{timestamp}{token}".encode(), sha256).hex()
        if not secret or not hmac.compare_digest(wanted.encode(), given.encode()):
            raise ForgedError("the signature does not fit")
        check_age(timestamp, past=OLDEST)

    def told(self, tree: Any) -> Iterable[ReturnEvent | None]:
        yield self._event(part_of(tree, "event-data"))

    def _event(self, one: Any) -> ReturnEvent | None:
        name = word_of(one, "event")
        facts = {
            "at": part_of(one, "timestamp"),
            "address": part_of(one, "recipient"),
            "message_id": part_of(one, "user-variables", OUR_ID) or part_of(one, "message", "headers", "message-id"),
        }
        if name == "failed":
            return self._failed(one, facts)
        if name not in PLAIN:
            return None
        agent = part_of(one, "client-info", "user-agent")
        return event(PLAIN[name], agent=agent, url=part_of(one, "url"), **facts)

    def _failed(self, one: Any, facts: dict[str, Any]) -> ReturnEvent | None:
        """While they still try, nothing is said of the address."""
        if part_of(one, "severity") != "permanent":
            return None
        said = part_of(one, "delivery-status")
        words = part_of(said, "message") or part_of(said, "description")
        is_hard = word_of(one, "reason") in ("bounce", "suppress-bounce")
        return bounce(is_hard=is_hard, status=part_of(said, "enhanced-code"), words=words, **facts)
