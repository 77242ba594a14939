"""The history of a person's fields as it is read: one line a field that changed, newest first."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext, gettext_lazy, gettext_noop

from contacts.fields import CONTACT_FIELDS, ContactField, Sensitivity
from contacts.history.accounts import ACCOUNT
from contacts.models import Contact, FieldChange
from workspaces.models import User

PHONE, OWNER = "phone", "owner_id"
OTHERS = {PHONE: gettext_lazy("phone"), OWNER: gettext_lazy("Owner"), ACCOUNT: gettext_lazy("Account")}
# The sources that verbs of ours name; what a form, a key or a file is called stays as it is.
_SOURCES = (
    gettext_noop("by hand"),
    gettext_noop("changed for many"),
    gettext_noop("a change for many taken back"),
    gettext_noop("Their own page"),
    gettext_noop("Privacy desk"),
    gettext_noop("proven by a code"),
    gettext_noop("This is not them"),
    gettext_noop("the link was taken back"),
)
OWN: dict[str, ContactField] = {one.name: one for one in CONTACT_FIELDS}


@dataclass(frozen=True, slots=True)
class Line:
    """One field that changed: what stood there and what stands there since, who said so, by which way."""

    field: str
    before: Any
    after: Any
    at: datetime
    by: str
    source: str

    @property
    def label(self) -> str:
        """The field in words; a custom field is called what it is called."""
        if self.field in OTHERS:
            return str(OTHERS[self.field])
        return str(OWN[self.field].label) if self.field in OWN else self.field

    @property
    def source_words(self) -> str:
        """Which way it came: a way of the product's own is said in the reader's language."""
        return gettext(self.source) if self.source else gettext("nobody said where from")

    @property
    def is_reason(self) -> bool:
        """Whether the source is what a colleague typed, which may name somebody."""
        return self.field == ACCOUNT

    @property
    def is_identifying(self) -> bool:
        """Whether its value may say who somebody is; of what the workspace calls its own nobody knows that."""
        if self.field in OTHERS:
            return self.field == PHONE
        return self.field not in OWN or OWN[self.field].sensitivity is Sensitivity.IDENTIFYING


def changes_of(contact_ids: Sequence[int], *, field: str = "") -> "QuerySet[FieldChange]":
    """What changed of these contacts, of one field or of all, newest first."""
    rows = FieldChange.objects.filter(contact__in=list(contact_ids)).order_by("-pk")
    return rows.filter(changes__has_key=field) if field else rows


def lines_of(rows: Sequence[FieldChange], *, field: str = "") -> Iterator[Line]:
    """One line for each field of each change; of a person's own page or a file nobody of the team is named."""
    ids = {row.by_id for row in rows if row.by_id}
    ids |= {one for row in rows for one in row.changes.get(OWNER, ()) if type(one) is int}
    names = dict(User.objects.filter(pk__in=ids).values_list("pk", "name")) if ids else {}
    for row in rows:
        for name, (before, after) in row.changes.items():
            if field in {"", name}:
                by = names.get(row.by_id or 0, "")
                was, now = (_in_words(names, name, one) for one in (before, after))
                yield Line(name, was, now, row.at, by, row.source)


def _in_words(names: dict[int, str], name: str, value: Any) -> str:
    is_owner = name == OWNER and not isinstance(value, str | dict)
    return _owner(names, value) if is_owner else said(name, value)


def _owner(names: dict[int, str], pk: Any) -> str:
    """A colleague by name; of who is no longer known the number."""
    return names.get(pk) or f"#{pk}" if pk else ""


def text_of(value: Any) -> Any:
    """A value of the history without its type: of a custom field its text."""
    if isinstance(value, dict):
        return str(value.get("text") or value.get("number", value.get("moment", "")))
    return value


def said(name: str, value: Any) -> str:
    """A value of the history in words, "" for none."""
    value = text_of(value)
    if value is None or value == "":
        return ""
    if name in OWN and OWN[name].type in {"number", "yes_no"}:
        return _in_a_word(name, value)
    return str(value)


def _in_a_word(name: str, value: Any) -> str:
    """What a setting is called."""
    column: Any = Contact._meta.get_field(name)
    choices = dict(column.choices or ())
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    return str(choices.get(value, value))
