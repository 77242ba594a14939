"""{"owner": {"in": [7]}} or {"owner": {"nobody": true}}: one of these members looks after them, or nobody does."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec
from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.models import Contact
from contacts.owning import members, names_of
from segments.leaf_types.base import STRICT, Evidence, LeafForm, LeafType, Path, Phrase, QueryBuilder
from segments.rules.comparing import expect
from segments.words.patterns import Found, Scene, Slot
from segments.words.speech import Node, Words
from segments.words.tokens import quoted
from segments.words.values import listed, named

NOBODY = "0"
MOST = 100


class OwnerForm(LeafForm):
    owners = forms.MultipleChoiceField(label=gettext_lazy("Owner"), widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = [(str(pk), name) for pk, name in members()]
        there = {value for value, _name in known}
        gone = [value for value in self["owners"].value() or [] if value not in there and value != NOBODY]
        self.fields["owners"].choices = [  # type: ignore[attr-defined]
            (NOBODY, _("nobody")),
            *known,
            *((value, _("a member who left")) for value in gone if str(value).isdigit()),
        ]

    @classmethod
    def initial_of(cls, argument: dict[str, Any]) -> dict[str, list[str]]:
        nobody = [NOBODY] if argument.get("nobody") else []
        return {"owners": [*nobody, *map(str, argument.get("in", []))]}

    def argument(self) -> dict[str, Any]:
        chosen = self.cleaned_data["owners"]
        said: dict[str, Any] = {"in": [int(one) for one in chosen if one != NOBODY]}
        return {name: value for name, value in {**said, "nobody": NOBODY in chosen}.items() if value}


class OwnerWords(Words):
    patterns = {
        "en": (
            "(owned by|looked after by) nobody <nothing:nobody>",
            "(owned by|looked after by) <owners>",
            "[with] [the] owner <owners>",
        ),
        "de": (
            "von niemandem betreut [werden] <nothing:nobody>",
            "von <owners> betreut [werden]",
            "[mit] [der|dem|den] (betreuer|betreuerin|zuständig*) <owners>",
        ),
    }

    def slots(self) -> dict[str, Slot]:
        return {
            "owners": lambda scene, place: listed(_one_member, scene, place),
            "nothing": lambda scene, place: iter([(place, True)]),
        }

    def node(self, found: Found, scene: Scene) -> Node:
        if "nobody" in found:
            return {"owner": {"nobody": True}}
        return {"owner": {"in": found["owners"][0]}}

    def say(self, argument: Any, language: str) -> str:
        if argument == {"nobody": True}:
            return "die von niemandem betreut werden" if language == "de" else "who are owned by nobody"
        by_name = {name: pk for pk, name in members()}
        names = names_of(argument.get("in", []))
        if argument.get("nobody") or any(by_name.get(names.get(pk, "")) != pk for pk in argument["in"]):
            raise KeyError  # two of one name, or one who left
        said = ", ".join(quoted(names[pk], language) for pk in argument["in"])
        return f"die von {said} betreut werden" if language == "de" else f"who are owned by {said}"


def _one_member(scene: Scene, place: int) -> Iterator[tuple[int, int]]:
    known: dict[str, int] = scene.look_up("members", lambda: {name: pk for pk, name in members()})
    yield from ((end, known[name]) for end, name in named(list(known), scene, place))


class OwnerLeaf(LeafType):
    type = "owner"
    label = gettext_lazy("is looked after by")
    order = 35
    icon = "user-check"
    form = OwnerForm
    reads = frozenset({"field"})
    words = OwnerWords()

    class Argument(msgspec.Struct, **STRICT):
        owners: list[int] = msgspec.field(name="in", default_factory=list)
        nobody: bool = False

    argument: Argument

    @classmethod
    def check(cls, argument: Argument, path: Path) -> None:
        fits = argument.nobody or bool(argument.owners)
        expect(fits, path, _("This needs a member, or nobody."))
        fits = len(argument.owners) <= MOST and all(0 < one < 2**63 for one in argument.owners)
        expect(fits, path, _("There is no such member."))

    @classmethod
    def usual(cls) -> Iterable[Any]:
        return [{"nobody": True}, *({"in": [pk]} for pk, _name in members())]

    def condition(self, query: QueryBuilder) -> str:
        parts = []
        if self.argument.owners:
            parts.append(query.people(self._owned(query, f"= ANY({query.param(self.argument.owners)})")))
        if self.argument.nobody:
            parts.append(f"(NOT {query.people(self._owned(query, 'IS NOT NULL'))})")
        return parts[0] if len(parts) == 1 else f"({' OR '.join(parts)})"

    def phrase(self) -> Phrase:
        names = names_of(self.argument.owners)
        said = [names.get(pk, _("a member who left")) for pk in self.argument.owners]
        said = [_("nobody"), *said] if self.argument.nobody else said
        return Phrase(_("owner"), _("is"), _(" or ").join(said), self.icon)

    def evidence(self, members: Sequence[int]) -> Evidence:
        owner = Contact.objects.filter(pk=members[0]).values_list("owner_id", flat=True).first()
        holds = owner in self.argument.owners if owner else self.argument.nobody
        return Evidence(names_of([owner]).get(owner, _("a member who left")) if owner else _("nobody"), None, holds)

    def _owned(self, query: QueryBuilder, test: str) -> str:
        return (
            "SELECT o.id AS contact_id FROM contacts_contact o"
            f" WHERE o.workspace_id = %(workspace)s AND o.owner_id {test}{query.only('o.id')}"
        )
