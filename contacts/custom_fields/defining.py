"""Declaring custom fields: define, rename, describe, move, archive and restore one; its choices added and archived.

What a field is called by rules, files and the API (its name) stays; people read its label.
"""

from collections.abc import Iterable, Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from contacts.custom_fields.knowing import LONGEST_NAME, MOST_FIELDS, field_named
from contacts.fields import fold_name, reserved_names
from contacts.folding import fold_case, folded
from contacts.models import CustomType, FieldDefinition
from lib.clock import now
from lib.foreign.cleaning import to_line
from workspaces.auditing import audit
from workspaces.models import User

MOST_CHOICES, LONGEST_CHOICE, LONGEST_HELP = 100, 120, 200


class BadFieldError(ValueError):
    """A field that cannot be declared or changed like this; the text says why."""


@transaction.atomic
def define_field(
    name: str,
    *,
    type: str = CustomType.TEXT,  # noqa: A002 - what it is called everywhere
    label: str = "",
    choices: Iterable[str] = (),
    help_line: str = "",
    by: User | None,
) -> FieldDefinition:
    """Declare a field under a name that no other bears, whatever its case. Values held under it stay as they are:
    contacts.custom_fields.retyping.declare_held brings them along. BadFieldError.
    """
    clean = check_name(name)
    if type not in CustomType.values:
        raise BadFieldError(_("There is no such type of field."))
    offered = check_choices(choices) if type == CustomType.CHOICE else []
    count = FieldDefinition.objects.count()
    if count >= MOST_FIELDS:
        raise BadFieldError(_("A workspace has at most %(n)s fields of its own.") % {"n": MOST_FIELDS})
    field = FieldDefinition.objects.create(
        name=clean,
        label=_label(label) or clean,
        type=type,
        choices=[{"value": one, "is_archived": False} for one in offered],
        help_line=to_line(help_line, LONGEST_HELP),
        position=count,
    )
    audit("field.defined", by=by, target=field, type=type)
    return field


@transaction.atomic
def rename_field(field: FieldDefinition, label: str, *, help_line: str | None = None, by: User | None) -> None:
    """People read this label, and this help line, from now on. May be repeated. BadFieldError."""
    said = _label(label)
    if not said:
        raise BadFieldError(_("A field needs a label."))
    if FieldDefinition.objects.exclude(pk=field.pk).filter(label=said, archived_at=None).exists():
        raise BadFieldError(_("Another field is called “%(label)s” already.") % {"label": said})
    field.label = said
    if help_line is not None:
        field.help_line = to_line(help_line, LONGEST_HELP)
    field.save(update_fields=["label", "help_line"])
    audit("field.renamed", by=by, target=field)


@transaction.atomic
def add_choice(field: FieldDefinition, choice: str, *, by: User | None) -> None:
    """One more choice at the end, or an archived one offered again. May be repeated. BadFieldError."""
    held = _held(field)
    _check_is_choice(held)
    said = to_line(choice, LONGEST_CHOICE + 1)
    known = next((one for one in held.choices if fold_case(one["value"]) == fold_case(said)), None)
    if known is None:
        check_choices([*held.known_choices, said])
        held.choices = [*held.choices, {"value": said, "is_archived": False}]
    elif known["value"] != said:
        raise BadFieldError(_differ_in_case(known["value"], said))
    else:
        known["is_archived"] = False
    _keep_choices(field, held, by)


@transaction.atomic
def archive_choice(field: FieldDefinition, choice: str, *, by: User | None) -> None:
    """Nobody is offered this choice any more; who has it keeps it. May be repeated. BadFieldError."""
    held = _held(field)
    _check_is_choice(held)
    known = next((one for one in held.choices if one["value"] == choice), None)
    if known is None:
        raise BadFieldError(_("There is no choice “%(choice)s”.") % {"choice": choice[:LONGEST_CHOICE]})
    if held.offered == [choice]:
        raise BadFieldError(_("A choice needs something to choose: add another one first."))
    known["is_archived"] = True
    _keep_choices(field, held, by)


