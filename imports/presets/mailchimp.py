"""Mailchimp's audience export: the columns at its end tell unsubscribed and cleaned members, else the file's name.

TAGS is a list of quoted words; the moments of opt-in and confirmation are each member's own proof.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from consent.models import Suppression
from imports.models import ImportRun
from imports.presets.base import Preset


@dataclass(frozen=True)
class Mailchimp(Preset):
    """subscribed_, unsubscribed_ and cleaned_ (bounced for good) members."""

    def mode(self, file_name: str, header: Sequence[str]) -> str:
        columns = {one.lower() for one in header}
        name = file_name.lower().removeprefix("mailchimp_")
        if "unsub_time" in columns or name.startswith("unsubscribed"):
            return ImportRun.Mode.UNSUBSCRIBE
        is_cleaned = "clean_time" in columns or name.startswith("cleaned")
        return ImportRun.Mode.SUPPRESS if is_cleaned else ImportRun.Mode.UPSERT

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
        "optin_time": "opted_in_at",
        "optin_ip": "opted_in_ip",
        "confirm_time": "opted_in_at",
        "confirm_ip": "opted_in_ip",
        "unsub_time": "opt_out",
        "clean_time": "bounced",
        "unsub_reason": "field",
        "unsub_reason_other": "field",
        "birthday": "field",
        "address": "field",
        "notes": "field",
        "latitude": "",
        "longitude": "",
        "gmtoff": "",
        "dstoff": "",
        "last_changed": "",
        "leid": "",
        "euid": "",
        "unsub_campaign_title": "",
        "unsub_campaign_id": "",
        "clean_campaign_title": "",
        "clean_campaign_id": "",
    },
    keeps_unknown=True,
)
