"""Who got which emails: what was sent to somebody needs not be shown to them again."""

from collections.abc import Sequence

from contacts.models import Merged
from delivery.models import Delivery


def who_got(message_ids: Sequence[int], contact_ids: Sequence[int]) -> dict[int, set[int]]:
    """Contact → those of these messages that were sent to them, or to whoever merged into them. Two statements, none for none."""
    found: dict[int, set[int]] = {}
    if not message_ids or not contact_ids:
        return found
    losers = dict(Merged.objects.filter(survivor__in=contact_ids).values_list("loser_id", "survivor_id"))
    rows = Delivery.objects.filter(message__in=message_ids, contact__in=[*contact_ids, *losers])
    for who, message in rows.filter(state=Delivery.State.SENT).values_list("contact_id", "message_id"):
        found.setdefault(losers.get(who, who), set()).add(message)
    return found
