"""Mailchimp's audience export: the status of the people is in the file's name; TAGS is a list of quoted words."""

from dataclasses import dataclass

from consent.models import Suppression
from imports.models import ImportRun
from imports.presets.base import Preset


@dataclass(frozen=True)
class Mailchimp(Preset):
    """subscribed_, unsubscribed_ and cleaned_ (bounced for good) members."""

    def mode(self, file_name: str) -> str:
        name = file_name.lower().removeprefix("mailchimp_")
        if name.startswith("unsubscribed"):
            return ImportRun.Mode.UNSUBSCRIBE
        return ImportRun.Mode.SUPPRESS if name.startswith("cleaned") else ImportRun.Mode.UPSERT

    def reason(self) -> str:
        return Suppression.Reason.BOUNCE


PRESET = Mailchimp(
    name="mailchimp",
    label="Mailchimp",
    signs=frozenset({"email address", "member_rating", "leid"}),
    columns={
        "email address": "email",
        "first name": "given_name",
        "last name": "family_name",
        "phone number": "phone",
        "timezone": "zone",
        "cc": "country",
        "tags": "tags",
        "confirm_time": "opted_in_at",
        "confirm_ip": "opted_in_ip",
        "birthday": "field",
        "member_rating": "field",
        "address": "field",
        "notes": "field",
    },
)
