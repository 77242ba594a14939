"""Companies: made, renamed, their domains and country said, two that are one joined, one that nobody was at removed."""

import re
from collections.abc import Iterable

from django.db import transaction
from django.utils.translation import gettext as _

from contacts.addresses import BadAddressError, normalise_email
from contacts.companies.following import follow_company, tell_of
from contacts.companies.searching import index_companies
from contacts.countries import country_code
from contacts.folding import folded
from contacts.long_changes.beginning import AT_ONCE
from contacts.models import Company, CompanyDomain, Position
from lib.foreign.cleaning import to_line
from lib.mail_providers import is_for_everybody
from workspaces.auditing import audit
from workspaces.models import User

LONGEST_NAME = Company._meta.get_field("name").max_length or 0
MOST_DOMAINS = 20
DOMAIN = re.compile(r"(?!-)[^\s@/]{1,63}(?<!-)(\.[^\s@/.]{1,63})+\Z")


class BadCompanyError(ValueError):
    """A company that cannot be made or changed like this; `field` is where, the text says why."""

    def __init__(self, text: str, field: str = "name", twin: Company | None = None) -> None:
        super().__init__(text)
        self.field, self.twin = field, twin


@transaction.atomic
def create_company(name: str, *, domains: Iterable[str] = (), country: str = "", by: User | None) -> Company:
    """A new company. BadCompanyError where one of that name, in whatever case, or of a domain is there."""
    said = _name(name)
    company = Company.objects.create(name=said, country=_country(country))
    _keep_domains(company, domains)
    index_companies([company.pk])
    audit("company.created", by=by, target=company)
    return company


@transaction.atomic
def edit_company(
    company: Company,
    *,
    name: str | None = None,
    domains: Iterable[str] | None = None,
    country: str | None = None,
    by: User | None,
) -> Company:
    """What is said changes, what is not said stays; it and its people are found by the new name, very many people
    of it after a while. BadCompanyError.
    """
    before = company.name
    if name is not None:
        company.name = _name(name, but=company)
    if country is not None:
        company.country = _country(country)
    company.save(update_fields=["name", "folded", "country"])
    if domains is not None:
        _keep_domains(company, domains)
    index_companies([company.pk])
    audit("company.edited", by=by, target=company)
    if company.name != before:
        follow_company(company, by=by)
    return company


@transaction.atomic
def merge_companies(stays: Company, goes: Company, *, by: User | None) -> int:
    """Both are one from now on: people, roles there and domains of `goes` are those of `stays`; how many people moved.

    The number of `goes` leads to `stays` for good: rules that name it go on. Who is at both now keeps one place, with the
    role that stood at `stays`, else the other's. BadCompanyError. Holds both rows in the order of their numbers.
    """
    held = {
        one.pk: one for one in Company.objects.select_for_update().filter(pk__in=[stays.pk, goes.pk]).order_by("pk")
    }
    if len(held) < 2 or any(one.merged_into_id for one in held.values()):
        raise BadCompanyError(_("Both must be companies that stand for themselves, and not the same."))
    moving = Position.objects.filter(company=goes)
    people = sorted(set(moving.values_list("contact_id", flat=True)))
    _join_twice(stays, goes)
    moving.update(company=stays)
    CompanyDomain.objects.filter(company=goes).update(company=stays)
    if not held[stays.pk].country and held[goes.pk].country:
        Company.objects.filter(pk=stays.pk).update(country=held[goes.pk].country)
    Company.objects.filter(merged_into=goes).update(merged_into=stays)
    Company.objects.filter(pk=goes.pk).update(merged_into=stays)
    index_companies([stays.pk, goes.pk])
    audit("company.merged", by=by, target=stays, other=goes.pk)
    if len(people) > AT_ONCE:
        follow_company(stays, by=by)
    else:
        tell_of(people)
    return len(people)


@transaction.atomic
def remove_company(company: Company, *, by: User | None) -> None:
    """The company is gone. BadCompanyError while anybody is or was there, or another was merged into it."""
    if Position.objects.filter(company=company).exists():
        raise BadCompanyError(_("People are or were there: take them out first, or merge it into another company."))
    if Company.objects.filter(merged_into=company).exists():
        raise BadCompanyError(_("Another company was merged into it: it stands for both."))
    audit("company.removed", by=by, target=company)
    company.delete()


