"""What the pages say of changes that mean very many people: how far each is."""

from typing import Any

from contacts.long_changes.going_on import KINDS, changes_shown
from contacts.models import LongChange


def shown_change(change: LongChange) -> dict[str, Any]:
    """One of them, as a page says it."""
    return {
        "pk": change.pk,
        "said": KINDS[change.kind].said(change),
        "is_going": change.state == LongChange.State.RUNNING,
        "trouble": change.trouble if change.state == LongChange.State.FAILED else "",
        "done": change.done_count,
        "total": change.total_count,
        "kept": change.kept_count,
    }


def shown_changes(*kinds: str, **argument: Any) -> list[dict[str, Any]]:
    """Those of these kinds, with this in their argument."""
    found = changes_shown(*kinds)
    return [shown_change(one) for one in found if argument.items() <= one.argument.items()]
