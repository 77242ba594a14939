"""What a row of a file says about a person, and how its cells are accounted for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from contacts.custom_fields.values import LONGEST_TEXT, Written
from imports.judging import Word
from imports.values import Reading
from lib.foreign.cleaning import to_storable

LONGEST_NAME = 80
OF_THE_FILE = " (file)"  # after a custom field that bears the name of a contact's own field


@dataclass(slots=True)
class Draft:
    """What one row says. `notes` say what was left out or read otherwise; `error` makes the row unusable.

    `word` is what it says of consent by email. `columns` is target → the column it came from, for notes and rules.
    `shared` are the identities (kind, value) that several people use, by which it is found by name alone.
    """

    line: int
    emails: list[str] = field(default_factory=list)
    phones: list[str] = field(default_factory=list)
    handles: list[str] = field(default_factory=list)
    external_ids: list[str] = field(default_factory=list)
    fields: dict[str, str] = field(default_factory=dict)
    custom: dict[str, Any] = field(default_factory=dict)
    tags: list[str] = field(default_factory=list)
    role: int | None = None
    company: str = ""
    role_there: str = ""
    owner_id: int | None = None
    word: Word | None = None
    others_off: set[int] = field(default_factory=set)
    opted_in_at: datetime | None = None
    opted_in_ip: str | None = None
    proofs: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    noted: set[str] = field(default_factory=set)
    columns: dict[str, str] = field(default_factory=dict)
    error: str = ""
    shared: set[tuple[int, str]] = field(default_factory=set)
    reserved: frozenset[str] = frozenset()

    @property
    def email(self) -> str:
        """The address that emails would go to, or ""."""
        return self.emails[0] if self.emails else ""

    @property
    def key(self) -> str:
        """What tells two rows of one person: the strongest thing both could hold."""
        for values in (self.emails, self.external_ids, self.phones, self.handles):
            if values:
                return values[0]
        return ""

    def note(self, column: str, words: str) -> None:
        """Say something about the cell of a column."""
        self.notes.append(_("%(column)s: %(words)s.") % {"column": column, "words": words.rstrip(".")})
        self.noted.add(column)

    def keep(self, column: str, value: Written) -> None:
        """A custom field under the column's name, its text cut to what fits, and said so."""
        text = self.fitting(column, value.text, LONGEST_TEXT)
        name = custom_name(column, self.reserved)
        self.custom[name] = value if text == value.text else Written(text, value.number, value.moment)

    def fitting(self, column: str, text: str, length: int) -> str:
        """The text as a column of this length holds it; a cut is noted."""
        whole = to_storable(text)
        if len(whole) <= length:
            return whole
        self.note(column, _("cut to %(n)d letters") % {"n": length})
        return whole[:length].strip()


class Cell(NamedTuple):
    """One cell that holds something, with how to read it; `answers` say what words of its column mean."""

    column: str
    target: str
    text: str
    reading: Reading
    answers: Mapping[str, str]


def custom_name(column: str, reserved: frozenset[str]) -> str:
    """What a custom field of this column is called: one that bears the name of a contact's own field is told apart."""
    name = column[:LONGEST_NAME]
    return f"{name}{OF_THE_FILE}" if name in reserved else name
