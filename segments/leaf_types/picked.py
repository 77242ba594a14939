"""{"picked": {"list": 7}}: somebody put them on that list by hand. The rule of a list is this line alone."""

from collections.abc import Sequence
from typing import Any

import msgspec
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from segments.leaf_types.base import STRICT, Evidence, LeafType, Phrase, QueryBuilder
from segments.models import Segment, SegmentPick
from segments.words.patterns import Found, Scene
from segments.words.speech import Node, Words


class PickedWords(Words):
    patterns = {
        "en": ("picked by hand for the list no <whole:list>",),
        "de": ("von hand für die liste nr <whole:list> ausgewählt",),
    }

    def node(self, found: Found, scene: Scene) -> Node:
        return {"picked": {"list": found["list"]}}

    def say(self, argument: Any, language: str) -> str:
        if language == "de":
            return f"die von Hand für die Liste Nr. {argument['list']} ausgewählt wurden"
        return f"who were picked by hand for the list no. {argument['list']}"


class PickedLeaf(LeafType):
    type = "picked"
    label = gettext_lazy("is on a list by hand")
    order = 75
    icon = "list-check"
    reads = frozenset({"membership"})
    words = PickedWords()

    class Argument(msgspec.Struct, **STRICT):
        list: int

    argument: Argument

    def condition(self, query: QueryBuilder) -> str:
        return query.people(
            f"SELECT DISTINCT coalesce(m.survivor_id, k.contact_id) AS contact_id"
            f" {query.survivors('segments_segmentpick', 'k')} WHERE k.workspace_id = %(workspace)s"
            f" AND k.segment_id = {query.param(self.argument.list)}{query.only('k.contact_id')}"
        )

    def phrase(self) -> Phrase:
        named = Segment.objects.filter(pk=self.argument.list).values_list("name", flat=True).first()
        return Phrase(_("was picked by hand"), _("for"), named or _("a list that is gone"), self.icon)

    def evidence(self, members: Sequence[int]) -> Evidence:
        rows = SegmentPick.objects.filter(segment=self.argument.list, contact__in=list(members))
        first = rows.order_by("picked_at").values_list("picked_at", flat=True).first()
        return Evidence(_("on the list") if first else _("not on the list"), first, first is not None)
