"""Guessing what a file's columns mean: by the program that wrote it, by their names, by a sample of their cells."""

from collections.abc import Sequence

from contacts.importing.presets.base import Preset
from contacts.importing.presets.german_excel import PRESET as GERMAN_EXCEL
from contacts.importing.presets.hubspot import PRESET as HUBSPOT
from contacts.importing.presets.listmonk import PRESET as LISTMONK
from contacts.importing.presets.mailchimp import PRESET as MAILCHIMP
from contacts.importing.presets.mautic import PRESET as MAUTIC

PLAIN = Preset(
    name="",
    label="CSV",
    columns={
        "e-mail": "email",
        "email": "email",
        "email address": "email",
        "mail": "email",
        "e-mail address": "email",
        "name": "name",
        "full name": "name",
        "first name": "given_name",
        "firstname": "given_name",
        "given name": "given_name",
        "given_name": "given_name",
        "last name": "family_name",
        "lastname": "family_name",
        "surname": "family_name",
        "family_name": "family_name",
        "phone": "phone",
        "phone number": "phone",
        "mobile": "phone",
        "city": "city",
        "country": "country",
        "language": "language",
        "locale": "language",
        "timezone": "zone",
        "time zone": "zone",
        "zone": "zone",
        "tags": "tags",
        "role": "role",
        "id": "external_id",
        "customer number": "external_id",
        "customer id": "external_id",
        "external_id": "external_id",
        "handle": "handle",
        "unsubscribed": "opt_out",
    },
)
PRESETS: dict[str, Preset] = {one.name: one for one in (MAILCHIMP, HUBSPOT, MAUTIC, LISTMONK, GERMAN_EXCEL)}


def preset_for(file_name: str, header: list[str]) -> Preset:
    """The program that wrote the file, or the plain one."""
    return next((one for one in PRESETS.values() if one.fits(file_name, header)), PLAIN)


def preset_named(name: str) -> Preset:
    """The preset of this name; an unknown one is the plain one."""
    return PRESETS.get(name, PLAIN)


def guess_mapping(preset: Preset, header: Sequence[str], sample: Sequence[Sequence[str]]) -> dict[str, str]:
    """Column → target. Known programs leave out what they do not know; a plain file keeps it as fields of ours."""
    unknown = "" if preset.signs and preset is not GERMAN_EXCEL else "trait"
    mapping = {name: preset.columns.get(name.lower(), unknown) for name in header if name}
    if "email" not in mapping.values():
        for place, name in enumerate(header):
            cells = [row[place] for row in sample if place < len(row) and row[place].strip()]
            if cells and all("@" in cell for cell in cells):
                mapping[name] = "email"
                break
    return mapping
