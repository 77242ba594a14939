"""Guessing what a file's columns mean: by the program that wrote it, by their names, by a sample of their cells."""

from collections.abc import Sequence
from typing import cast

from contacts.fields import field_of_header
from imports.drafts import FIELD
from imports.presets.base import Preset
from lib.rooms import house

# A file of no program we know. Own fields go by the aliases in contacts/fields.py.
PLAIN = Preset(
    name="",
    label="CSV",
    columns={
        "phone": "phone",
        "phone number": "phone",
        "mobile": "phone",
        "tags": "tags",
        "role": "role",
        "id": "external_id",
        "customer number": "external_id",
        "customer id": "external_id",
        "external_id": "external_id",
        "handle": "handle",
        "unsubscribed": "opt_out",
    },
    keeps_unknown=True,
)


def presets() -> list[Preset]:
    """The programs whose exports we know."""
    return cast("list[Preset]", list(house.import_presets.values()))


def preset_for(file_name: str, header: list[str]) -> Preset:
    """The program that wrote the file, or the plain one."""
    return next((one for one in presets() if one.fits(file_name, header)), PLAIN)


def preset_named(name: str) -> Preset:
    """The preset of this name; an unknown one is the plain one."""
    return next((one for one in presets() if one.name == name), PLAIN)


def guess_mapping(preset: Preset, header: Sequence[str], sample: Sequence[Sequence[str]]) -> dict[str, str]:
    """Column → target. Known programs leave out what they do not know; a plain file keeps it as custom fields."""
    mapping = {name: _target(preset, name) for name in header if name}
    if "email" not in mapping.values():
        for place, name in enumerate(header):
            cells = [row[place] for row in sample if place < len(row) and row[place].strip()]
            if cells and all("@" in cell for cell in cells):
                mapping[name] = "email"
                break
    return mapping


def _target(preset: Preset, name: str) -> str:
    known = preset.columns.get(name.lower())
    if known is None and preset.keeps_unknown:
        return field_of_header(name) or FIELD
    return known or ""
