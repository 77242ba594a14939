"""A German Excel's CSV: decimal comma, days as dd.mm.yyyy, German column names."""

from imports.presets.base import Preset

PRESET = Preset(
    name="german_excel",
    label="Excel (Deutsch)",
    signs=frozenset({"vorname", "nachname"}),
    columns={
        "e-mail": "email",
        "email": "email",
        "mail": "email",
        "vorname": "given_name",
        "nachname": "family_name",
        "name": "name",
        "telefon": "phone",
        "handy": "phone",
        "mobil": "phone",
        "ort": "city",
        "stadt": "city",
        "land": "country",
        "sprache": "language",
        "kundennummer": "external_id",
        "newsletter": "consent",
        "abgemeldet": "opt_out",
        "werbesperre": "opt_out",
        "schlagworte": "tags",
    },
    decimal_comma=True,
    keeps_unknown=True,
)
