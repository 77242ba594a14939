"""Postmark: one event a call, unsigned; proven by the password in the address (HTTP Basic)."""

from collections.abc import Iterable
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from delivery.returns.events import Kind, ReturnEvent, event, part_of, word_of
from delivery.returns.provider import WithPassword, bounce

HARD = frozenset({"HardBounce", "BadEmailAddress", "ManuallyDeactivated"})
SOFT = frozenset(
    {"SoftBounce", "DnsError", "Undeliverable", "Blocked", "SpamNotification", "DMARCPolicy", "VirusNotification"}
)


class Postmark(WithPassword):
    key: ClassVar[str] = "postmark"
    name: ClassVar[str] = "Postmark"
    enter_at = _("Your server → the message stream → Webhooks → Add webhook")
    tick = _("Delivery, Bounce, Spam complaint, Subscription change")

    def told(self, tree: Any) -> Iterable[ReturnEvent | None]:
        yield self._event(tree)

    def _event(self, tree: Any) -> ReturnEvent | None:
        kind = word_of(tree, "RecordType")
        who = {"address": part_of(tree, "Recipient") or part_of(tree, "Email"), "message_id": _own_id(tree)}
        if kind == "Delivery":
            return event(Kind.DELIVERED, at=part_of(tree, "DeliveredAt"), **who)
        if kind == "SpamComplaint":
            return event(Kind.COMPLAINT, at=part_of(tree, "BouncedAt"), **who)
        if kind == "SubscriptionChange":
            is_their_own = part_of(tree, "SuppressSending") is True and part_of(tree, "Origin") == "Recipient"
            is_stop = is_their_own and part_of(tree, "SuppressionReason") == "ManualSuppression"
            return event(Kind.UNSUBSCRIBE, at=part_of(tree, "ChangedAt"), **who) if is_stop else None
        if kind in {"Open", "Click"}:
            is_open, agent = kind == "Open", part_of(tree, "UserAgent")
            link = part_of(tree, "OriginalLink")
            return event(
                Kind.OPEN if is_open else Kind.CLICK, at=part_of(tree, "ReceivedAt"), agent=agent, url=link, **who
            )
        return self._bounce(tree, who) if kind == "Bounce" else None

    def _bounce(self, tree: Any, who: dict[str, Any]) -> ReturnEvent | None:
        kind, at = word_of(tree, "Type"), part_of(tree, "BouncedAt")
        if kind == "SpamComplaint":
            return event(Kind.COMPLAINT, at=at, **who)
        if kind == "Unsubscribe":
            return event(Kind.UNSUBSCRIBE, at=at, **who)
        if kind in HARD or kind in SOFT:
            words = part_of(tree, "Details") or part_of(tree, "Description")
            return bounce(is_hard=kind in HARD, words=words, at=at, **who)
        return None  # auto-replies, delays, subscriptions: nothing of the address


def _own_id(tree: Any) -> object:
    """Our Message-ID, where it was asked to be kept and came along as metadata."""
    return part_of(tree, "Metadata", "message-id") or part_of(tree, "Metadata", "message_id") or ""
