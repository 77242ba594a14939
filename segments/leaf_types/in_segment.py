"""{"segment": {"id": 7, "in": true}}: is a member of another segment, or not; reads its membership."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec
from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from segments.leaf_types.base import MOST_OFFERED, STRICT, Evidence, LeafForm, LeafType, Phrase, QueryBuilder
from segments.models import Segment, SegmentMember
from segments.words.patterns import Found, Scene, Slot
from segments.words.speech import Node, Words
from segments.words.tokens import quoted
from segments.words.values import named


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


class InSegmentWords(Words):
    patterns = {
        "en": (
            "[members of|belong to] [in|from|of] [the] [segment|group|list] <segment>",
            "[in] [the] segment no <whole:id>",
        ),
        "de": (
            "[mitglieder] [im|in|aus|des|der] [dem|der] [segment|gruppe|liste|segments] <segment>",
            "[im|in] [dem] segment nr <whole:id>",
        ),
    }

    def slots(self) -> dict[str, Slot]:
        return {"segment": _one_segment}

    def node(self, found: Found, scene: Scene) -> Node:
        return {"segment": {"id": found.get("id", found.get("segment")), "in": True}}

    def negated(self, node: Node) -> Node:
        return {"segment": node["segment"] | {"in": not node["segment"]["in"]}}

    def say(self, argument: Any, language: str) -> str:
        pk, is_member = argument["id"], argument.get("in", True)
        name = Segment.objects.filter(pk=pk, is_private=False).values_list("name", flat=True).first()
        said = quoted(name, language) if name is not None else f"Nr. {pk}" if language == "de" else f"no. {pk}"
        if language == "de":
            return f"die {'' if is_member else 'nicht '}im Segment {said} sind"
        return f"who are {'' if is_member else 'not '}in the segment {said}"


def _by_name() -> dict[str, int]:
    return dict(Segment.objects.filter(is_private=False).values_list("name", "pk"))


def _one_segment(scene: Scene, place: int) -> Iterator[tuple[int, int]]:
    """A segment that everybody sees. One of a single plain word needs the word "segment" before it."""
    known: dict[str, int] = scene.look_up("segments", _by_name)
    is_said = scene.word(place - 1).startswith(("segment", "group", "gruppe"))
    token = scene.at(place)
    for end, name in named(list(known), scene, place):
        if is_said or (token is not None and token.kind == "quoted"):
            yield end, known[name]


class InSegmentLeaf(LeafType):
    type = "segment"
    label = gettext_lazy("is in another segment")
    order = 70
    icon = "filter"
    form = InSegmentForm
    reads = frozenset({"membership"})
    words = InSegmentWords()

    class Argument(msgspec.Struct, **STRICT):
        id: int
        is_member: bool = msgspec.field(name="in", default=True)

    argument: Argument

    @classmethod
    def usual(cls) -> Iterable[Any]:
        return [
            {"id": pk, "in": True}
            for pk in Segment.objects.filter(is_private=False).values_list("pk", flat=True)[:MOST_OFFERED]
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
