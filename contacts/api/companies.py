"""Companies, who is there, and where a contact is."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Query, Router, Schema, Status
from pydantic import Field

from contacts.api.reading import find_contact
from contacts.companies.keeping import (
    BadCompanyError,
    create_company,
    edit_company,
    merge_companies,
    named_company,
    remove_company,
    stands_for,
)
from contacts.companies.positions import (
    add_position,
    edit_position,
    end_position,
    positions_of,
    put_first,
    remove_position,
)
from contacts.folding import folded
from contacts.merging import everyone_in
from contacts.models import Company, CompanyDomain, Position
from workspaces.api.door import scope
from workspaces.api.pages import Id, ListOf, Paged, PageOf, Taken, page_by_id
from workspaces.api.problems import Problem, nothing_here, refuse

router = Router()
type Name = Annotated[str, Field(min_length=1, max_length=200, pattern=r"\S")]
type Domain = Annotated[str, Field(max_length=253)]


class CompanyShape(Schema):
    """A company."""

    id: int
    name: str
    domains: list[str]
    country: str
    created_at: datetime


class CompanyFacts(Taken):
    """What is told of a company; what is left out stays."""

    name: Name | None = None
    domains: list[Domain] | None = Field(None, max_length=20)
    country: str | None = Field(None, max_length=60, description="Two letters, or its name.")


class NewCompany(CompanyFacts):
    """A company to make."""

    name: Name


class CompaniesAsked(Paged):
    """Which companies are asked for."""

    name: str | None = Field(None, max_length=200, description="Whole, in upper or lower case.")
    domain: str | None = Field(None, max_length=253)


class PositionShape(Schema):
    """Somebody at a company. Current while `until` is null; the first current one is the one they name first."""

    id: int
    contact_id: int
    company_id: int
    company: str
    role_there: str
    since: date | None
    until: date | None


class NewPosition(Taken):
    """Where a contact is: an existing company by its number, or any by its name, which is made where there is none."""

    company_id: Id | None = None
    company: Name | None = None
    role_there: str = Field("", max_length=120)
    since: date | None = None


class PositionChange(Taken):
    """What changes; what is left out stays."""

    role_there: str | None = Field(None, max_length=120)
    since: date | None = None
    until: date | None = None
    is_first: bool = Field(False, description="Name this company first from now on.")


@router.get("/companies", response=PageOf[CompanyShape], summary="List companies")
@scope("contacts:read")
def list_companies(request: HttpRequest, asked: Query[CompaniesAsked]) -> dict[str, Any]:
    """Those that stand for themselves, which came first first."""
    rows = Company.objects.filter(merged_into=None)
    if asked.name is not None:
        rows = rows.filter(folded=folded(asked.name, 200))
    if asked.domain is not None:
        rows = rows.filter(domains__domain=asked.domain.strip().lower())
    found, after = page_by_id(rows, asked)
    return {"items": company_shapes(found), "next": after}


@router.post("/companies", response={201: CompanyShape}, summary="Make a company")
@scope("contacts:write")
def make_company(request: HttpRequest, said: NewCompany) -> Status:
    """409 where one of that name or domain is there."""
    with_name = {"name": said.name, "domains": said.domains or [], "country": said.country or ""}
    try:
        return Status(201, company_shape(create_company(by=None, **with_name)))  # type: ignore[arg-type]
    except BadCompanyError as error:
        raise _problem(error) from error


@router.get("/companies/{company_id}", response=CompanyShape, summary="One company")
@scope("contacts:read")
def get_company(request: HttpRequest, company_id: Id) -> dict[str, Any]:
    """The number of one that was merged leads to who stands for it."""
    return company_shape(_company(company_id))


@router.patch("/companies/{company_id}", response=CompanyShape, summary="Change a company")
@scope("contacts:write")
def change_company(request: HttpRequest, company_id: Id, said: CompanyFacts) -> dict[str, Any]:
    """Name, domains (all of them), country. Its people are found by the new name."""
    try:
        found = edit_company(_company(company_id), by=None, **said.model_dump(exclude_unset=True))
    except BadCompanyError as error:
        raise _problem(error) from error
    return company_shape(found)


@router.delete("/companies/{company_id}", response={204: None}, summary="Remove a company")
@scope("contacts:write")
def drop_company(request: HttpRequest, company_id: Id) -> Status:
    """409 while anybody is or was there."""
    try:
        remove_company(_company(company_id), by=None)
    except BadCompanyError as error:
        raise Problem(409, str(error), code="in_use") from error
    return Status(204, None)


@router.post("/companies/{company_id}/merge/{other_id}", response=CompanyShape, summary="Merge two companies")
@scope("contacts:write")
def join_companies(request: HttpRequest, company_id: Id, other_id: Id) -> dict[str, Any]:
    """The other one is this one: its people, roles and domains move here. Cannot be taken back."""
    stays = _company(company_id)
    try:
        merge_companies(stays, _company(other_id), by=None)
    except BadCompanyError as error:
        raise Problem(409, str(error), code="cannot_be_merged") from error
    return company_shape(_company(company_id))


@router.get("/companies/{company_id}/people", response=PageOf[PositionShape], summary="People of a company")
@scope("contacts:read")
def list_people(request: HttpRequest, company_id: Id, asked: Query[Paged]) -> dict[str, Any]:
    """Who is and was there, as they were put in."""
    rows = Position.objects.filter(company=_company(company_id)).select_related("company")
    found, after = page_by_id(rows, asked)
    return {"items": list(map(position_shape, found)), "next": after}


@router.get("/contacts/{contact_id}/companies", response=ListOf[PositionShape], summary="Companies of a contact")
@scope("contacts:read")
def list_positions(request: HttpRequest, contact_id: Id) -> dict[str, Any]:
    """Where they are now, the one they name first first, then where they were."""
    return {"items": list(map(position_shape, positions_of(find_contact(contact_id))))}


@router.post("/contacts/{contact_id}/companies", response={201: PositionShape}, summary="Put a contact at a company")
@scope("contacts:write")
def put_at_company(request: HttpRequest, contact_id: Id, said: NewPosition) -> Status:
    """May be repeated: who is there already gets the role that is said."""
    contact = find_contact(contact_id)
    if (said.company_id is None) == (said.company is None):
        raise refuse("body.company", "Give company_id, or the name of a company.")
    try:
        company = _company(said.company_id) if said.company_id else named_company(said.company or "", by=None)
        row = add_position(contact, company, role_there=said.role_there, since=said.since, by=None)
    except BadCompanyError as error:
        raise _problem(error) from error
    return Status(201, position_shape(row))


@router.patch(
    "/contacts/{contact_id}/companies/{position_id}", response=PositionShape, summary="Change a role at a company"
)
@scope("contacts:write")
def change_position(request: HttpRequest, contact_id: Id, position_id: Id, said: PositionChange) -> dict[str, Any]:
    """Role, since, until; `until` ends it."""
    row = _position(contact_id, position_id)
    facts = {"role_there": row.role_there, "since": row.since, "until": row.until}
    facts |= said.model_dump(exclude_unset=True, exclude={"is_first"})
    try:
        edit_position(row, by=None, **{**facts, "role_there": facts["role_there"] or ""})  # type: ignore[arg-type]
        if said.is_first:
            put_first(row, by=None)
    except BadCompanyError as error:
        raise _problem(error) from error
    return position_shape(_position(contact_id, position_id))


@router.post(
    "/contacts/{contact_id}/companies/{position_id}/end", response=PositionShape, summary="End a role at a company"
)
@scope("contacts:write")
def end_at_company(request: HttpRequest, contact_id: Id, position_id: Id) -> dict[str, Any]:
    """They are there no longer since today. May be repeated."""
    row = _position(contact_id, position_id)
    end_position(row, by=None)
    return position_shape(row)


@router.delete(
    "/contacts/{contact_id}/companies/{position_id}", response={204: None}, summary="Take a contact out of a company"
)
@scope("contacts:write")
def drop_position(request: HttpRequest, contact_id: Id, position_id: Id) -> Status:
    """It was a mistake: that they were there is forgotten."""
    remove_position(_position(contact_id, position_id), by=None)
    return Status(204, None)


def company_shape(company: Company) -> dict[str, Any]:
    """One company."""
    return company_shapes([company])[0]


def company_shapes(companies: Sequence[Company]) -> list[dict[str, Any]]:
    """Companies, their domains by one statement."""
    domains: dict[int, list[str]] = {one.pk: [] for one in companies}
    for company, domain in CompanyDomain.objects.filter(company__in=list(domains)).values_list("company_id", "domain"):
        domains[company].append(domain)
    return [
        {
            "id": one.pk,
            "name": one.name,
            "domains": sorted(domains[one.pk]),
            "country": one.country,
            "created_at": one.created_at,
        }
        for one in companies
    ]


def position_shape(row: Position) -> dict[str, Any]:
    """Somebody at a company."""
    return {
        "id": row.pk,
        "contact_id": row.contact_id,
        "company_id": row.company_id,
        "company": row.company.name,
        "role_there": row.role_there,
        "since": row.since,
        "until": row.until,
    }


def _company(pk: int | None) -> Company:
    found = Company.objects.filter(pk=pk or 0).first()
    if found is None:
        raise nothing_here("company")
    return stands_for(found)


def _position(contact_id: int, pk: int) -> Position:
    rows = Position.objects.filter(contact__in=everyone_in(find_contact(contact_id).pk), pk=pk)
    found = rows.select_related("company", "contact").first()
    if found is None:
        raise nothing_here("company of this contact")
    return found


def _problem(error: BadCompanyError) -> Problem:
    if error.twin is not None:
        return Problem(409, str(error), code="taken", errors=[(f"body.{error.field}", str(error))])
    return refuse(f"body.{error.field}", str(error))
