"""The form of the sender of notifications: who is asked about us, how long a push is kept. Its keys are made here."""

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from delivery.forms import SenderForm
from lib.push.keys import make_keys
from messengers.push.subscribing import find_push_sender

SUBJECT = re.compile(r"(mailto:[^\s@,?]+@[^\s@,?]+\.[^\s@,?]+|https://[^\s/]+\.[^\s]+)\Z")
URGENCIES = [
    ("low", _("Low: waits until the device is charged or on wifi")),
    ("normal", _("Normal: waits while the battery is low")),
    ("high", _("High: wakes the device")),
]


class PushSenderForm(SenderForm):
    """Web push. The pair of keys is made once and stays: every browser that allowed us belongs to it."""

    subject = forms.CharField(
        label=_("Whom push services may write to"),
        max_length=200,
        help_text=_("An address such as mailto:web@example.com, or a page such as https://example.com/contact."),
    )
    hours = forms.IntegerField(
        label=_("Hours until it is of no use"), initial=24, min_value=0, max_value=28 * 24,
        help_text=_("So long it waits for a device that is off. 0: only for those that are on now."),
    )  # fmt: skip
    urgency = forms.ChoiceField(label=_("Urgency"), choices=URGENCIES, initial="normal")
    connections = forms.IntegerField(
        label=_("Connections at once"), initial=8, min_value=1, max_value=50, required=False
    )
    field_order = ("name", "subject", "hours", "urgency", "per_second", "connections")

    def clean_subject(self) -> str:
        """What RFC 8292 wants: mailto: or https:."""
        subject = str(self.cleaned_data["subject"]).strip()
        if "@" in subject and ":" not in subject:
            subject = f"mailto:{subject}"
        if SUBJECT.match(subject) is None or not subject.isascii():
            raise forms.ValidationError(_("Write mailto: and an email address, or an address that begins with https:."))
        return subject

    def clean_connections(self) -> int:
        """Eight, where nobody says."""
        return int(self.cleaned_data["connections"] or 8)

    def clean(self) -> dict[str, Any]:
        """One sender of notifications a workspace: browsers belong to its key. A new one gets its keys."""
        facts = super().clean() or self.cleaned_data
        other = find_push_sender()
        if other is not None and other.pk != self.instance.pk:
            raise forms.ValidationError(
                _("“%(name)s” sends notifications already, and browsers belong to its key. Change that one."),
                params={"name": other.name},
            )
        facts["public_key"] = self.instance.settings.get("public_key", "")
        if not self.instance.sealed_secret or not facts["public_key"]:
            facts["secret"], facts["public_key"] = make_keys()
        return facts