@transaction.atomic
def archive_field(field: FieldDefinition, *, by: User | None) -> None:
    """Forms, columns and files offer it no more; the values, and rules that ask for it, go on. May be repeated."""
    if field.archived_at is None:
        field.archived_at = now()
        field.save(update_fields=["archived_at"])
        audit("field.archived", by=by, target=field)


@transaction.atomic
def restore_field(field: FieldDefinition, *, by: User | None) -> None:
    """It is offered again, with everything that people hold under it. May be repeated."""
    if field.archived_at is not None:
        field.archived_at = None
        field.save(update_fields=["archived_at"])
        audit("field.restored", by=by, target=field)


@transaction.atomic
def move_field(field: FieldDefinition, *, up: bool = True) -> None:
    """A place further up, or down, among those that are not archived. Nothing happens at the end."""
    held = FieldDefinition.objects.select_for_update().filter(archived_at=None)
    rows = list(held.order_by("position", "pk"))
    place = next((number for number, one in enumerate(rows) if one.pk == field.pk), None)
    other = None if place is None else place - 1 if up else place + 1
    if place is None or other is None or not 0 <= other < len(rows):
        return
    rows[place], rows[other] = rows[other], rows[place]
    for number, one in enumerate(rows):
        one.position = number
    FieldDefinition.objects.bulk_update(rows, ["position"])


def check_name(name: str) -> str:
    """The name under which values will stand. BadFieldError where it names one of ours, or a field that is there."""
    clean = to_line(name, LONGEST_NAME + 1)
    if len(clean) > LONGEST_NAME:
        raise BadFieldError(_("A name has at most %(n)s characters.") % {"n": LONGEST_NAME})
    if not any(letter.isalpha() for letter in clean):
        raise BadFieldError(_("A field needs a name with a letter in it."))
    if fold_name(clean) in {fold_name(one) for one in reserved_names()}:
        raise BadFieldError(_("“%(name)s” is a field that every contact has already.") % {"name": clean})
    if (there := field_named(clean)) is not None:
        words = (
            _("There is a field “%(name)s” already.")
            if there.archived_at is None
            else _("There is an archived field “%(name)s” already: restore it.")
        )
        raise BadFieldError(words % {"name": there.name})
    return clean


def check_choices(choices: Iterable[str]) -> list[str]:
    """What may be chosen, in order. BadFieldError where two differ only in case, one is too long or there is none."""
    found: dict[str, str] = {}
    for one in choices:
        said = to_line(one, LONGEST_CHOICE + 1)
        if not said:
            continue
        if len(said) > LONGEST_CHOICE:
            raise BadFieldError(_("A choice has at most %(n)s characters.") % {"n": LONGEST_CHOICE})
        if (twin := found.get(fold_case(said))) is not None and twin != said:
            raise BadFieldError(_differ_in_case(twin, said))
        found[fold_case(said)] = said
    if not found:
        raise BadFieldError(_("Give at least one choice, one a line."))
    if len(found) > MOST_CHOICES:
        raise BadFieldError(_("A field has at most %(n)s choices.") % {"n": MOST_CHOICES})
    return list(found.values())


def folded_name(name: str) -> str:
    """A name as fields are told apart by."""
    return folded(name, LONGEST_NAME)


def _label(label: str) -> str:
    return to_line(label, LONGEST_NAME)


def _held(field: FieldDefinition) -> FieldDefinition:
    return FieldDefinition.objects.select_for_update().get(pk=field.pk)


def _check_is_choice(field: FieldDefinition) -> None:
    if field.type != CustomType.CHOICE:
        raise BadFieldError(_("This field is no choice."))


def _keep_choices(field: FieldDefinition, held: FieldDefinition, by: User | None) -> None:
    held.save(update_fields=["choices"])
    field.choices = held.choices
    audit("field.choices_changed", by=by, target=field, count=len(held.offered))


def _differ_in_case(one: str, other: str) -> str:
    return _("“%(one)s” and “%(other)s” differ only in case: one of them is enough.") % {"one": one, "other": other}


def in_order(choices: Sequence[str]) -> list[dict[str, object]]:
    """Choices as a field keeps them."""
    return [{"value": one, "is_archived": False} for one in choices]
