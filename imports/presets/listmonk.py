"""listmonk's subscriber export: fields as JSON in one column, "blocklisted" as status."""

from imports.presets.base import Preset

PRESET = Preset(
    name="listmonk",
    label="listmonk",
    signs=frozenset({"uuid", "attributes", "status"}),
    columns={
        "uuid": "external_id",
        "email": "email",
        "name": "name",
        "attributes": "attributes",
        "status": "status",
        "created_at": "opted_in_at",
    },
    id_prefix="listmonk:",
)
