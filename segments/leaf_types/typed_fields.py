"""How a line about a declared field is written: the operators that fit its type, and its value read by it."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from contacts.custom_fields.values import BadValueError, read_choice, read_value
from contacts.models import CustomType, FieldDefinition
from segments.rules.comparing import MOMENT_OPS, MOST_DAYS, NUMBER_OPS, TEXT_OPS

KNOWN = {name: TEXT_OPS[name] for name in ("set", "unset")}
OPS: dict[str, Mapping[str, str | Promise]] = {
    CustomType.TEXT: TEXT_OPS,
    CustomType.NUMBER: {**NUMBER_OPS, **KNOWN},
    CustomType.DATE: MOMENT_OPS,
    CustomType.YES_NO: {"=": NUMBER_OPS["="], **KNOWN},
    CustomType.CHOICE: {name: TEXT_OPS[name] for name in ("=", "!=", "in", "set", "unset")},
}


def typed_ops(field: FieldDefinition) -> Mapping[str, str | Promise]:
    """What a field of this type can be compared by, in words."""
    return OPS[field.type]


def typed_value(field: FieldDefinition, op: str, text: str) -> dict[str, Any]:
    """The value of a line as its JSON holds it. ValidationError at the value for what the field cannot hold."""
    if op in {"set", "unset"}:
        return {}
    if op == "last_days":
        if not (text.isascii() and text.isdigit() and 0 < int(text[:9]) <= MOST_DAYS):
            raise ValidationError({"value": _("This needs a number of days.")})
        return {"value": int(text)}
    if not text:
        raise ValidationError({"value": _("This needs a value.")})
    try:
        return {"value": _read(field, op, text)}
    except BadValueError as error:
        raise ValidationError({"value": str(error)}) from error


def _read(field: FieldDefinition, op: str, text: str) -> Any:
    if op == "in":
        parts = [part for one in text.split(",") if (part := one.strip())]
        return [_choice(field, part) for part in parts]
    if field.type == CustomType.CHOICE:
        return _choice(field, text)
    written = read_value(field, text)
    if written is None or field.type == CustomType.TEXT:
        return text
    if field.type == CustomType.NUMBER and written.number is not None:
        return int(written.number) if written.number.is_integer() else written.number
    return written.text == "yes" if field.type == CustomType.YES_NO else written.text[:10]


def _choice(field: FieldDefinition, text: str) -> str:
    """A value as its field writes it; a rule may ask for an archived choice, and of a text for anything."""
    return read_choice(field, text, also_archived=True).text if field.type == CustomType.CHOICE else text
