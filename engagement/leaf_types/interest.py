"""{"interest": {"in": "Tea", "at_least": "clear"}}: little, clear or strong; it fades, so time alone can flip it.

The tag is named, whatever its case; one that was merged or renamed is found under its earlier names too. Who said that
they are not interested is not, and who said that they are is strongly.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec
from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from engagement.interests.reading import NoTagError, interests_of, key_of, tags_named
from engagement.interests.strength import AT_LEAST, KEYS, NAMES, left_now, strength_of, strength_sql
from engagement.models import InterestTag
from segments.leaf_types.base import MOST_OFFERED, STRICT, Evidence, LeafForm, LeafType, Path, Phrase, QueryBuilder
from segments.rules.comparing import expect
from segments.words.patterns import Found, Scene, Slot
from segments.words.speech import Node, Words
from segments.words.tokens import quoted
from segments.words.values import named, text

USUAL = "clear"
MOST_KNOWN = 2_000
SAID = {
    "en": {"little": "at least a little", "clear": "clearly", "strong": "strongly"},
    "de": {"little": "wenigstens etwas", "clear": "deutlich", "strong": "stark"},
}
ALSO = {"en": {"a little": "little", "very": "strong"}, "de": {"etwas": "little", "sehr": "strong"}}


class InterestForm(LeafForm):
    at_least = forms.ChoiceField(
        label=gettext_lazy("How much"), choices=[(key, NAMES[one]) for key, one in KEYS.items()], initial=USUAL
    )
    tag = forms.CharField(label=gettext_lazy("Interested in"), max_length=60)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = InterestTag.objects.filter(merged_into=None).values_list("name", flat=True)[:12]
        if known:
            self.fields["tag"].help_text = _("In use: %(tags)s") % {"tags": ", ".join(known)}

    @classmethod
    def initial_of(cls, argument: dict[str, str]) -> dict[str, str]:
        return {"tag": argument["in"], "at_least": argument.get("at_least", USUAL)}

    def argument(self) -> dict[str, str]:
        return {"in": self.cleaned_data["tag"], "at_least": self.cleaned_data["at_least"]}


class InterestWords(Words):
    patterns = {
        "en": ("[who] [are|is] [<much>] interested in <tag>", "[have|has|with] an interest in <tag>"),
        "de": (
            "[sich] [<much>] für <tag> [<much>] (interessieren|interessiert)",
            "[<much>] (interessiert|interessierte) an <tag>",
            "[mit] interesse an <tag>",
        ),
    }

    def slots(self) -> dict[str, Slot]:
        return {"tag": _one_tag, "much": _how_much}

    def node(self, found: Found, scene: Scene) -> Node:
        return {"interest": {"in": found["tag"], "at_least": found.get("much", USUAL)}}

    def say(self, argument: Any, language: str) -> str:
        much, tag = SAID[language][argument.get("at_least", USUAL)], quoted(argument["in"], language)
        return f"sich {much} für {tag} interessieren" if language == "de" else f"who are {much} interested in {tag}"


def _one_tag(scene: Scene, place: int) -> Iterator[tuple[int, str]]:
    """A tag in use, or any that is quoted or one word."""
    token = scene.at(place)
    if token is not None and token.kind == "quoted":
        yield place + 1, token.text
        return
    used = scene.look_up("interests", lambda: list(InterestTag.objects.values_list("name", flat=True)[:MOST_KNOWN]))
    known = list(named(used, scene, place))
    yield from known or text(scene, place)


def _how_much(scene: Scene, place: int) -> Iterator[tuple[int, str]]:
    names = {words: key for key, words in SAID[scene.language].items()} | ALSO[scene.language]
    for words, key in names.items():
        yield from ((end, key) for end, _word in named([words], scene, place))


class InterestLeaf(LeafType):
    """Interested in a tag, at least so much, as it stands now."""

    type = "interest"
    label = gettext_lazy("is interested in")
    order = 55
    icon = "heart"
    form = InterestForm
    reads = frozenset({"interest"})
    words = InterestWords()

    class Argument(msgspec.Struct, **STRICT):
        """Which tag, and how much at least."""

        tag: str = msgspec.field(name="in")
        at_least: str = USUAL

    argument: Argument

    @classmethod
    def check(cls, argument: Argument, path: Path) -> None:
        names = ", ".join(KEYS)
        expect(argument.at_least in KEYS, path, _("“at_least” is one of: %(names)s.") % {"names": names})
        try:
            key_of(argument.tag)
        except NoTagError:
            expect(False, path, _("Say what they are interested in."))

    @classmethod
    def usual(cls) -> Iterable[Any]:
        names = InterestTag.objects.filter(merged_into=None).values_list("name", flat=True)[:MOST_OFFERED]
        return [{"in": name, "at_least": USUAL} for name in names]

    def condition(self, query: QueryBuilder) -> str:
        strength = strength_sql("i", query.param(left_now(query.now)))
        key = query.param(key_of(self.argument.tag))
        # The tag is looked up first, alone: joined, the planner read everybody's interests.
        tag = (
            "(SELECT coalesce(t.merged_into_id, t.id) FROM engagement_interesttag t"
            f" WHERE t.workspace_id = %(workspace)s AND t.key = {key})"
        )
        return query.people(
            f"SELECT i.contact_id FROM engagement_interest i WHERE i.workspace_id = %(workspace)s AND i.tag_id = {tag}"
            f"{query.only('i.contact_id')} AND {strength} >= {query.param(self._least)}::float8"
        )

    def phrase(self) -> Phrase:
        return Phrase(_("interested in"), NAMES[KEYS[self.argument.at_least]], self.argument.tag, self.icon)

    def evidence(self, members: Sequence[int]) -> Evidence:
        tag = tags_named([self.argument.tag]).get(self.argument.tag)
        value = interests_of(members[:1], at_least=-1).get(members[0], {}).get(tag.pk, 0.0) if tag else 0.0
        strength = strength_of(value)
        return Evidence(
            NAMES[strength] if strength else _("not that we know"), holds=bool(tag) and value >= self._least
        )

    def moves_with_time(self) -> bool:
        return True

    @property
    def _least(self) -> float:
        return AT_LEAST[KEYS[self.argument.at_least]]
