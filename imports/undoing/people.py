"""People whom a run made: taken away where nothing else is known of them, kept where somebody or something came since."""

from collections.abc import Collection
from typing import Any

from consent.models import Consent, TrackingConsent
from contacts.models import AudienceRole, Contact, FieldChange, FieldValue, Identity, Position, Tag
from imports.models import ImportedRecord, ImportedRow, ImportRun
from imports.undoing.facts import people_with_facts
from lib.sql import array_of, run_sql
from touchpoints.models import Touchpoint
from workspaces.orphans import references
from workspaces.owned import OwnedForeignKey, owned_models

# What a file writes itself: there its own rows do not count, anybody else's do. Column that says where a row is from.
SAYS_WHENCE: dict[Any, str] = {
    Identity: "evidence",
    Tag: "source",
    Position: "source",
    AudienceRole: "source",
    Consent: "source",
    TrackingConsent: "source",
    FieldChange: "source",
}
SILENT = {FieldValue}  # of later changes the history tells
OF_RUNS = {ImportedRecord}


def touched_since(contact_ids: Collection[int], run: ImportRun) -> set[int]:
    """Of these people, whom the run made, those of whom anything is known that the run did not write.

    A constant number of statements: every table that points to a contact is asked, also those of rooms to come.
    """
    ids = list(contact_ids)
    found = set[int]()
    for model in owned_models():
        if model.is_derived or model in SILENT:
            continue
        for field in model._meta.local_fields:
            if isinstance(field, OwnedForeignKey) and field.related_model is Contact:
                if model is Touchpoint:
                    found |= people_with_facts(ids, run)
                    continue
                rows: Any = model.objects.filter(**{f"{field.attname}__in": ids})
                if model in OF_RUNS:
                    rows = rows.exclude(run=run)
                if model in SAYS_WHENCE:
                    rows = rows.exclude(**{SAYS_WHENCE[model]: run.source})
                found.update(rows.values_list(field.attname, flat=True).distinct())
    others = ImportedRow.objects.filter(contact_id_made__in=ids).exclude(run=run)
    return found | {one for one in others.values_list("contact_id_made", flat=True) if one}


def remove_people(contact_ids: Collection[int], run: ImportRun) -> set[int]:
    """Take these away, with everything of them; returns who is gone. The report forgets what they were."""
    if not contact_ids:
        return set()
    params = {"people": array_of(sorted(contact_ids)), "run": run.pk}
    gone = {row[0] for row in run_sql("imports/call_remove_imported", params)}
    for model, field in references():
        if model.is_derived and field.related_model is Contact:
            model.objects.filter(**{f"{field.attname}__in": gone}).delete()
    rows = ImportedRow.objects.filter(run=run, contact_id_made__in=gone)
    rows.update(contact_id_made=None, raw=[], reason="")
    return gone
