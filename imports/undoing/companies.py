"""Companies and roles there: what a run made is taken away where nobody touched it since, what it overwrote comes back."""

from collections.abc import Collection, Mapping
from datetime import datetime

from django.db.models import Exists, OuterRef, Q

from contacts.models import Company, CompanyDomain, Position
from imports.models import ImportRun
from imports.undoing.fields import undone_beside
from workspaces.models import AuditEntry


def companies_said_by(contact_ids: Collection[int], run: ImportRun) -> dict[int, datetime]:
    """The companies at which these people are by it, where it or a file that is undone too may have made them: since when."""
    places = Position.objects.filter(contact__in=list(contact_ids), source=run.source)
    made = dict(places.values_list("company_id", "company__created_at"))
    if not made:
        return {}
    runs = ImportRun.objects.filter(pk__in=[run.pk, *undone_beside(contact_ids, run).values()])
    first = min(one.created_at for one in runs.only("created_at"))
    return {company: at for company, at in made.items() if at >= first}


def remove_companies(companies: Mapping[int, datetime]) -> int:
    """Take away those of them that are nothing but a name by now, at which nobody is or was; returns how many.

    What a colleague makes or changes stands in the audit log, what a file makes does not: whatever is named there stays.
    """
    if not companies:
        return 0
    named = AuditEntry.objects.filter(
        at__gte=min(companies.values()), target=Company._meta.label_lower, target_id=OuterRef("pk")
    )
    empty = Company.objects.filter(pk__in=list(companies), merged_into=None, country="").exclude(
        Exists(Position.objects.filter(company=OuterRef("pk")))
        | Exists(CompanyDomain.objects.filter(company=OuterRef("pk")))
        | Exists(Company.objects.filter(merged_into=OuterRef("pk")))
        | Exists(named)
    )
    going = list(empty.select_for_update().order_by("pk").values_list("pk", flat=True))
    return Company.objects.filter(pk__in=going).delete()[0]


def put_roles_back(contact_ids: Collection[int], run: ImportRun) -> tuple[int, int]:
    """Roles at companies that the run overwrote stand as before where nobody wrote there since; how many do, how many stay.

    A place that the run made and a later file says too is that file's from now on.
    """
    here = Q(earlier__contains=[[run.source]]) | (Q(source=run.source, until=None) & ~Q(earlier=[]))
    rows = list(Position.objects.filter(here, contact__in=list(contact_ids)).select_for_update().order_by("pk"))
    back = kept = 0
    for row in rows:
        says = any(one[0] == run.source for one in row.earlier)
        stands = not says or row.earlier[-1][0] == run.source
        _take_out(row, run.source)
        back, kept = back + (says and stands), kept + (not stands)
        if row.source == run.source and row.earlier:
            (row.source, *_before), *row.earlier = row.earlier
            kept += stands
    Position.objects.bulk_update(rows, ["role_there", "first_at", "earlier", "source"])
    return back, kept


def _take_out(row: Position, source: str) -> None:
    """As if this source had never overwritten anything here: who wrote next found what it had found."""
    left: list[list[str]] = []
    found: list[str] = []
    for who, role, first in row.earlier:
        before = found or [role, first]
        if who == source:
            found = before
        else:
            left.append([who, *before])
            found = []
    if found:
        row.role_there, row.first_at = found[0], datetime.fromisoformat(found[1])
    row.earlier = left
