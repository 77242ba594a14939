"""`/contacts/{id}/history`: which field changed, from what to what, who said so."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from contacts.api.reading import find_contact
from contacts.history.reading import changes_of, text_of
from contacts.merging import everyone_in
from workspaces.api.door import scope
from workspaces.api.pages import Id, Paged, PageOf, newest_first

router = Router()


class FieldPair(Schema):
    """What stood in a field, and what stands there since; null for nothing."""

    field: str
    before: str | int | bool | None
    after: str | int | bool | None


class ChangeShape(Schema):
    """Fields of one contact that changed at once. `by_id` is a colleague, if it was one."""

    id: int
    contact_id: int = Field(description="The record that changed: of a merged person one of several.")
    at: datetime
    source: str
    by_id: int | None
    changes: list[FieldPair]


class HistoryAsked(Paged):
    """Of which field."""

    field: str = Field("", max_length=80, description="Left out: of every field.")


@router.get("/contacts/{contact_id}/history", response=PageOf[ChangeShape], summary="What changed of a contact")
@scope("contacts:read")
def list_changes(request: HttpRequest, contact_id: Id, asked: Query[HistoryAsked]) -> dict[str, Any]:
    """Newest first, of everybody who was merged into the person too. Who was made by a file or a form has no changes yet."""
    rows = changes_of(everyone_in(find_contact(contact_id).pk), field=asked.field.replace("\0", ""))
    found, after = newest_first(rows, asked)
    return {"items": [_shape(row, asked.field) for row in found], "next": after}


def _shape(row: Any, field: str) -> dict[str, Any]:
    pairs = [
        {"field": name, "before": text_of(before), "after": text_of(after)}
        for name, (before, after) in row.changes.items()
        if field in {"", name}
    ]
    return {
        "id": row.pk,
        "contact_id": row.contact_id,
        "at": row.at,
        "source": row.source,
        "by_id": row.by_id,
        "changes": pairs,
    }
