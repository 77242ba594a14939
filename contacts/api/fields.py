"""The fields that contacts have: those of the product, those of the workspace, and declaring and changing the latter."""

from typing import Any, Literal

from django.http import HttpRequest
from ninja import Router, Schema, Status
from pydantic import Field

from contacts.api.shapes import FieldName
from contacts.custom_fields.defining import (
    BadFieldError,
    add_choice,
    archive_choice,
    archive_field,
    define_field,
    rename_field,
    restore_field,
)
from contacts.custom_fields.knowing import values_held
from contacts.custom_fields.retyping import UnsafeChangeError, change_type, declare_held
from contacts.enriching import types_in_use
from contacts.fields import Place, fields_at
from contacts.models import FieldDefinition
from lib.sql import run_sql
from workspaces.api.door import scope
from workspaces.api.pages import Id, ListOf, Taken
from workspaces.api.problems import Problem, nothing_here
from workspaces.current import current_workspace_id

router = Router()
type CustomTypeName = Literal["text", "number", "date", "yes_no", "choice"]
type ChoiceText = str
ANSWERS = "What stands in place of each value that does not fit: value → another value, or “” to let it go."


class FieldShape(Schema):
    """A field that contacts have: one of the product's own, or a custom one of this workspace.

    A custom one that nobody declared has no `id`, and the type of the values that people hold.
    """

    name: str
    label: str
    type: Literal["text", "number", "moment", "date", "yes_no", "choice"]
    is_custom: bool
    id: int | None = None
    choices: list[str] = []
    help_line: str = ""
    is_archived: bool = False


class NewField(Taken):
    """A custom field to declare."""

    name: FieldName
    type: CustomTypeName = "text"
    label: str = Field("", max_length=80)
    choices: list[str] = Field([], max_length=100, description="For the type choice.")
    help_line: str = Field("", max_length=200)
    answers: dict[str, str] = Field({}, max_length=100, description=ANSWERS)


class FieldChange(Taken):
    """What changes about a custom field; what is not said stays."""

    label: str | None = Field(None, min_length=1, max_length=80)
    help_line: str | None = Field(None, max_length=200)
    type: CustomTypeName | None = None
    add_choices: list[str] = Field([], max_length=100)
    archive_choices: list[str] = Field([], max_length=100)
    is_archived: bool | None = None
    answers: dict[str, str] = Field({}, max_length=100, description=ANSWERS)


@router.get("/fields", response=ListOf[FieldShape], summary="Fields of contacts")
@scope("contacts:read")
def list_fields(request: HttpRequest) -> dict[str, Any]:
    """The product's own, then those of this workspace: declared ones in their order, others by name."""
    own = [
        {"name": one.name, "label": str(one.label), "type": one.type.value, "is_custom": False}
        for one in fields_at(Place.SEGMENT)
    ]
    declared = list(FieldDefinition.objects.order_by("position", "pk"))
    known = {one.name for one in declared}
    names = [row[0] for row in run_sql("contacts/field_names", {"workspace": current_workspace_id()})]
    others = [name for name in names if name not in known]
    types = types_in_use(others)
    held = [{"name": name, "label": name, "type": types[name], "is_custom": True} for name in others if name in types]
    return {"items": [*own, *map(field_shape, declared), *held]}


@router.post("/fields", response={201: FieldShape}, summary="Declare a custom field")
@scope("contacts:write")
def declare_field(request: HttpRequest, said: NewField) -> Status:
    """People may hold values under the name already: 409 names those that the type cannot hold, until `answers` does."""
    facts = said.model_dump()
    if not values_held(said.name.strip(), 1):
        facts.pop("answers")
    with_values = "answers" in facts
    try:
        made = declare_held(by=None, **facts) if with_values else define_field(by=None, **facts)
    except UnsafeChangeError as error:
        raise _unsafe(error) from error
    except BadFieldError as error:
        raise Problem(422, str(error), code="no_such_field") from error
    return Status(201, field_shape(made))


@router.patch("/fields/{field_id}", response=FieldShape, summary="Change a custom field")
@scope("contacts:write")
def change_field(request: HttpRequest, field_id: Id, said: FieldChange) -> dict[str, Any]:
    """Label, help line, type, choices, archived. 409 names the values that another type cannot hold."""
    field = FieldDefinition.objects.filter(pk=field_id).first()
    if field is None:
        raise nothing_here("field")
    try:
        if said.type is not None and said.type != field.type:
            change_type(field, said.type, choices=said.add_choices, answers=said.answers, by=None)
        else:
            for choice in said.add_choices:
                add_choice(field, choice, by=None)
        for choice in said.archive_choices:
            archive_choice(field, choice, by=None)
        if said.label is not None or said.help_line is not None:
            rename_field(field, said.label or field.label, help_line=said.help_line, by=None)
        if said.is_archived is not None:
            (archive_field if said.is_archived else restore_field)(field, by=None)
    except UnsafeChangeError as error:
        raise _unsafe(error) from error
    except BadFieldError as error:
        raise Problem(422, str(error), code="no_such_field") from error
    return field_shape(FieldDefinition.objects.get(pk=field_id))


def field_shape(field: FieldDefinition) -> dict[str, Any]:
    """A declared field."""
    return {
        "name": field.name,
        "label": field.label,
        "type": field.type,
        "is_custom": True,
        "id": field.pk,
        "choices": field.offered,
        "help_line": field.help_line,
        "is_archived": field.archived_at is not None,
    }


def _unsafe(error: UnsafeChangeError) -> Problem:
    said = [(f"body.answers.{one.text}", f"{one.people}: {one.why}") for one in error.check.unfit]
    return Problem(409, str(error), code="values_would_be_lost", errors=said)
