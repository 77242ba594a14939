"""HubSpot's contact export: lists by ";", Record ID often broken by a spreadsheet, one column for "no mail at all"."""

from imports.presets.base import Preset

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
        "contact owner": "field",
        "lead status": "field",
        "marketing contact status": "field",
        "create date": "field",
        "last activity date": "field",
        "nps score": "field",
        "city": "city",
        "country/region": "country",
        "preferred language": "language",
        "time zone": "zone",
    },
    list_separator=";",
    id_prefix="hubspot:",
)
