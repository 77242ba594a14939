"""Many people put on a list that somebody keeps by hand."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lib.asked import whole_number
from segments.models import Segment, SegmentPick
from segments.people.bulk.base import Before, BulkError, BulkVerb, Doing
from segments.picking import pick, unpick


class AddToList(BulkVerb):
    name = "add_to_list"
    label = gettext_lazy("Put on the list")

    def read(self, post: QueryDict) -> dict[str, Any]:
        found = Segment.objects.filter(pk=whole_number(post.get("list", "")) or 0, is_list=True).first()
        if found is None:
            raise BulkError(_("Choose a list."))
        return {"list": found.pk, "name": found.name}

    def apply(self, people: Sequence[int], doing: Doing) -> Before:
        found = Segment.objects.filter(pk=doing.argument["list"], is_list=True).first()
        if found is None:
            return {}
        picks = SegmentPick.objects.filter(segment=found, contact__in=list(people))
        there = set(picks.values_list("pk", flat=True))
        pick(found, people, by_id=doing.by_id)
        made = picks.exclude(pk__in=there)
        return {contact: {"pk": pk} for contact, pk in made.values_list("contact_id", "pk")}

    def undo(self, before: Before, doing: Doing) -> set[int]:
        found = Segment.objects.filter(pk=doing.argument["list"], is_list=True).first()
        picks = SegmentPick.objects.filter(pk__in=[one["pk"] for one in before.values()], contact__in=list(before))
        people = set(picks.values_list("contact_id", flat=True))
        if found is None or not people:
            return set()
        unpick(found, sorted(people))
        return people

    def said(self, argument: Mapping[str, Any]) -> str:
        return _("put on the list “%(name)s”") % {"name": argument["name"]}