def find_company(name: str) -> Company | None:
    """The company of this name, whatever its case; the name of one that was merged leads to who stands for it."""
    found = Company.objects.filter(folded=folded(name, LONGEST_NAME)).order_by("pk")
    return next((one for one in found if one.merged_into_id is None), None) or next(map(stands_for, found), None)


def named_company(name: str, *, by: User | None) -> Company:
    """The company of this name, made where there is none. BadCompanyError."""
    return find_company(name) or create_company(name, by=by)


def stands_for(company: Company) -> Company:
    """The company itself, or the one that it was merged into."""
    return Company.objects.get(pk=company.merged_into_id) if company.merged_into_id else company


def clean_domain(text: str) -> str:
    """kettle.example of any way to write it; BadCompanyError for a mail provider's and for what is none."""
    said = to_line(text, 300).lower().strip().removeprefix("https://").removeprefix("http://")
    said = said.rpartition("@")[2].split("/")[0].removeprefix("www.").strip(".")
    try:
        domain = normalise_email(f"x@{said}").rpartition("@")[2] if DOMAIN.match(said) else ""
    except BadAddressError:
        domain = ""
    if not domain:
        raise BadCompanyError(_("“%(text)s” is no domain, such as kettle.example.") % {"text": said[:60]}, "domains")
    if is_for_everybody(domain):
        text = _("Everybody can have a mailbox at %(domain)s: it tells no company.")
        raise BadCompanyError(text % {"domain": domain}, "domains")
    return domain


def _name(name: str, *, but: Company | None = None) -> str:
    said = to_line(name, LONGEST_NAME + 1)
    if not said:
        raise BadCompanyError(_("A company needs a name."))
    if len(said) > LONGEST_NAME:
        raise BadCompanyError(_("A name has at most %(n)s characters.") % {"n": LONGEST_NAME})
    twin = Company.objects.filter(folded=folded(said, LONGEST_NAME), merged_into=None).first()
    if twin is not None and (but is None or twin.pk != but.pk):
        raise BadCompanyError(_("There is a company “%(name)s” already.") % {"name": twin.name}, twin=twin)
    return said


def _country(text: str) -> str:
    said = to_line(text, 60)
    code = country_code(said)
    if said and not code:
        raise BadCompanyError(_("Two letters of a country, or its name."), "country")
    return code


def _keep_domains(company: Company, domains: Iterable[str]) -> None:
    wanted = list(dict.fromkeys(clean_domain(one) for one in domains if one.strip()))
    if len(wanted) > MOST_DOMAINS:
        raise BadCompanyError(_("A company has at most %(n)s domains.") % {"n": MOST_DOMAINS}, "domains")
    taken = CompanyDomain.objects.filter(domain__in=wanted).exclude(company=company).select_related("company").first()
    if taken is not None:
        text = _("%(domain)s is the domain of “%(name)s”.") % {"domain": taken.domain, "name": taken.company.name}
        raise BadCompanyError(text, "domains", taken.company)
    CompanyDomain.objects.filter(company=company).exclude(domain__in=wanted).delete()
    there = set(CompanyDomain.objects.filter(company=company).values_list("domain", flat=True))
    CompanyDomain.objects.bulk_create(
        [CompanyDomain(company=company, domain=one) for one in wanted if one not in there]
    )


def _join_twice(stays: Company, goes: Company) -> None:
    """Who is at both now: the place at the one that goes ends in the other, which takes its role where it had none."""
    there = {one.contact_id: one for one in Position.objects.filter(company=stays, until=None)}
    twice = [one for one in Position.objects.filter(company=goes, until=None) if one.contact_id in there]
    for one in twice:
        kept = there[one.contact_id]
        days = [day for day in (kept.since, one.since) if day]
        kept.role_there, kept.since = kept.role_there or one.role_there, min(days) if days else None
    Position.objects.bulk_update([there[one.contact_id] for one in twice], ["role_there", "since"])
    Position.objects.filter(pk__in=[one.pk for one in twice]).delete()
