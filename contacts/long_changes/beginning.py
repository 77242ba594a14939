"""Beginning a change that means so many people that nobody waits for it: the agenda makes it, piece by piece."""

from collections.abc import Mapping
from typing import Any

from contacts.models import LongChange
from workspaces import agenda
from workspaces.models import User

WORK = "contacts.long_changes"
AT_ONCE = 10_000  # people: a change that means more is made in the background
RETYPE, HAND_ON, COMPANY = "retype", "hand_on", "company"


def begin(kind: str, argument: Mapping[str, Any], people: int, *, by: User | None) -> LongChange:
    """The agenda makes this change of so many people from now on. In the caller's transaction."""
    change = LongChange.objects.create(
        kind=kind, argument=dict(argument), total_count=people, by_id=by.pk if by else None
    )
    agenda.set_due(WORK)
    return change


def going(kind: str, **argument: Any) -> LongChange | None:
    """The change of this kind, with this in its argument, that is being made now."""
    found = LongChange.objects.filter(kind=kind, state=LongChange.State.RUNNING, argument__contains=argument)
    return found.order_by("pk").first()


def hand_over(to_id: int, instead_id: int | None) -> None:
    """What is on its way into the hands of a member who leaves goes to who takes over. Waits for a piece on its way."""
    changes = LongChange.objects.select_for_update().filter(
        kind=HAND_ON, state=LongChange.State.RUNNING, argument__to=to_id
    )
    for change in changes.order_by("pk"):
        change.argument = change.argument | {"to": instead_id}
        change.save(update_fields=["argument"])
