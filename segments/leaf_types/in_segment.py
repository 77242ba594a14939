"""{"segment": {"id": 7, "in": true}}: is a member of another segment, or not; reads its membership."""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from segments.leaf_types.base import MOST_OFFERED, STRICT, Evidence, LeafForm, LeafType, Phrase, QueryBuilder
from segments.models import Segment, SegmentMember


class InSegmentForm(LeafForm):
    inside = forms.ChoiceField(
        label=gettext_lazy("Is"), choices=[("1", gettext_lazy("in")), ("0", gettext_lazy("not in"))]
    )
    segment = forms.ModelChoiceField(label=gettext_lazy("Segment"), queryset=Segment.objects.none())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["segment"].queryset = Segment.objects.filter(is_private=False)  # type: ignore[attr-defined]

    @classmethod
    def initial_of(cls, argument: dict[str, Any]) -> dict[str, Any]:
        return {"inside": "1" if argument.get("in", True) else "0", "segment": argument.get("id")}

    def argument(self) -> dict[str, Any]:
        return {"id": self.cleaned_data["segment"].pk, "in": self.cleaned_data["inside"] == "1"}


class InSegmentLeaf(LeafType):
    type = "segment"
    label = gettext_lazy("is in another segment")
    order = 70
    icon = "filter"
    form = InSegmentForm
    reads = frozenset({"membership"})

    class Argument(msgspec.Struct, **STRICT):
        id: int
        is_member: bool = msgspec.field(name="in", default=True)

    argument: Argument

    @classmethod
    def usual(cls) -> Iterable[Any]:
        return [
            {"id": pk} for pk in Segment.objects.filter(is_private=False).values_list("pk", flat=True)[:MOST_OFFERED]
        ]

    def condition(self, query: QueryBuilder) -> str:
        inside = query.people(
            "SELECT s.contact_id FROM segments_segmentmember s WHERE s.workspace_id = %(workspace)s"
            f" AND s.segment_id = {query.param(self.argument.id)}{query.only('s.contact_id')}"
        )
        return inside if self.argument.is_member else f"(NOT {inside})"

    def phrase(self) -> Phrase:
        named = Segment.objects.filter(pk=self.argument.id).values_list("name", flat=True).first()
        verb = _("is in") if self.argument.is_member else _("is not in")
        return Phrase(verb, _("the segment"), named or _("a segment that is gone"), self.icon)

    def evidence(self, members: Sequence[int]) -> Evidence:
        row = SegmentMember.objects.filter(segment=self.argument.id, contact=members[0]).first()
        holds = (row is not None) == self.argument.is_member
        return Evidence(_("in it"), row.entered_at, holds) if row else Evidence(_("not in it"), None, holds)
