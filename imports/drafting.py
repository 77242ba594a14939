"""Reading rows into drafts, by a mapping of columns to targets.

Each column is made ready once. Values repeat within a column: what a cell means whatever else its row says (a country,
tags, a number, a plain address) is found once and remembered. Every other cell goes the long way through cells.py,
which decides alone.
"""

from collections.abc import Callable, Mapping, Sequence

from contacts.addresses import plain_email, plain_phone
from contacts.countries import country_code
from contacts.custom_fields.values import LONGEST_TEXT, Written
from contacts.fields import Place, fields_at, names_at
from contacts.folding import folded
from imports.cells import BLANKS, complete, in_country, take
from imports.drafts import LONGEST_NAME, Cell, Draft, custom_name
from imports.judging import Word
from imports.targets import CUSTOM, DECLARED, FIELD, MOMENT, NUMBER
from imports.values import Reading

MOST_REMEMBERED = 50_000
Taker = Callable[[Draft, str, Reading], None]
ASKING = {"consent", "status"}
TYPED = {NUMBER, MOMENT}


class Drafter:
    """Reads rows into drafts by a mapping of columns to targets (a custom field keeps the column's name)."""

    def __init__(
        self,
        header: Sequence[str],
        mapping: Mapping[str, str],
        reading: Reading,
        answers: Mapping[str, Mapping[str, str]] | None = None,
    ) -> None:
        places = {name: place for place, name in enumerate(header)}
        self._reading = reading
        self._asks_for_yes = bool(ASKING & set(mapping.values()))
        targets = [
            (name, _declared(name, target, reading)) for name, target in mapping.items() if target and name in places
        ]
        self._takers = [(places[name], _taker(name, target, (answers or {}).get(name, {}))) for name, target in targets]
        follows = reading.follows_country and "phone" in mapping.values()
        self._country = (
            next((places[name] for name, target in targets if target == "country"), None) if follows else None
        )
        self._at_home: dict[str, Reading] = {}

    def draft(self, line: int, cells: Sequence[str]) -> Draft:
        """What a row says."""
        reading = self._reading
        draft = Draft(line, reserved=reading.reserved)
        if self._country is not None:
            reading = self._read_at_home(cells[self._country])
        for place, take_cell in self._takers:
            if text := cells[place].strip(BLANKS):
                take_cell(draft, text, reading)
        if self._asks_for_yes and draft.word is None:
            draft.word = Word.NO  # who agreed stands in a column, and here it says nothing
        complete(draft, cells)
        return draft

    def _read_at_home(self, country: str) -> Reading:
        """Numbers were dialled where the row says that the person lives."""
        if (found := self._at_home.get(country)) is None:
            if len(self._at_home) > MOST_REMEMBERED:
                self._at_home.clear()
            found = self._at_home[country] = in_country(self._reading, country_code(country))
        return found


def draft_of(
    line: int,
    row: Mapping[str, str],
    mapping: Mapping[str, str],
    reading: Reading,
    answers: Mapping[str, Mapping[str, str]] | None = None,
) -> Draft:
    """The draft of one row alone."""
    return Drafter(list(row), mapping, reading, answers).draft(line, list(row.values()))


def _taker(column: str, target: str, answers: Mapping[str, str]) -> Taker:
    """Takes a cell of this column into a draft."""

    def the_long_way(draft: Draft, text: str, reading: Reading) -> None:
        take(draft, Cell(column, target, text, reading, answers))

    match target:
        case "email":
            taker = _email(column, the_long_way)
        case "phone":
            taker = _phone(column, the_long_way)
        case "country":
            taker = _remembering(column, target, the_long_way, _country_of, _put_country)
        case "tags":
            taker = _remembering(column, target, the_long_way, _tags_of, _put_tags)
        case one if one in TYPED or one.startswith(DECLARED):
            taker = _remembering(column, target, the_long_way, _custom_of, _put_custom)
        case one if one == FIELD:
            taker = _text(column, the_long_way)
        case one if one in names_at(Place.IMPORT):
            taker = _own(column, target, the_long_way)
        case _:
            taker = the_long_way
    return taker


def _declared(column: str, target: str, reading: Reading) -> str:
    """A custom field under the name of a declared one is that one: its type reads the cells."""
    field = reading.declared.get(folded(column, LONGEST_NAME)) if target in CUSTOM else None
    return f"{DECLARED}{field.name}" if field is not None else target


def _own(column: str, target: str, the_long_way: Taker) -> Taker:
    """What can be printed and fits stands as it is, where the row holds nothing under this field yet."""
    length = next(one.length for one in fields_at(Place.IMPORT) if one.name == target)

    def take_own(draft: Draft, text: str, reading: Reading) -> None:
        if len(text) <= length and text.isprintable() and not draft.fields.get(target):
            draft.columns.setdefault(target, column)
            draft.fields[target] = text
        else:
            the_long_way(draft, text, reading)

    return take_own


def _text(column: str, the_long_way: Taker) -> Taker:
    def take_text(draft: Draft, text: str, reading: Reading) -> None:
        if len(text) <= LONGEST_TEXT and text.isprintable():
            draft.columns.setdefault(FIELD, column)
            draft.custom[custom_name(column, draft.reserved)] = Written(text)
        else:
            the_long_way(draft, text, reading)

    return take_text


def _email(column: str, the_long_way: Taker) -> Taker:
    def take_email(draft: Draft, text: str, reading: Reading) -> None:
        if address := plain_email(text):
            draft.columns.setdefault("email", column)
            draft.emails.insert(0, address)
        else:
            the_long_way(draft, text, reading)

    return take_email


def _phone(column: str, the_long_way: Taker) -> Taker:
    def take_phone(draft: Draft, text: str, reading: Reading) -> None:
        if number := plain_phone(text):
            draft.columns.setdefault("phone", column)
            if number not in draft.phones:
                draft.phones.append(number)
        else:
            the_long_way(draft, text, reading)

    return take_phone


def _remembering[T](
    column: str,
    target: str,
    the_long_way: Taker,
    result: Callable[[Draft], T | None],
    put: Callable[[Draft, T], object],
) -> Taker:
    """Taken the long way into a draft of its own first: what leaves no note there is put into others as it is."""
    known: dict[str, T | None] = {}  # None: to be taken the long way each time, for its note

    def learn(text: str, reading: Reading) -> T | None:
        if len(known) > MOST_REMEMBERED:
            known.clear()
        trial = Draft(0, reserved=reading.reserved)
        the_long_way(trial, text, reading)
        known[text] = None if trial.notes else result(trial)
        return known[text]

    def take_cell(draft: Draft, text: str, reading: Reading) -> None:
        value = known[text] if text in known else learn(text, reading)
        if value is None:
            the_long_way(draft, text, reading)
        else:
            draft.columns.setdefault(target, column)
            put(draft, value)

    return take_cell


def _custom_of(draft: Draft) -> tuple[str, Written] | None:
    return next(iter(draft.custom.items()), None)


def _put_custom(draft: Draft, item: tuple[str, Written]) -> None:
    draft.custom[item[0]] = item[1]


def _tags_of(draft: Draft) -> list[str]:
    return draft.tags


def _put_tags(draft: Draft, tags: list[str]) -> None:
    draft.tags += tags


def _country_of(draft: Draft) -> str | None:
    return draft.fields.get("country")


def _put_country(draft: Draft, code: str) -> None:
    draft.fields.setdefault("country", code)
