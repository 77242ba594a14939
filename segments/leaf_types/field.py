"""{"field": {"name": "city", "op": "starts", "value": "Bo"}}: a contact's own or custom field, compared.

A name that contacts/fields.py knows is an own field, with that table's type; any other is a custom field, compared in
the column that operator and value speak of: "is 12" finds the number and the text, "is 2026-03-31" every moment of that
day too; of a field that was declared as yes or no the value is true or false. What a field was declared as guides the
form that writes a line; a line reads without it, so that no rule dies of another type. Text is compared without case.
Negations include people with no value.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.custom_fields.knowing import active_fields, field_named, fields_by_name
from contacts.fields import FieldType, Place, Sensitivity, field_at, fields_at, is_own
from contacts.models import ContactFrequency, CustomType, FieldDefinition, FieldValue
from lib.foreign.foreign_json import LONGEST_WHOLE
from lib.local_words import date_format
from segments.leaf_types.base import MOST_OFFERED, STRICT, Evidence, LeafForm, LeafType, Path, Phrase, QueryBuilder
from segments.leaf_types.field_words import FieldWords
from segments.leaf_types.typed_fields import typed_ops, typed_value
from segments.rules.comparing import (
    MOMENT_OPS,
    NUMBER_OPS,
    OPPOSITES,
    SQL_OPS,
    TEXT_OPS,
    check_moment,
    check_number,
    check_text,
    day_words,
    expect,
    folded_sql,
    is_number,
    moment_sql,
    span_of,
    text_sql,
    to_moment,
)

TEXT, NUMBER, MOMENT, YES_NO = FieldType.TEXT, FieldType.NUMBER, FieldType.MOMENT, FieldType.YES_NO
ORDER_OPS = {"<", "<=", ">", ">="}
WITHOUT_VALUE = {"set", "unset"}
MOST_CUSTOM = 200
LONGEST = FieldValue._meta.get_field("folded").max_length or 0
NUMERAL = re.compile(r"-?(0|[1-9]\d{0,14})([.,]\d+)?")  # 0012 is the number of a thing
Value = int | float | str | bool | list[str] | None


class FieldForm(LeafForm):
    name = forms.CharField(label=gettext_lazy("Field"), max_length=80, widget=forms.Select)
    op = forms.ChoiceField(label=gettext_lazy("How"), choices=list({**TEXT_OPS, **NUMBER_OPS, **MOMENT_OPS}.items()))
    value = forms.CharField(label=gettext_lazy("Value"), required=False, max_length=500)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = [(one.name, one.label) for one in fields_at(Place.SEGMENT)]
        used = set(FieldValue.objects.order_by("name").values_list("name", flat=True).distinct()[:MOST_CUSTOM])
        asked = str(self["name"].value() or "")
        declared = {one.name: one for one in fields_by_name().values()}
        offered = [(one.name, one.label) for one in declared.values() if one.archived_at is None or one.name == asked]
        known = {name for name, _label in [*own, *offered]} | declared.keys()
        custom = sorted((used | {asked}) - known - {""})
        choices = [*own, *offered, *((name, name) for name in custom)]
        self.fields["name"].widget.choices = choices  # type: ignore[attr-defined]
        self.declared = declared.get(asked)
        if self.declared is not None:
            self._enter_by_type(self.declared)

    @classmethod
    def initial_of(cls, argument: dict[str, Any]) -> dict[str, Any]:
        value = argument.get("value")
        if isinstance(value, bool) and not is_own(argument.get("name", "")):
            value = "yes" if value else "no"
        return {**argument, "value": ", ".join(value) if isinstance(value, list) else value}

    def _enter_by_type(self, field: FieldDefinition) -> None:
        """Operators of the declared type; a choice between values where there is one."""
        op, value = self.fields["op"], str(self["value"].value() or "")
        op.choices = [(key, words) for key, words in typed_ops(field).items()]  # type: ignore[attr-defined]
        offered = {CustomType.YES_NO: [("yes", _("yes")), ("no", _("no"))]}.get(
            CustomType(field.type), [(one, one) for one in field.known_choices]
        )
        if field.type in {CustomType.YES_NO, CustomType.CHOICE} and self["op"].value() != "in":
            choices = [("", "–"), *offered]
            choices += [(value, value)] if value and value not in dict(choices) else []
            self.fields["value"].widget = forms.Select(choices=choices)
        elif field.type == CustomType.NUMBER:
            self.fields["value"].widget.attrs["inputmode"] = "decimal"
        elif field.type == CustomType.DATE:
            self.fields["value"].widget.attrs["placeholder"] = "2026-05-31"

    def clean(self) -> dict[str, Any]:
        facts = super().clean() or self.cleaned_data
        if {"name", "op"} <= facts.keys() and self.declared is not None:
            made = {"name": self.declared.name, "op": facts["op"]}
            facts["made"] = made | typed_value(self.declared, facts["op"], facts.get("value", "").strip())
        elif {"name", "op"} <= facts.keys():
            facts["made"] = {"name": facts["name"], "op": facts["op"], **self._value(facts["op"], self._type(facts))}
        return facts

    def argument(self) -> Any:
        return self.cleaned_data["made"]

    def _type(self, facts: dict[str, Any]) -> FieldType:
        """Numbers of a custom field compare as numbers where the field holds any."""
        if own := field_at(Place.SEGMENT, facts["name"]):
            return own.type
        if facts["op"] in {"before", "after"}:
            return MOMENT
        if facts["op"] in ORDER_OPS:
            return TEXT if to_moment(facts.get("value", "").strip()) else NUMBER
        if facts["op"] not in NUMBER_OPS or not NUMERAL.fullmatch(facts.get("value", "").strip()):
            return TEXT
        return NUMBER if FieldValue.objects.filter(name=facts["name"], number__isnull=False).exists() else TEXT

    def _value(self, op: str, kind: FieldType) -> dict[str, Any]:
        text = self.cleaned_data.get("value", "").strip()
        if op in WITHOUT_VALUE:
            return {}
        if op == "last_days" or kind == NUMBER:
            try:
                number = float(text.replace(",", "."))
            except ValueError as error:
                raise ValidationError({"value": _("This needs a number.")}) from error
            is_whole = number.is_integer() and abs(number) < 10**LONGEST_WHOLE  # longer ones are read back as text
            return {"value": int(number) if is_whole else number}
        if op == "in":
            return {"value": [part.strip() for part in text.split(",") if part.strip()]}
        if kind == YES_NO:
            return {"value": text.lower() in {"yes", "true", "1", "ja", "x"}}
        return {"value": text}


class FieldLeaf(LeafType):
    type = "field"
    label = gettext_lazy("has a field")
    order = 20
    icon = "id"
    form = FieldForm
    reads = frozenset({"field"})
    words = FieldWords()

    class Argument(msgspec.Struct, **STRICT):
        name: str
        op: str
        value: Value = None

    argument: Argument

    @classmethod
    def check(cls, argument: Argument, path: Path) -> None:
        name, op, value = argument.name, argument.op, argument.value
        is_known = field_at(Place.SEGMENT, name) or (name and not is_own(name) and len(name) <= 80)
        expect(bool(is_known), path, _("There is no field “%(name)s”.") % {"name": name})
        kind = cls(argument).kind
        if kind == YES_NO:
            expect(op == "=" and isinstance(value, bool), path, _("This needs yes or no."))
        elif not (kind == MOMENT and op in ORDER_OPS and not field_at(Place.SEGMENT, name)):
            {TEXT: check_text, NUMBER: check_number, MOMENT: check_moment}[kind](op, value, path)

    @property
    def kind(self) -> FieldType:
        """The own field's type; of a custom one the column that operator and value speak of."""
        op, value = self.argument.op, self.argument.value
        if own := field_at(Place.SEGMENT, self.argument.name):
            return own.type
        if isinstance(value, bool):
            return YES_NO
        if is_number(value) and op in NUMBER_OPS:
            return NUMBER
        is_moment = op in {"before", "after", "last_days"} or (op in ORDER_OPS and to_moment(value) is not None)
        return MOMENT if is_moment else TEXT

    @classmethod
    def usual(cls) -> Iterable[Any]:
        declared = [one for one in active_fields() if one.type in {CustomType.CHOICE, CustomType.YES_NO}]
        for one in declared:
            values: list[Any] = [True, False] if one.type == CustomType.YES_NO else list(one.offered)
            yield from ({"name": one.name, "op": "=", "value": value} for value in values[:MOST_OFFERED])

    def condition(self, query: QueryBuilder) -> str:
        if field_at(Place.SEGMENT, self.argument.name):
            return self._own(query)
        inside = query.people(
            f"SELECT DISTINCT coalesce(m.survivor_id, t.contact_id) AS contact_id"
            f" {self._custom(query)} AND {self._custom_test(query)}"
        )
        return f"(NOT {inside})" if self.argument.op in OPPOSITES else inside

    def phrase(self) -> Phrase:
        op, value, own = self.argument.op, self.argument.value, field_at(Place.SEGMENT, self.argument.name)
        if self.argument.name == "contact_frequency" and value in ContactFrequency.values:
            value = str(ContactFrequency(value).label)
        moments = MOMENT_OPS if own else {**NUMBER_OPS, **MOMENT_OPS}
        ops = {TEXT: TEXT_OPS, NUMBER: NUMBER_OPS, MOMENT: moments, YES_NO: NUMBER_OPS}[self.kind]
        words = "" if op in WITHOUT_VALUE else _value_words(value, self.kind)
        declared = None if own else field_named(self.argument.name)
        label = own.label if own else declared.label if declared else self.argument.name
        return Phrase(label, ops[op], words, self.icon if own else "forms")

    def evidence(self, members: Sequence[int]) -> Evidence:
        query = QueryBuilder.about(members)
        if field_at(Place.SEGMENT, self.argument.name):
            row = query.rows(
                f"SELECT c.{self.argument.name} AS value, {self._own(query)} AS holds FROM contacts_contact c"
                f" WHERE c.workspace_id = %(workspace)s AND c.id = {query.param(members[0])}"
            )[0]
            return Evidence(_shown(row["value"]) or _("nothing known"), None, row["holds"])
        rows = query.rows(
            f"SELECT t.text, t.number, t.moment, t.updated_at, coalesce({self._custom_test(query)}, false) AS fits"
            f" {self._custom(query)} ORDER BY fits DESC, t.updated_at DESC"
        )
        holds = any(row["fits"] for row in rows) != (self.argument.op in OPPOSITES)
        if not rows:
            return Evidence(_("nothing known"), None, holds)
        value = next((rows[0][name] for name in ("text", "number", "moment") if rows[0][name] not in {None, ""}), "")
        return Evidence(_shown(value), rows[0]["updated_at"], holds)

    def identifies(self) -> bool:
        own = field_at(Place.SEGMENT, self.argument.name)
        return own is not None and own.sensitivity is Sensitivity.IDENTIFYING

    def moves_with_time(self) -> bool:
        return self.argument.op == "last_days"

    def _own(self, query: QueryBuilder) -> str:
        op, value, column = self.argument.op, self.argument.value, f"c.{self.argument.name}"
        if self.kind in {NUMBER, YES_NO}:
            return f"({column} {SQL_OPS[op]} {query.param(value)})"
        positive = OPPOSITES.get(op, op)
        own = field_at(Place.SEGMENT, self.argument.name)
        if self.kind == MOMENT:
            sql = moment_sql(column, positive, value, query)
        elif own and own.is_words:
            sql = folded_sql(f"c.{own.folded}", positive, value, query, length=own.length)
        else:
            sql = text_sql(column, positive, value, query)
        return f"(NOT {sql})" if op in OPPOSITES else f"({sql})"

    def _custom(self, query: QueryBuilder) -> str:
        return (
            f"{query.survivors('contacts_fieldvalue', 't')} WHERE t.workspace_id = %(workspace)s"
            f" AND t.name = {query.param(self.argument.name)}{query.only('t.contact_id')}"
        )

    def _custom_test(self, query: QueryBuilder) -> str:
        """Whether one row of a custom field fits the operator, or what it negates."""
        value, positive = self.argument.value, OPPOSITES.get(self.argument.op, self.argument.op)
        if positive == "set":
            return "TRUE"
        if self.kind == YES_NO:
            return f"t.folded = {query.param('yes' if value else 'no')}"
        if self.kind == NUMBER and positive != "=":
            return f"t.number {SQL_OPS[positive]} {query.param(value)}"
        if self.kind == MOMENT:
            return moment_sql("t.moment", positive, value, query)
        wanted = value if isinstance(value, list) else _written(value)
        tests = [folded_sql("t.folded", positive, wanted, query, length=LONGEST)]
        if positive in {"=", "in"}:
            said = value if isinstance(value, list) else [_written(value)]
            if numbers := [float(one.replace(",", ".")) for one in said if NUMERAL.fullmatch(one)]:
                tests.append(f"coalesce(t.number = ANY({query.param(numbers)}), false)")
            tests += [moment_sql("t.moment", "=", one, query) for one in said if span_of(one)]
        return f"({' OR '.join(tests)})"


def _written(value: Value) -> str:
    """A value of a rule as a text."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _value_words(value: Value, kind: FieldType) -> str:
    """A rule's value, readable."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return ", ".join(value)
    return day_words(value) if kind == MOMENT and isinstance(value, str) else str(value)


def _shown(value: Any) -> str:
    if value is None or value == "":
        return ""
    return date_format(value, "j M Y") if hasattr(value, "year") else str(value)
