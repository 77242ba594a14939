"""The people of the list kept: as a segment by the rule that its filters make, or as a list of who fits today."""

from django.db import transaction
from django.utils.translation import gettext as _

from lib.clock import now
from lib.local_words import date_format
from segments.listing import ids_asked
from segments.members.rechecking import bring_in_members
from segments.models import Segment
from segments.people.asking import Asked
from segments.picking import make_list, pick


class NameTakenError(ValueError):
    """Another segment bears that name."""


class NoRuleError(ValueError):
    """Part of what is asked cannot be said by a rule."""


@transaction.atomic
def keep_rule(asked: Asked, name: str, *, owner_id: int, is_private: bool = False) -> Segment:
    """A segment of everybody who fits, now and from now on. NameTakenError; NoRuleError; TooSlowError."""
    rule, unsaid = asked.as_rule()
    if unsaid:
        text = _("No segment can say this: %(what)s. Keep these people as a list instead.")
        raise NoRuleError(text % {"what": ", ".join(unsaid)})
    made = Segment.objects.create(name=_free(name), rule=rule, owner_id=owner_id, is_private=is_private)
    bring_in_members(made)
    return made


@transaction.atomic
def keep_people(asked: Asked, name: str, *, owner_id: int, is_private: bool = False) -> Segment:
    """A list of those who fit today. NameTakenError, TooSlowError."""
    made = make_list(_free(name), owner_id=owner_id, is_private=is_private)
    pick(made, ids_asked(**asked.of_whom), by_id=owner_id)
    return made


def _free(name: str) -> str:
    wanted = name or _("People of %(day)s") % {"day": date_format(now(), "j M Y H:i")}
    if Segment.objects.filter(name=wanted).exists():
        raise NameTakenError(_("Another segment is called that already."))
    return wanted
