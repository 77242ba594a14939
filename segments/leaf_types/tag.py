"""{"tag": {"has_any": ["vip"]}}, or has_all, has_none: words on a contact, whatever their case."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec
from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.folding import folded
from contacts.models import Tag
from segments.leaf_types.base import MOST_OFFERED, STRICT, Evidence, LeafForm, LeafType, Path, Phrase, QueryBuilder
from segments.rules.comparing import check_text, expect
from segments.words.patterns import Found, Scene, Slot
from segments.words.speech import Node, Words
from segments.words.tokens import quoted
from segments.words.values import listed, named, text

MOST_KNOWN = 2_000  # tags that words are looked for among
LONGEST = Tag._meta.get_field("folded").max_length or 0
TESTS = ("has_any", "has_all", "has_none")


class TagForm(LeafForm):
    test = forms.ChoiceField(
        label=gettext_lazy("Tags"),
        choices=[
            ("has_any", gettext_lazy("include one of")),
            ("has_all", gettext_lazy("include all of")),
            ("has_none", gettext_lazy("include none of")),
        ],
    )
    names = forms.CharField(
        label=gettext_lazy("Tags"), max_length=500, help_text=gettext_lazy("Several with commas between them.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = Tag.objects.order_by("name").values_list("name", flat=True).distinct()[:12]
        if known:
            text = _("With commas between them. In use: %(tags)s") % {"tags": ", ".join(known)}
            self.fields["names"].help_text = text

    @classmethod
    def initial_of(cls, argument: dict[str, list[str]]) -> dict[str, str]:
        ((test, names),) = argument.items()
        return {"test": test, "names": ", ".join(names)}

    def argument(self) -> dict[str, list[str]]:
        names = [name.strip() for name in self.cleaned_data["names"].split(",") if name.strip()]
        return {self.cleaned_data["test"]: names}


class TagWords(Words):
    patterns = {
        "en": (
            "(tagged|labelled) [as|with] <tags>",
            "[with] [the] (tag|tags|label|labels) <tags>",
            "one of the tags <tags:has_any>",
            "all of the tags <tags:has_all>",
            "none of the tags <tags:has_none>",
        ),
        "de": (
            "[mit] [dem|den|das] (tag|tags|schlagwort|schlagworte|schlagwörtern|schlagwörter|etikett) <tags> [versehen|markiert]",
            "eines der schlagwörter <tags:has_any>",
            "alle der schlagwörter <tags:has_all>",
            "keines der schlagwörter <tags:has_none>",
        ),
    }

    def slots(self) -> dict[str, Slot]:
        return {"tags": lambda scene, place: listed(_one_tag, scene, place)}

    def node(self, found: Found, scene: Scene) -> Node:
        for test in TESTS:
            if test in found:
                return {"tag": {test: found[test][0]}}
        names, is_all = found["tags"]
        return {"tag": {"has_all" if is_all else "has_any": names}}

    def negated(self, node: Node) -> Node | None:
        ((test, names),) = node["tag"].items()
        return {"tag": {"has_none": names}} if test == "has_any" else None

    def say(self, argument: Any, language: str) -> str:
        ((test, names),) = argument.items()
        said = ", ".join(quoted(name, language) for name in names)
        which = {"has_any": ("one", "eines"), "has_all": ("all", "alle"), "has_none": ("none", "keines")}[test]
        if language == "de":
            return f"die {which[1]} der Schlagwörter {said} haben"
        return f"who have {which[0]} of the tags {said}"


def _one_tag(scene: Scene, place: int) -> Iterator[tuple[int, str]]:
    """A tag in use, or any that is quoted or one word."""
    token = scene.at(place)
    if token is not None and token.kind == "quoted":
        yield place + 1, token.text
        return
    used = scene.look_up("tags", lambda: list(Tag.objects.values_list("name", flat=True).distinct()[:MOST_KNOWN]))
    known = list(named(used, scene, place))
    yield from known or text(scene, place)


class TagLeaf(LeafType):
    type = "tag"
    label = gettext_lazy("has a tag")
    order = 30
    icon = "tag"
    form = TagForm
    reads = frozenset({"tag"})
    words = TagWords()

    class Argument(msgspec.Struct, **STRICT):
        has_any: list[str] | None = None
        has_all: list[str] | None = None
        has_none: list[str] | None = None

    argument: Argument

    @classmethod
    def check(cls, argument: Argument, path: Path) -> None:
        said = [test for test in TESTS if getattr(argument, test) is not None]
        expect(len(said) == 1, path, _("This needs one of: %(tests)s.") % {"tests": ", ".join(TESTS)})
        check_text("in", getattr(argument, said[0]), path)

    @classmethod
    def usual(cls) -> Iterable[Any]:
        names = Tag.objects.order_by("name").values_list("name", flat=True).distinct()[:MOST_OFFERED]
        return [{test: [name]} for name in names for test in ("has_any", "has_none")]

    def condition(self, query: QueryBuilder) -> str:
        every = f" HAVING count(DISTINCT t.folded) = {len(self._names)}" if self._test == "has_all" else ""
        inside = query.people(
            f"SELECT coalesce(m.survivor_id, t.contact_id) AS contact_id {self._wanted(query)} GROUP BY 1{every}"
        )
        return f"(NOT {inside})" if self._test == "has_none" else inside

    def phrase(self) -> Phrase:
        verbs = {"has_any": _("include"), "has_all": _("include all of"), "has_none": _("do not include")}
        joint = _(" and ") if self._test == "has_all" else _(" or ")
        return Phrase(_("tags"), verbs[self._test], joint.join(getattr(self.argument, self._test)), self.icon)

    def evidence(self, members: Sequence[int]) -> Evidence:
        query = QueryBuilder.about(members)
        found = {row["folded"] for row in query.rows(f"SELECT t.folded {self._wanted(query)}")}
        holds = {"has_any": bool(found), "has_all": found == self._names, "has_none": not found}[self._test]
        names = sorted(set(Tag.objects.filter(contact__in=members).values_list("name", flat=True)))
        return Evidence(", ".join(names) or _("no tags"), holds=holds)

    @property
    def _test(self) -> str:
        return next(test for test in TESTS if getattr(self.argument, test) is not None)

    @property
    def _names(self) -> set[str]:
        return {folded(name, LONGEST) for name in getattr(self.argument, self._test)}

    def _wanted(self, query: QueryBuilder) -> str:
        return (
            f"{query.survivors('contacts_tag', 't')} WHERE t.workspace_id = %(workspace)s"
            f" AND t.folded = ANY({query.param(sorted(self._names))}){query.only('t.contact_id')}"
        )
