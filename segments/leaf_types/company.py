"""{"company": {"in": [7]}}: is at one of these companies now. The number of one that was merged means who stands for it."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.companies.keeping import find_company
from contacts.companies.knowing import company_names
from contacts.models import Company
from segments.leaf_types.base import MOST_OFFERED, STRICT, Evidence, LeafForm, LeafType, Path, Phrase, QueryBuilder
from segments.rules.comparing import expect
from segments.words.patterns import Found, Scene, Slot
from segments.words.speech import Node, Words
from segments.words.tokens import quoted
from segments.words.values import listed, named

MOST_KNOWN, MOST = 2_000, 100


class CompanyForm(LeafForm):
    names = forms.CharField(
        label=gettext_lazy("Companies"),
        max_length=2_000,
        help_text=gettext_lazy("Several with semicolons between them."),
    )

    @classmethod
    def initial_of(cls, argument: dict[str, Any]) -> dict[str, str]:
        known = company_names(argument.get("in", []))
        return {"names": "; ".join(known[pk][1] for pk in argument.get("in", []) if pk in known)}

    def clean_names(self) -> list[int]:
        found = []
        for name in filter(None, (part.strip() for part in self.cleaned_data["names"].split(";"))):
            company = find_company(name)
            if company is None:
                raise ValidationError(_("There is no company “%(name)s”.") % {"name": name[:80]})
            found.append(company.pk)
        if not found:
            raise ValidationError(_("Name a company."))
        return list(dict.fromkeys(found))

    def argument(self) -> dict[str, Any]:
        return {"in": self.cleaned_data["names"]}


class CompanyWords(Words):
    patterns = {
        "en": (
            "(work|works|working|employed) (at|for) [the] [company] <companies>",
            "(at|of|from) the company <companies>",
        ),
        "de": (
            "[bei|für] [der] [firma|unternehmen] <companies> (arbeiten|arbeitet|arbeitend|beschäftigt)",
            "(bei|von|aus) (der|dem) (firma|unternehmen) <companies>",
        ),
    }

    def slots(self) -> dict[str, Slot]:
        return {"companies": lambda scene, place: listed(_one_company, scene, place)}

    def node(self, found: Found, scene: Scene) -> Node:
        return {"company": {"in": found["companies"][0]}}

    def say(self, argument: Any, language: str) -> str:
        known = company_names(argument["in"])
        if any(known[pk][0] != pk for pk in argument["in"]):
            raise KeyError  # one that was merged would be read back as the other
        said = ", ".join(quoted(known[pk][1], language) for pk in argument["in"])
        return f"die bei der Firma {said} arbeiten" if language == "de" else f"who work at the company {said}"


def _one_company(scene: Scene, place: int) -> Iterator[tuple[int, int]]:
    """A company by its name: quoted, or in its words."""
    known: dict[str, int] = scene.look_up("companies", _by_name)
    yield from ((end, known[name]) for end, name in named(list(known), scene, place))


def _by_name() -> dict[str, int]:
    return dict(Company.objects.filter(merged_into=None).order_by("name").values_list("name", "pk")[:MOST_KNOWN])


class CompanyLeaf(LeafType):
    type = "company"
    label = gettext_lazy("is at a company")
    order = 36
    icon = "building"
    form = CompanyForm
    reads = frozenset({"field"})
    words = CompanyWords()

    class Argument(msgspec.Struct, **STRICT):
        companies: list[int] = msgspec.field(name="in")

    argument: Argument

    @classmethod
    def check(cls, argument: Argument, path: Path) -> None:
        fits = 0 < len(argument.companies) <= MOST and all(0 < one < 2**63 for one in argument.companies)
        expect(fits, path, _("This needs one or more companies by their numbers."))

    @classmethod
    def usual(cls) -> Iterable[Any]:
        known = Company.objects.filter(merged_into=None).order_by("name").values_list("pk", flat=True)
        return [{"in": [pk]} for pk in known[:MOST_OFFERED]]

    def condition(self, query: QueryBuilder) -> str:
        return query.people(
            f"SELECT DISTINCT coalesce(m.survivor_id, p.contact_id) AS contact_id {self._there(query)}"
            f"{query.only('p.contact_id')}"
        )

    def phrase(self) -> Phrase:
        known = company_names(self.argument.companies)
        said = [known[pk][1] if pk in known else _("a company that is gone") for pk in self.argument.companies]
        return Phrase(_("is at"), _("the company"), _(" or ").join(said), self.icon)

    def evidence(self, members: Sequence[int]) -> Evidence:
        query = QueryBuilder.about(members)
        rows = query.rows(
            f"SELECT k.name, p.created_at {
                self._there(query, 'JOIN contacts_company k ON k.workspace_id = p.workspace_id AND k.id = p.company_id')
            }{query.only('p.contact_id')} ORDER BY p.first_at DESC, p.id"
        )
        if rows:
            return Evidence(", ".join(dict.fromkeys(row["name"] for row in rows)), rows[0]["created_at"], True)
        return Evidence(_("at none of them"), None, False)

    def _there(self, query: QueryBuilder, join: str = "") -> str:
        stands = sorted({pk for pk, _name in company_names(self.argument.companies).values()})
        return (
            f"{query.survivors('contacts_position', 'p')} {join} WHERE p.workspace_id = %(workspace)s"
            f" AND p.company_id = ANY({query.param(stands)}) AND p.until IS NULL"
        )
