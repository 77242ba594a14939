"""What this room holds about a person: the lines of files that brought them, and what files say that they did."""

from collections.abc import Iterator, Sequence
from typing import Any

from imports.models import ImportedRecord, ImportedRow


def gather_rows(ids: Sequence[int]) -> Iterator[dict[str, Any]]:
    """Which file, which line, what was kept of it."""
    rows = ImportedRow.objects.filter(contact_id_made__in=ids).select_related("run").order_by("run_id", "line")
    for row in rows:
        yield {"file": row.run.file_name, "line": row.line, "outcome": row.get_outcome_display(), "cells": row.raw}


def erase_rows(ids: Sequence[int]) -> int:
    """Cells and reasons; that a line made somebody stays in the sums of the import."""
    return ImportedRow.objects.filter(contact_id_made__in=ids).update(raw=[], reason="")


def gather_records(ids: Sequence[int]) -> Iterator[dict[str, Any]]:
    """Which file, which line, what it says of an order or a visit."""
    rows = ImportedRecord.objects.filter(contact__in=ids).select_related("run").order_by("run_id", "line")
    for row in rows:
        yield {"file": row.run.file_name, "line": row.line, "said": row.said}


def erase_records(ids: Sequence[int]) -> int:
    """What was said; that it was said stays, so that it does not come in again."""
    return ImportedRecord.objects.filter(contact__in=ids).update(said={})
