"""Companies, their domains, and who plays which role there."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from contacts.folding import FoldedField
from contacts.models.people import Contact
from lib.clock import now
from lib.times.moments import days_in_range
from workspaces.owned import Owned, OwnedForeignKey


class Company(Owned):
    """A company that people work for. Two never bear one name, whatever its case.

    One that was merged into another keeps its number: `merged_into` says who stands for it, so that rules and addresses
    that know the number go on. It has no name of its own then that anybody could not take.
    """

    name = models.CharField(_("name"), max_length=200)
    folded = FoldedField("name", max_length=200)
    country = models.CharField(_("country"), max_length=2, blank=True)
    merged_into = OwnedForeignKey("contacts.Company", null=True, blank=True)
    created_at = models.DateTimeField(default=now)

    class Meta:
        base_manager_name = "objects"
        verbose_name = _("company")
        verbose_name_plural = _("companies")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "folded"],
                condition=models.Q(merged_into=None),
                name="one_company_of_a_name",
            )
        ]
        indexes: ClassVar = [models.Index(fields=["workspace", "merged_into"], name="company_merged_into")]

    def __str__(self) -> str:
        return self.name


class CompanyDomain(Owned):
    """A domain whose mailboxes are those of one company."""

    company = OwnedForeignKey(Company, related_name="domains")
    domain = models.CharField(max_length=253)

    class Meta:
        base_manager_name = "objects"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "domain"], name="domain_belongs_to_one_company")
        ]
        indexes: ClassVar = [models.Index(fields=["workspace", "company"], name="domain_company")]

    def __str__(self) -> str:
        return self.domain


class CompanyTerm(Owned):
    """One word by which a company is found, kept by contacts/companies/searching.py; a prefix is a range over plain text."""

    keyed_by = ("term", "company_id")

    company = OwnedForeignKey(Company, related_name="terms")
    term = models.CharField(max_length=120, db_collation="C")

    class Meta:
        base_manager_name = "objects"
        indexes: ClassVar = [models.Index(fields=["workspace", "company", "term"], name="company_term")]

    def __str__(self) -> str:
        return self.term


class Position(Owned):
    """A person at a company, with their role there, from a day to a day where these are known.

    It is current while `until` is empty. Of several current ones the one that was put first last comes first.
    `earlier`: what files overwrote here, and colleagues after them, as [who wrote, role before, put first before].
    """

    contact = OwnedForeignKey(Contact, as_set=True, related_name="positions")
    company = OwnedForeignKey(Company, related_name="positions")
    role_there = models.CharField(_("role there"), max_length=120, blank=True)
    since = models.DateField(_("since"), null=True, blank=True)
    until = models.DateField(_("until"), null=True, blank=True)
    source = models.CharField(max_length=80, blank=True, default="", db_default="")
    first_at = models.DateTimeField(default=now)
    earlier = models.JSONField(default=list, db_default=models.Value([], models.JSONField()))
    created_at = models.DateTimeField(default=now)

    class Meta:
        base_manager_name = "objects"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "contact", "company"], condition=models.Q(until=None), name="once_at_a_company"
            ),
            days_in_range("since", "until", name="position_days_in_range"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["workspace", "company", "contact"], name="position_company"),
            models.Index(fields=["workspace", "contact"], name="position_contact"),
        ]

    def __str__(self) -> str:
        return self.role_there or str(self.company_id)
