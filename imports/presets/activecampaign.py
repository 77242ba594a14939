"""ActiveCampaign's contact export: the status of a contact in words, its date of subscription in a column of its own."""

from imports.presets.base import Preset

PRESET = Preset(
    name="activecampaign",
    label="ActiveCampaign",
    signs=frozenset({"contact id", "email", "status", "subscribed date"}),
    columns={
        "contact id": "external_id",
        "email": "email",
        "first name": "given_name",
        "last name": "family_name",
        "phone": "phone",
        "ip address": "opted_in_ip",
        "status": "status",
        "subscribed date": "opted_in_at",
        "unsubscribed date": "opt_out",
        "unsubscribe reason": "field",
        "lists": "field",
        "tags": "tags",
    },
    id_prefix="activecampaign:",
    keeps_unknown=True,
)
