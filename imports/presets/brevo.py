"""Brevo's contact export: numbers in SMS begin with a country code, without +; *_BLACKLISTED names who is off."""

from imports.presets.base import Preset

PRESET = Preset(
    name="brevo",
    label="Brevo",
    signs=frozenset({"email", "email_blacklisted"}),
    columns={
        "contact id": "external_id",
        "email": "email",
        "firstname": "given_name",
        "vorname": "given_name",
        "prenom": "given_name",
        "lastname": "family_name",
        "nachname": "family_name",
        "nom": "family_name",
        "sms": "phone",
        "whatsapp": "phone",
        "ext_id": "field",
        "opt_in": "consent",
        "double_opt-in": "field",
        "email_blacklisted": "opt_out",
        "sms_blacklisted": "opt_out_sms",
        "whatsapp_blacklisted": "field",
        "added_time": "field_date",
        "modified_time": "",
        "lists": "field",
    },
    id_prefix="brevo:",
    keeps_unknown=True,
    region="+",
)
