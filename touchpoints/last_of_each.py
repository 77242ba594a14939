"""The last touchpoint of many people at once: a column of the list of people."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from contacts.channels import icon_of
from lib.local_words import date_format
from lib.sql import run_sql
from touchpoints.kinds import BY_CODE
from touchpoints.models import OwnKind
from workspaces.current import current_workspace_id


@dataclass(frozen=True, slots=True)
class Last:
    """What happened last, and when."""

    said: str | Promise
    icon: str
    at: datetime

    def __str__(self) -> str:
        return f"{self.said}, {date_format(self.at, 'j M Y')}"


def last_of_each(contact_ids: Sequence[int]) -> dict[int, Last]:
    """Contact → their last touchpoint, that of everybody merged into them too. Two statements, whatever the number."""
    rows = run_sql("touchpoints/last_of_each", {"workspace": current_workspace_id(), "contacts": list(contact_ids)})
    own = {kind for _person, _at, kind, _channel in rows if kind not in BY_CODE}
    names = dict(OwnKind.objects.filter(code__in=own).values_list("code", "key")) if own else {}
    found = {}
    for person, at, kind, channel in rows:
        known = BY_CODE.get(kind)
        icon = known.icon if known else icon_of(channel)
        found[person] = Last(known.said if known else names.get(kind, _("Something happened")), icon, at)
    return found
