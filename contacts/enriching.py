"""What a fact tells about its person: fields and traits, written in sets."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from contacts.news import contacts_changed
from workspaces.current import current_workspace_id

FIELDS = {
    "name": 200,
    "given_name": 100,
    "family_name": 100,
    "email": 254,
    "language": 10,
    "zone": 60,
    "country": 2,
    "city": 100,
}
MOST_TRAITS = 100
SET_FIELDS = f"""
-- Fields that people brought along. An untrusted source fills what is empty, a trusted one also replaces.
UPDATE contacts_contact c SET
{", ".join(f"{f} = CASE WHEN n.{f} IS NOT NULL AND (%(trusted)s OR c.{f} = '') THEN n.{f} ELSE c.{f} END" for f in FIELDS)}
FROM jsonb_to_recordset(%(rows)s::jsonb) AS n (id bigint, {", ".join(f"{f} text" for f in FIELDS)})
WHERE c.workspace_id = %(workspace)s AND c.id = n.id AND c.erased_at IS NULL
"""
SET_TRAITS = """
-- Traits in the column of their type; the newest value stands.
INSERT INTO contacts_trait (workspace_id, contact_id, name, text, number, moment, updated_at)
SELECT %(workspace)s, contact, name, text, number, moment, %(now)s
FROM jsonb_to_recordset(%(rows)s::jsonb) AS n (contact bigint, name text, text text, number float8, moment timestamptz)
ORDER BY contact, name
ON CONFLICT (workspace_id, contact_id, name) DO UPDATE
SET text = excluded.text, number = excluded.number, moment = excluded.moment, updated_at = excluded.updated_at
WHERE %(trusted)s
"""


def enrich(profiles: Sequence[tuple[int, Mapping[str, Any] | None]], *, trusted: bool = True) -> None:
    """Write (contact id, {field or trait: value}) pairs; of several values for one thing the last stands.

    Known fields go to the contact, everything else becomes a trait: numbers, moments (ISO), texts, booleans as
    "yes"/"no"; nested values are left out. Two statements for the whole batch.
    """
    fields: dict[int, dict[str, Any]] = {}
    traits: dict[tuple[int, str], dict[str, Any]] = {}
    for contact, profile in profiles:
        for name, value in list((profile or {}).items())[:MOST_TRAITS]:
            if name in FIELDS and isinstance(value, str):
                fields.setdefault(contact, {"id": contact})[name] = _clean(value)[: FIELDS[name]]
            elif (row := _trait(contact, name, value)) is not None:
                traits[contact, name] = row
    values: dict[str, Any] = {"workspace": current_workspace_id(), "trusted": trusted, "now": timezone.now()}
    with connection.cursor() as cursor:
        if fields:
            rows = json.dumps(sorted(fields.values(), key=lambda row: row["id"]))
            cursor.execute(SET_FIELDS, values | {"rows": rows})
        if traits:
            cursor.execute(SET_TRAITS, values | {"rows": json.dumps(list(traits.values()), default=str)})
    if fields or traits:
        contacts_changed.send(sender=None, contact_ids=sorted({*fields, *(contact for contact, _ in traits)}))


def _trait(contact: int, name: str, value: Any) -> dict[str, Any] | None:
    row: dict[str, Any] = {"contact": contact, "name": _clean(name)[:80], "text": ""}
    if isinstance(value, bool):
        return row | {"text": "yes" if value else "no"}
    if isinstance(value, int | float):
        return row | {"number": float(value), "text": f"{value:g}"}
    if isinstance(value, datetime):
        return row | {"moment": value, "text": value.isoformat()}
    if isinstance(value, str):
        return row | {"text": _clean(value)[:500], "moment": _moment(value)}
    return None


def _moment(text: str) -> datetime | None:
    if not (len(text) >= 16 and text[4:5] == "-"):
        return None
    try:
        moment = parse_datetime(text)
    except ValueError:
        return None
    if moment is None:
        return None
    return moment if timezone.is_aware(moment) else timezone.make_aware(moment)


def _clean(text: str) -> str:
    return text.replace("\0", "").strip()
