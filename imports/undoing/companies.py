"""Companies that a run made: taken away where nobody is or was at them and no colleague touched them since."""

from collections.abc import Collection

from django.db.models import Exists, OuterRef

from contacts.models import Company, CompanyDomain, Position
from imports.models import ImportRun
from workspaces.models import AuditEntry


def companies_said_by(contact_ids: Collection[int], run: ImportRun) -> set[int]:
    """The companies, younger than the run, at which these people are by it."""
    places = Position.objects.filter(contact__in=list(contact_ids), source=run.source)
    return set(places.filter(company__created_at__gte=run.created_at).values_list("company_id", flat=True))


def remove_companies(company_ids: Collection[int], run: ImportRun) -> int:
    """Take away those of them that the run made and that are nothing but a name by now; returns how many.

    What a colleague makes or changes stands in the audit log, what a file makes does not: whatever is named there stays.
    """
    if not company_ids:
        return 0
    named = AuditEntry.objects.filter(
        at__gte=run.created_at, target=Company._meta.label_lower, target_id=OuterRef("pk")
    )
    empty = Company.objects.filter(pk__in=list(company_ids), merged_into=None, country="").exclude(
        Exists(Position.objects.filter(company=OuterRef("pk")))
        | Exists(CompanyDomain.objects.filter(company=OuterRef("pk")))
        | Exists(Company.objects.filter(merged_into=OuterRef("pk")))
        | Exists(named)
    )
    going = list(empty.select_for_update().order_by("pk").values_list("pk", flat=True))
    return Company.objects.filter(pk__in=going).delete()[0]
