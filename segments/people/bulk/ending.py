"""Letting the consents of many people end on a day: who is quiet is asked once more, and then let go."""

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.http import QueryDict
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from consent.ending import end_consents, let_consents_hold
from lib.clock import now
from lib.local_words import date_format
from segments.people.bulk.base import Before, BulkError, BulkVerb, Doing
from workspaces.current import current_workspace

LONGEST_DAYS = 366


class EndConsents(BulkVerb):
    """Taken back, each yes ends as it did before; who said no or yes since keeps their word."""

    name = "end_consents"
    label = gettext_lazy("Let their consents end")

    def read(self, post: QueryDict) -> dict[str, Any]:
        zone = ZoneInfo(current_workspace().zone)
        today = now().astimezone(zone).date()
        try:
            day = parse_date(post.get("ends", ""))
        except ValueError:
            day = None
        if day is None or not today <= day <= today + timedelta(days=LONGEST_DAYS):
            raise BulkError(_("Choose the last day on which they still get something: today or within a year."))
        after = datetime.combine(day + timedelta(days=1), time(), zone)
        return {"day": day.isoformat(), "at": after.isoformat()}

    def apply(self, people: Sequence[int], doing: Doing) -> Before:
        at, source = _ends(doing), _("Ended by us: they went quiet")
        return dict(end_consents(people, at, source=source, by_id=doing.by_id))

    def undo(self, before: Before, doing: Doing) -> set[int]:
        return let_consents_hold(before, by_id=doing.by_id)

    def said(self, argument: Mapping[str, Any]) -> str:
        day = date_format(datetime.fromisoformat(argument["day"]), "j F Y")
        return _("consents by email end after %(day)s") % {"day": day}


def _ends(doing: Doing) -> datetime:
    return datetime.fromisoformat(doing.argument["at"])
