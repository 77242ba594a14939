"""Companies as lists: a page of them, the people of one, what an address suggests, what the palette finds."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from contacts.companies.keeping import LONGEST_NAME
from contacts.companies.searching import narrowed_to
from contacts.models import Company, CompanyDomain, Contact
from lib.mail_providers import brand_of, is_for_everybody
from lib.pages import Page, read_cursor, write_cursor
from lib.sql import load_sql, run_dicts, run_sql
from workspaces.current import current_workspace_id
from workspaces.permissions import may
from workspaces.requests import Request

A_PAGE, MOST_PEOPLE, MOST_FOUND = 50, 200, 5
SHORTEST = 2


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who is or was at a company."""

    id: int
    name: str
    email: str
    position_id: int
    role_there: str
    since: date | None
    until: date | None


@dataclass(frozen=True, slots=True)
class Suggested:
    """A company that an address speaks for: one that is there, or the name that a new one might have."""

    domain: str
    name: str
    company_id: int | None = None


def list_companies(text: str = "", *, cursor: str = "", a_page: int = A_PAGE) -> Page[dict[str, Any]]:
    """A page of companies by name of whose name or domains each word begins a word. A foreign cursor is the start."""
    key = read_cursor(cursor, str, int) if cursor else None
    narrowed, params = narrowed_to(text)
    params |= {"workspace": current_workspace_id(), "limit": a_page + 1}
    after = "AND (k.folded, k.id) > (%(after_name)s, %(after_id)s)" if key else ""
    if key:
        params |= {"after_name": key[0], "after_id": key[1]}
    rows = run_dicts(load_sql("contacts/companies_page", narrowed=narrowed, after=after), params)
    more, rows = len(rows) > a_page, rows[:a_page]
    return Page(rows, write_cursor(rows[-1]["folded"], rows[-1]["id"]) if more else "")


def count_companies() -> int:
    """How many there are."""
    return Company.objects.filter(merged_into=None).count()


def people_of(company: Company, *, most: int = MOST_PEOPLE) -> list[Person]:
    """Who is there now, by name, then who was. One statement."""
    params = {"workspace": current_workspace_id(), "company": company.pk, "limit": most}
    return [Person(**row) for row in run_dicts(load_sql("contacts/company_people"), params)]


def suggest_company(contact: Contact) -> Suggested | None:
    """What the domain of an address speaks for: never a provider's, whose mailboxes are everybody's. One statement."""
    domain = contact.email.rpartition("@")[2].lower()
    if not domain or is_for_everybody(domain):
        return None
    parts = domain.split(".")
    known = [".".join(parts[start:]) for start in range(len(parts) - 1)]
    found = CompanyDomain.objects.filter(domain__in=known).select_related("company")
    nearest = max(found, key=lambda one: len(one.domain), default=None)
    if nearest is not None:
        return Suggested(domain, nearest.company.name, nearest.company_id)
    return Suggested(domain, brand_of(domain).replace("-", " ").title())


def find_companies(request: Request, words: str) -> list[dict[str, Any]]:
    """What the palette finds."""
    if len(words) < SHORTEST or not may(request.membership.role, "contacts.see"):
        return []
    rows = list_companies(words[:LONGEST_NAME], a_page=MOST_FOUND).rows
    return [
        {
            "name": row["name"],
            "url": reverse("contacts:company", args=[row["id"]]),
            "icon": "building",
            "hint": _("Company"),
        }
        for row in rows
    ]


def company_names(company_ids: Sequence[int]) -> dict[int, tuple[int, str]]:
    """Number → (the number of who stands for it today, the name). One statement."""
    rows = run_sql("contacts/company_names", {"workspace": current_workspace_id(), "ids": list(company_ids)})
    return {int(asked): (int(stands), str(name)) for asked, stands, name in rows}
