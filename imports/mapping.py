"""Guessing what a file's columns mean: by the program that wrote it, by their names, by a sample of their cells."""

import re
from collections.abc import Sequence
from typing import cast

from contacts.addresses import BadAddressError, normalise_phone
from contacts.custom_fields.knowing import active_fields
from contacts.enriching import types_in_use
from contacts.fields import field_of_header, fold_name
from imports.judging import looks_like_status
from imports.presets.base import Preset
from imports.reading import Dialect, unnamed
from imports.sniffing import ADDRESS
from imports.targets import ASK, COMPANY, CUSTOM, DECLARED, FIELD, MOMENT, NUMBER, OWNER, ROLE_THERE
from imports.values import NO_DAY, is_moment, is_number
from lib.rooms import house

# A file of no program we know. Own fields go by the aliases in contacts/fields.py.
PLAIN = Preset(
    name="",
    label="CSV",
    columns={
        "phone": "phone",
        "phone number": "phone",
        "mobile": "phone",
        "mobile phone": "phone",
        "telefon": "phone",
        "handy": "phone",
        "tags": "tags",
        "role": "role",
        "customer number": "external_id",
        "customer id": "external_id",
        "external_id": "external_id",
        "kundennummer": "external_id",
        "handle": "handle",
        **dict.fromkeys(
            (
                "company",
                "company name",
                "organisation",
                "organization",
                "firma",
                "firmenname",
                "unternehmen",
                "employer",
            ),
            COMPANY,
        ),
        **dict.fromkeys(("job title", "jobtitle", "role there", "funktion", "berufsbezeichnung"), ROLE_THERE),
        "unsubscribed": "opt_out",
        "opted out": "opt_out",
        "abgemeldet": "opt_out",
    },
    keeps_unknown=True,
)
FURTHER_EMAIL = re.compile(r"e-?mail(-?adresse| address)? ?\(?[2-9]\)?\Z|(e-?mail )?[2-9] address\Z", re.IGNORECASE)
FURTHER_PHONE = re.compile(r"(phone|telefon|mobile|handy|tel)( number)? ?\(?[2-9]\)?\Z", re.IGNORECASE)
OF_TYPE = {"text": FIELD, "number": NUMBER, "moment": MOMENT}
OWNERS = frozenset({"owner", "owneremail", "contactowner", "accountowner", "betreuer", "betreuerin", "zuständig"})
THING = re.compile(r"0\d|\d{11,}\Z")
THINGS = (
    "zip", "plz", "postleitzahl", "postcode", "postal", "nummer", "number", "card", "karte", "konto", "iban", "sku",
    "telefon", "phone", "fax", "barcode", "isbn",
)  # fmt: skip


def presets() -> list[Preset]:
    """The programs whose exports we know."""
    return cast("list[Preset]", list(house.import_presets.values()))


def preset_for(file_name: str, header: list[str]) -> Preset:
    """The program that wrote the file, or the plain one of people."""
    return next((one for one in presets() if one.fits(file_name, header)), PLAIN)


def preset_named(name: str) -> Preset:
    """The preset of this name; an unknown one is the plain one."""
    return next((one for one in presets() if one.name == name), PLAIN)


def guess_mapping(
    preset: Preset, header: Sequence[str], sample: Sequence[Sequence[str]], dialect: Dialect
) -> dict[str, str]:
    """Column → target. What seems to say who may be written to and no preset knows is asked; the rest is kept. A field
    that somebody has keeps its type, whatever these cells look like.
    """
    mapping: dict[str, str] = {}
    in_use = types_in_use(header)
    declared = {fold_name(word): one for one in active_fields() for word in (one.label, one.name)}
    for place, name in enumerate(header):
        cells = [cell for row in sample if place < len(row) and (cell := row[place].strip())]
        target = _target(preset, name, cells, dialect, set(mapping.values()), is_named=name != unnamed(place + 1))
        field = declared.get(fold_name(name)) if target in CUSTOM else None
        if field is not None:
            mapping[name] = f"{DECLARED}{field.name}"
        else:
            mapping[name] = OF_TYPE[in_use[name]] if target in CUSTOM and name in in_use else target
    if "email" not in mapping.values():
        for place, name in enumerate(header):
            cells = [cell for row in sample if place < len(row) and (cell := row[place].strip())]
            if cells and mapping[name] in CUSTOM and all(ADDRESS.match(cell) for cell in cells):
                mapping[name] = "email"
                break
    return mapping


def type_of(name: str, cells: Sequence[str], dialect: Dialect) -> str:
    """The custom field that a column of these cells becomes: of numbers or dates where most cells are such.

    What is not stays text, and is noted. Zeros in front and long rows of digits are numbers of things: text, as are
    columns called so.
    """
    some = [cell for cell in cells if not NO_DAY.match(cell)]
    if cells and not some:
        return MOMENT
    cells, enough = some, max(1, 0.6 * len(some))
    if sum(is_moment(cell, month_first=dialect.month_first) for cell in cells) >= enough:
        return MOMENT
    if any(THING.match(cell) for cell in cells) or any(word in fold_name(name) for word in THINGS):
        return FIELD
    numbers = sum(is_number(cell, decimal_comma=dialect.decimal_comma) for cell in cells)
    return NUMBER if numbers >= enough else FIELD


def _target(
    preset: Preset, name: str, cells: Sequence[str], dialect: Dialect, taken: set[str], *, is_named: bool
) -> str:
    known = preset.target(name)
    if known is None and preset.keeps_unknown:
        known = PLAIN.target(name) or field_of_header(name)
    if known is None and looks_like_status(name, cells, is_named=is_named):
        return ASK
    if known is None and preset.keeps_unknown:
        known = _by_shape(name, cells)
    if known == "email" and "email" in taken:
        known = "email_more"
    if known is None:
        return type_of(name, cells, dialect) if preset.keeps_unknown else ""
    return known


def _by_shape(name: str, cells: Sequence[str]) -> str | None:
    """Numbered columns and columns of nothing but addresses or phone numbers mean what they hold."""
    if FURTHER_EMAIL.match(name):
        return "email_more"
    if FURTHER_PHONE.match(name) or fold_name(name).endswith(("phone", "telefon", "mobilnummer")):
        return "phone"
    if fold_name(name) in OWNERS and cells and all(ADDRESS.match(cell) for cell in cells):
        return OWNER  # by name nobody is found: those stay a custom field
    if cells and all(cell.startswith("+") and _is_phone(cell) for cell in cells):
        return "phone"
    return None


def _is_phone(cell: str) -> bool:
    try:
        return bool(normalise_phone(cell))
    except BadAddressError:
        return False
