"""Cells of what the workspace declared or holds itself: its fields, companies, members. As in cells.py each is accounted for."""

from django.utils.translation import gettext as _

from contacts.companies.keeping import LONGEST_NAME as LONGEST_COMPANY
from contacts.companies.positions import LONGEST_ROLE
from contacts.custom_fields.values import LONGEST_TEXT, BadValueError
from contacts.folding import folded
from contacts.models import CustomType, FieldDefinition
from imports.drafts import LONGEST_NAME, Cell, Draft
from imports.targets import DECLARED
from imports.values import read_declared
from lib.foreign.cleaning import to_line


def take_declared(draft: Draft, cell: Cell) -> None:
    """A field that the workspace declared: what its type cannot hold is noted, and the row kept without it."""
    name = cell.target.removeprefix(DECLARED)
    field = cell.reading.declared.get(folded(name, LONGEST_NAME))
    if field is None:
        draft.note(cell.column, _("“%(text)s” is left out: nobody knows what it is") % {"text": cell.text[:60]})
        return
    text = draft.fitting(cell.column, cell.text, LONGEST_TEXT) if field.type == CustomType.TEXT else cell.text
    put_declared(draft, cell, field, text)


def put_declared(draft: Draft, cell: Cell, field: FieldDefinition, text: str) -> None:
    """A value goes into the draft under the field's own name, or is noted."""
    try:
        written = read_declared(field, text, cell.reading)
    except BadValueError as error:
        draft.note(cell.column, _("“%(text)s” is left out: %(why)s") % {"text": text[:60], "why": error})
        return
    if written is not None:
        draft.custom[field.name] = written


def take_company(draft: Draft, cell: Cell) -> None:
    """The name of a company; the first of a row stands."""
    name = to_line(cell.text, LONGEST_COMPANY + 1)
    if not name or (draft.company and draft.company != name):
        draft.note(cell.column, _("“%(text)s” is left out: one company a row") % {"text": cell.text[:60]})
        return
    draft.company = draft.fitting(cell.column, name, LONGEST_COMPANY)


def take_role_there(draft: Draft, cell: Cell) -> None:
    """What they do at the row's company."""
    draft.role_there = draft.fitting(cell.column, to_line(cell.text, LONGEST_ROLE + 1), LONGEST_ROLE)


def take_owner(draft: Draft, cell: Cell) -> None:
    """The member who looks after them, by their address."""
    draft.owner_id = cell.reading.members.get(cell.text.casefold())
    if draft.owner_id is None:
        draft.note(cell.column, _("“%(text)s” is left out: no member has this address") % {"text": cell.text[:60]})
