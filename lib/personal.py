"""Rows about a person as plain data that anybody can read and any program can take."""

import json
from collections.abc import Collection, Iterator
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

INTERNAL = {"id", "workspace"}
AT_ONCE = 2_000


def plain_rows(rows: models.QuerySet[Any], *, leave_out: Collection[str] = ()) -> Iterator[dict[str, Any]]:
    """Each row as {field: value} in the field's own words, without what is empty and what is only ours (ids, tenant)."""
    fields = [
        one
        for one in rows.model._meta.concrete_fields
        if one.name not in INTERNAL and one.name not in leave_out and not one.name.endswith("_folded")
    ]
    for row in rows.order_by("pk").iterator(AT_ONCE):
        yield _values(row, fields)


def plain_json(entry: Any) -> str:
    """One entry as JSON: moments as ISO 8601, decimals and ids as text."""
    return json.dumps(entry, cls=DjangoJSONEncoder, ensure_ascii=False)


def _values(row: Any, fields: list[Any]) -> dict[str, Any]:
    found = {}
    for field in fields:
        value = getattr(row, field.attname)
        if value in (None, "", [], {}):
            continue
        found[field.name] = str(getattr(row, f"get_{field.name}_display")()) if field.choices else value
    return found
