"""Everybody whom a member owned goes into a colleague's hands, or nobody's."""

from django.utils.translation import gettext as _

from contacts.long_changes.base import LongKind, Piece
from contacts.long_changes.beginning import HAND_ON
from contacts.models import LongChange
from contacts.owning import hand_on_some, names_of


class HandOn(LongKind):
    """Who takes over is looked up at each piece: they may leave before the last."""

    name = HAND_ON

    def make(self, change: LongChange, most: int) -> Piece:
        said = change.argument
        people = hand_on_some(said["from"], said["to"], after_id=change.after_id, most=most, by_id=change.by_id)
        return Piece(len(people), people[-1] if len(people) == most else None)

    def said(self, change: LongChange) -> str:
        said = change.argument
        names = names_of([one for one in (said["from"], said["to"]) if one])
        if said["to"] is None:
            return _("The people of %(name)s are in nobody’s hands") % {"name": names.get(said["from"], "")}
        return _("The people of %(name)s go to %(other)s") % {
            "name": names.get(said["from"], ""),
            "other": names.get(said["to"], ""),
        }
