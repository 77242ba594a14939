"""Every value of a field is written as its new type writes it."""

from django.utils.translation import gettext as _

from contacts.custom_fields.retyping import retype_between
from contacts.long_changes.base import LongKind, Piece
from contacts.long_changes.beginning import RETYPE
from contacts.models import CustomType, FieldDefinition, LongChange
from lib.sql import run_sql
from workspaces.current import current_workspace_id


class Retype(LongKind):
    """The field is of its new type already, so that what is entered meanwhile fits; what came in between and does not stays."""

    name = RETYPE

    def make(self, change: LongChange, most: int) -> Piece:
        field = FieldDefinition.objects.filter(pk=change.argument["field"]).first()
        if field is None:
            return Piece(0, None)
        params = {"workspace": current_workspace_id(), "name": field.name, "after": change.after_id, "most": most}
        people, last = run_sql("contacts/next_holders", params)[0]
        if not people:
            return Piece(0, None)
        done = retype_between(field, change.after_id, last, change.argument.get("answers", {}), by_id=change.by_id)
        return Piece(people, last, done.unfit_people)

    def said(self, change: LongChange) -> str:
        return _("“%(field)s” becomes %(type)s") % {
            "field": change.argument["label"],
            "type": CustomType(change.argument["type"]).label,
        }
