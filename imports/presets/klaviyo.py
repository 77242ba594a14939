"""Klaviyo's export of a list or segment: consent in words with its moment, suppressions as a list."""

from imports.presets.base import Preset

PRESET = Preset(
    name="klaviyo",
    label="Klaviyo",
    signs=frozenset({"email", "klaviyo id"}),
    columns={
        "email": "email",
        "klaviyo id": "external_id",
        "first name": "given_name",
        "last name": "family_name",
        "organization": "field",
        "title": "field",
        "phone number": "phone",
        "city": "city",
        "country": "country",
        "zip code": "field",
        "email marketing consent": "consent",
        "email marketing consent timestamp": "opted_in_at",
        "sms marketing consent": "field",
        "sms marketing consent timestamp": "field_date",
        "email suppressions": "suppressed",
        "email suppressions timestamp": "field_date",
        "ip address": "opted_in_ip",
        "latitude": "",
        "longitude": "",
        "source": "",
        "$consent": "field",
        "$source": "",
    },
    id_prefix="klaviyo:",
    keeps_unknown=True,
)
