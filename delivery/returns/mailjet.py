"""Mailjet: events one by one or in groups, unsigned; proven by the password in the address (HTTP Basic)."""

from collections.abc import Iterable
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from delivery.returns.events import Kind, ReturnEvent, event, part_of, word_of
from delivery.returns.provider import WithPassword, bounce, items_of

PLAIN = {
    "sent": Kind.DELIVERED,  # their word for: taken by the reader's server
    "spam": Kind.COMPLAINT,
    "unsub": Kind.UNSUBSCRIBE,
    "open": Kind.OPEN,
    "click": Kind.CLICK,
}
DEAD = frozenset({"user unknown", "invalid domain", "no mail host"})


class Mailjet(WithPassword):
    key: ClassVar[str] = "mailjet"
    name: ClassVar[str] = "Mailjet"
    enter_at = _("Account → Event notifications (webhooks)")
    tick = _("Sent, bounce, blocked, spam, unsubscribed; “Group events” where it is offered")

    def told(self, tree: Any) -> Iterable[ReturnEvent | None]:
        return [self._event(one) for one in items_of(tree)]

    def _event(self, one: Any) -> ReturnEvent | None:
        name = word_of(one, "event")
        facts = {"at": part_of(one, "time"), "address": part_of(one, "email"), "message_id": part_of(one, "CustomID")}
        if name in {"bounce", "blocked"}:
            error = word_of(one, "error")
            is_hard = part_of(one, "hard_bounce") is True or error in DEAD
            words = f"{error} {word_of(one, 'comment')}"
            return bounce(is_hard=is_hard, words=words, **facts)
        if name not in PLAIN:
            return None
        return event(PLAIN[name], agent=part_of(one, "agent"), url=part_of(one, "url"), **facts)
