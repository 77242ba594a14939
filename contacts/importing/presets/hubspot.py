"""HubSpot's contact export: lists by ";", Record ID often broken by a spreadsheet, one column for "no mail at all"."""

from contacts.importing.presets.base import Preset

PRESET = Preset(
    name="hubspot",
    label="HubSpot",
    signs=frozenset({"record id", "lifecycle stage"}),
    columns={
        "record id": "external_id",
        "first name": "given_name",
        "last name": "family_name",
        "email": "email",
        "phone number": "phone",
        "lifecycle stage": "role",
        "interests": "tags",
        "unsubscribed from all email": "opt_out",
        "contact owner": "trait",
        "lead status": "trait",
        "marketing contact status": "trait",
        "create date": "trait",
        "last activity date": "trait",
        "nps score": "trait",
        "city": "city",
        "country/region": "country",
        "preferred language": "language",
        "time zone": "zone",
    },
    list_separator=";",
    id_prefix="hubspot:",
)
