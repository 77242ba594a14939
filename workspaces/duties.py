"""What is in the hands of a member, said before they leave, and given to a colleague or to nobody then."""

from django.db import transaction

from lib.rooms import house
from lib.signs import Text
from workspaces.models import User


def said_duties(user_id: int) -> list[Text]:
    """What of theirs would be in nobody's hands, in words; nothing where there is none."""
    return [duty.says(count) for duty in house.member_duties if (count := duty.count(user_id))]


@transaction.atomic
def hand_on_duties(user_id: int, to_id: int | None, *, by: User | None) -> int:
    """Everything in a member's hands is a colleague's from now on (None: nobody's); how much. May be repeated."""
    return sum(duty.hand_on(user_id, to_id, by) for duty in house.member_duties)
