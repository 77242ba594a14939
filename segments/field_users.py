"""Who relies on a custom field: segments whose rule asks for it, and saved views of the list that show it or narrow by it."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from lib.foreign.foreign_json import BadJsonError, read_json
from lib.offers import SegmentUse
from segments.models import PeopleView, Segment


def segments_asking(name: str, user_id: int | None) -> Sequence[SegmentUse]:
    """Segments with a line about this field; of private ones of others it is not told what they are called."""
    return [
        SegmentUse(_("a private segment of somebody else"))
        if one.is_private and one.owner_id != user_id
        else SegmentUse(one.name, reverse("segments:segment", args=[one.pk]))
        for one in Segment.objects.order_by("name")
        if _asks(one.rule, name)
    ]


def views_showing(name: str, user_id: int | None) -> Sequence[SegmentUse]:
    """Saved views with a column or a filter of this field."""
    found = []
    for view in PeopleView.objects.order_by("name"):
        if f"custom:{name}" not in view.columns and not any(_asks(line, name) for line in _filters(view.query)):
            continue
        is_hidden = not view.is_shared and view.owner_id != user_id
        url = "" if is_hidden else f"{reverse('people:list')}?view={view.pk}"
        found.append(SegmentUse(_("a private view of somebody else") if is_hidden else view.name, url))
    return found


def _filters(query: str) -> Iterable[Any]:
    for text in QueryDict(query).getlist("f"):
        try:
            yield read_json(text)
        except BadJsonError:
            continue


def _asks(rule: Any, name: str) -> bool:
    """Whether a line about this field stands anywhere in a rule."""
    if isinstance(rule, dict):
        line = rule.get("field")
        if isinstance(line, dict) and line.get("name") == name:
            return True
        return any(_asks(one, name) for one in rule.values())
    return isinstance(rule, list) and any(_asks(one, name) for one in rule)
