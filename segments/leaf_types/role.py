"""{"role": {"in": ["customer", "critic"]}}: plays one of these audience roles now."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec
from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.models import Audience
from lib.local_words import in_sentence
from segments.leaf_types.base import STRICT, Evidence, LeafForm, LeafType, Path, Phrase, QueryBuilder
from segments.rules.comparing import expect
from segments.words.patterns import Found, Scene, Slot, longest_of, pattern
from segments.words.speech import Node, Words
from segments.words.values import listed

ROLES = {role.name.lower(): role for role in Audience}


class RoleForm(LeafForm):
    roles = forms.MultipleChoiceField(
        label=gettext_lazy("Role"),
        choices=[(name, role.label) for name, role in ROLES.items()],
        widget=forms.CheckboxSelectMultiple,
    )

    @classmethod
    def initial_of(cls, argument: dict[str, list[str]]) -> dict[str, list[str]]:
        return {"roles": argument.get("in", [])}

    def argument(self) -> dict[str, list[str]]:
        return {"in": self.cleaned_data["roles"]}


NOUNS = {
    "en": {
        "customer": ("customers", "(customer|customers|buyers|clients)"),
        "prospect": ("prospects", "(prospect|prospects|leads)"),
        "influencer": ("influencers", "(influencer|influencers|bloggers)"),
        "employee": ("employees", "(employee|employees|staff)"),
        "critic": ("critics", "(critic|critics)"),
    },
    "de": {
        "customer": ("Kunden", "(kunde|kunden|kundinnen|käufer)"),
        "prospect": ("Interessenten", "(interessent|interessenten|interessentinnen|leads)"),
        "influencer": ("Influencer", "(influencer|influencern|influencerinnen|blogger)"),
        "employee": ("Mitarbeiter", "(mitarbeiter|mitarbeitern|mitarbeiterinnen|angestellte)"),
        "critic": ("Kritiker", "(kritiker|kritikern|kritikerinnen)"),
    },
}


class RoleWords(Words):
    patterns = {
        "en": ("[play* the role of] <roles>", "(are|is) [both|also] <roles:played>", "both <roles:played>"),
        "de": ("[die rolle] <roles> [spielen]", "[auch|sowohl] <roles:played> (sind|ist)"),
    }
    is_head = True

    def slots(self) -> dict[str, Slot]:
        return {"roles": lambda scene, place: listed(_one_role, scene, place)}

    def keywords(self, language: str) -> set[str]:
        nouns = (pattern(phrase).words for _said, phrase in NOUNS[language].values())
        return super().keywords(language).union(*nouns)

    def node(self, found: Found, scene: Scene) -> Node:
        names, is_all = found["played"] if "played" in found else (found["roles"][0], False)
        if is_all:  # "who are customers and critics" are both; "customers and critics" are either
            return {"each": [{"role": {"in": [name]}} for name in names]}
        return {"role": {"in": names}}

    def say(self, argument: Any, language: str) -> str:
        nouns = [NOUNS[language][name][0] for name in argument["in"]]
        joint = " oder " if language == "de" else " or "
        said = joint.join(filter(None, [", ".join(nouns[:-1]), nouns[-1]]))
        return f"die {said} sind" if language == "de" else f"who are {said}"


def _one_role(scene: Scene, place: int) -> Iterator[tuple[int, str]]:
    for name, (_said, phrase) in NOUNS[scene.language].items():
        if found := longest_of((phrase,), scene, place):
            yield found[0], name


class RoleLeaf(LeafType):
    type = "role"
    label = gettext_lazy("plays a role")
    order = 10
    icon = "users"
    form = RoleForm
    reads = frozenset({"role"})
    words = RoleWords()

    class Argument(msgspec.Struct, **STRICT):
        names: list[str] = msgspec.field(name="in")

    argument: Argument

    @classmethod
    def check(cls, argument: Argument, path: Path) -> None:
        fits = bool(argument.names) and all(name in ROLES for name in argument.names)
        expect(fits, path, _("This needs one or more of: %(roles)s.") % {"roles": ", ".join(ROLES)})

    @classmethod
    def usual(cls) -> Iterable[Any]:
        return [{"in": [name]} for name in ROLES]

    def condition(self, query: QueryBuilder) -> str:
        return query.people(
            f"SELECT DISTINCT coalesce(m.survivor_id, r.contact_id) AS contact_id {self._played(query)}"
            f" AND {self._wanted(query)}"
        )

    def phrase(self) -> Phrase:
        labels = [in_sentence(ROLES[name].label) for name in self.argument.names]
        return Phrase(_("plays the role"), _("of"), _(" or ").join(labels), self.icon)

    def evidence(self, members: Sequence[int]) -> Evidence:
        query = QueryBuilder.about(members)
        rows = query.rows(
            f"SELECT r.role, r.since, {self._wanted(query)} AS fits {self._played(query)} ORDER BY r.since, r.role"
        )
        found = [row for row in rows if row["fits"]]
        text = ", ".join(str(Audience(row["role"]).label) for row in found or rows) or _("no role")
        return Evidence(text, found[0]["since"] if found else None, bool(found))

    def _played(self, query: QueryBuilder) -> str:
        return (
            f"{query.survivors('contacts_audiencerole', 'r')}"
            f" WHERE r.workspace_id = %(workspace)s AND r.until IS NULL{query.only('r.contact_id')}"
        )

    def _wanted(self, query: QueryBuilder) -> str:
        return f"r.role = ANY({query.param([int(ROLES[name]) for name in self.argument.names])})"
