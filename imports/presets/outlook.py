"""Outlook's export of contacts: categories by ";", dates with the month first, 0/0/00 for none."""

from imports.presets.base import Preset

PHONES = ("mobile phone", "primary phone", "business phone", "business phone 2", "home phone", "home phone 2",
          "other phone", "company main phone", "car phone")  # fmt: skip

PRESET = Preset(
    name="outlook",
    label="Outlook",
    signs=frozenset({"e-mail address", "business phone"}),
    columns={
        "first name": "given_name",
        "last name": "family_name",
        "e-mail address": "email",
        "e-mail 2 address": "email_more",
        "e-mail 3 address": "email_more",
        "categories": "tags",
        "home city": "city",
        "home country/region": "country",
        "company": "company",
        "job title": "role_there",
        "language": "language",
        **dict.fromkeys(PHONES, "phone"),
    },
    list_separator=";",
    keeps_unknown=True,
)
