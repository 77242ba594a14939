"""Google Contacts' CSV: several values of a cell stand between " ::: ", addresses and phones in numbered columns."""

from imports.presets.base import Preset

NUMBERS = range(1, 10)

PRESET = Preset(
    name="google",
    label="Google Contacts",
    signs=frozenset({"first name", "e-mail 1 - value"}),
    columns={
        "first name": "given_name",
        "last name": "family_name",
        "labels": "tags",
        "e-mail 1 - value": "email",
        "address 1 - city": "city",
        "address 1 - country": "country",
        "organization name": "company",
        "organization title": "role_there",
        "file as": "field",
        "photo": "",
        **{f"e-mail {n} - value": "email_more" for n in NUMBERS if n > 1},
        **{f"phone {n} - value": "phone" for n in NUMBERS},
        **{f"e-mail {n} - label": "" for n in NUMBERS},
        **{f"phone {n} - label": "" for n in NUMBERS},
        **{f"address {n} - label": "" for n in NUMBERS},
    },
    list_separator=",",
    keeps_unknown=True,
)
