"""HubSpot's contact export: lists by ";", Record ID often broken by a spreadsheet.

Who may be emailed stands in one column for everything, in one for each topic ("Opted out of email: …") and in the
reason of a hard bounce.
"""

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
        "additional email addresses": "email_more",
        "phone number": "phone",
        "mobile phone number": "phone",
        "lifecycle stage": "role",
        "interests": "tags",
        "unsubscribed from all email": "opt_out",
        "email hard bounce reason": "bounced",
        "global email hard bounce reason": "bounced",
        "invalid email address": "bounced",
        "marketing contact status": "field",
        "company name": "company",
        "associated company": "company",
        "job title": "role_there",
        "lead status": "field",
        "city": "city",
        "country/region": "country",
        "country": "country",
        "preferred language": "language",
        "time zone": "zone",
        "email domain": "",
        "currently in sequence": "",
    },
    beginnings={"opted out of email": "opt_out"},
    list_separator=";",
    id_prefix="hubspot:",
    keeps_unknown=True,
)
