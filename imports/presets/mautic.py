"""Mautic's contact export: lists by "|", doNotContact names the channels that are off."""

from imports.presets.base import Preset

PRESET = Preset(
    name="mautic",
    label="Mautic",
    signs=frozenset({"donotcontact", "email"}),
    columns={
        "id": "external_id",
        "firstname": "given_name",
        "lastname": "family_name",
        "email": "email",
        "mobile": "phone",
        "phone": "phone",
        "preferred_locale": "language",
        "tags": "tags",
        "donotcontact": "opt_out",
        "city": "city",
        "country": "country",
        "timezone": "zone",
    },
    list_separator="|",
    id_prefix="mautic:",
    keeps_unknown=True,
)
