"""Brevo: events one by one or in a list, unsigned; proven by the password in the address or as a token (Bearer)."""

from collections.abc import Iterable
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from delivery.returns.events import Kind, ReturnEvent, event, part_of, word_of
from delivery.returns.provider import WithPassword, bounce, items_of

OUR_ID = "X-Mailin-custom"  # a header that comes back: our Message-ID, where Brevo wrote one of its own
PLAIN = {
    "delivered": Kind.DELIVERED,
    "spam": Kind.COMPLAINT,
    "complaint": Kind.COMPLAINT,
    "unsubscribed": Kind.UNSUBSCRIBE,
    "unsubscribe": Kind.UNSUBSCRIBE,
    "opened": Kind.OPEN,
    "unique_opened": Kind.OPEN,
    "click": Kind.CLICK,
}
BOUNCES = {"hard_bounce": True, "invalid_email": True, "soft_bounce": False}  # event → is it hard


class Brevo(WithPassword):
    key: ClassVar[str] = "brevo"
    name: ClassVar[str] = "Brevo"
    enter_at = _("Transactional → Settings → Webhook → Add a new webhook")
    tick = _("Delivered, soft bounce, hard bounce, invalid email, complaint, unsubscribed")

    def told(self, tree: Any) -> Iterable[ReturnEvent | None]:
        return [self._event(one) for one in items_of(tree)]

    def _event(self, one: Any) -> ReturnEvent | None:
        name = word_of(one, "event")
        facts = {
            "at": part_of(one, "ts_event") or part_of(one, "ts"),
            "address": part_of(one, "email"),
            "message_id": part_of(one, OUR_ID) or part_of(one, "message-id"),
        }
        if name in BOUNCES:
            return bounce(is_hard=BOUNCES[name], words=part_of(one, "reason"), **facts)
        if name not in PLAIN:
            return None
        return event(PLAIN[name], agent=part_of(one, "user_agent"), url=part_of(one, "link"), **facts)
