"""A row of any Owned model, made from its fields: so a new model is in the isolation test from its first day."""

import uuid
from datetime import date, time
from itertools import count
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models
from django.utils import timezone

from workspaces.current import current_workspace_id
from workspaces.models import Membership
from workspaces.owned import HeldByMembership, Owned, OwnedForeignKey

_numbers = count(1)


def make_row(model: type[Owned], **given: Any) -> Owned:
    """Save one row of `model` in the open workspace, with what it refers to; `given` overrides."""
    values: dict[str, Any] = {}
    for field in model._meta.local_fields:
        if field.name in given or field.attname in given or field.name == "workspace":
            continue
        if isinstance(field, models.BigAutoField):
            continue
        if isinstance(field, OwnedForeignKey) and field.null and field.related_model is model:
            continue  # a row that refers to another of its kind: one is enough
        if isinstance(field, OwnedForeignKey):
            values[field.attname] = make_row(field.related_model).pk
        elif (value := _value(field)) is not None:
            values[field.attname] = value
    if any(isinstance(one, HeldByMembership) for one in model._meta.constraints):
        values["user_id"] = _member_id()
    if given.get("workspace_id"):
        values["workspace_id"] = given["workspace_id"]
    row = model(**{**values, **given})
    row.save(force_insert=True)
    return row


def _member_id() -> int:
    """Whoever is a member of the open workspace."""
    found = Membership.objects.filter(workspace=current_workspace_id()).values_list("user_id", flat=True).first()
    return found or 0


def _value(field: models.Field) -> Any:  # noqa: PLR0912 - a list of kinds
    number = next(_numbers)
    if isinstance(field, models.UUIDField):
        return uuid.uuid4()
    if isinstance(field, models.BooleanField):
        return field.default if isinstance(field.default, bool) else False
    if isinstance(field, ArrayField):
        return [number]
    if isinstance(field, models.JSONField):
        return {}
    if isinstance(field, models.DateTimeField):
        return None if field.null else timezone.now()
    if isinstance(field, models.DateField):
        return None if field.null else date(2026, 1, 1 + number % 28)
    if isinstance(field, models.TimeField):
        return time(number // 60 % 24, number % 60)  # the next field's is later
    if isinstance(field, models.GenericIPAddressField):
        return None if field.null else "192.0.2.1"
    if isinstance(field, models.BinaryField):
        return b"x"
    if any(isinstance(one, RegexValidator) for one in field.validators) and field.has_default():
        return field.default  # written by a rule of its own, a colour for instance
    if field.choices:
        return next(iter(field.flatchoices))[0]
    if isinstance(field, models.CharField | models.TextField):
        return f"x{number}"[: field.max_length or 20]
    if isinstance(field, models.SmallIntegerField | models.PositiveSmallIntegerField):
        return number % 127 + 1
    if isinstance(field, models.IntegerField | models.FloatField):
        return number
    return None
