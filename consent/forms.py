"""Forms of this room."""

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from consent.asking import MEANS, MessageClass
from consent.listed import MOST_ADDED
from consent.models import Topic
from contacts.channels import sendable


class MayWriteForm(forms.Form):
    """Which message on which channel: the question to the gate."""

    about = forms.ChoiceField(label=_("Kind of message"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        topics = list(Topic.objects.all())
        choices: list[tuple[str, Any]] = [
            (f"{kind}-{topic.pk}", _("%(kind)s: %(topic)s") % {"kind": kind.label, "topic": topic.name})
            for kind in (MessageClass.MARKETING, MessageClass.SUBSCRIBED)
            for topic in topics
        ]
        choices += [(f"{kind}-", MEANS[kind]) for kind in (MessageClass.TRANSACTIONAL, MessageClass.ANSWER)]
        self.fields["about"].choices = choices  # type: ignore[attr-defined]


class FindEntryForm(forms.Form):
    """Is this address on the suppression list?"""

    address = forms.CharField(
        label=_("Email address, number or handle"),
        max_length=320,
        widget=forms.TextInput(attrs={"placeholder": _("Email address, number or handle"), "size": 36}),
    )


class SuppressForm(forms.Form):
    """Addresses that nobody writes to any more, one a line."""

    addresses = forms.CharField(
        label=_("Addresses"),
        max_length=MOST_ADDED * 330,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("One a line, or with commas between them; 1,000 at most. More come in as a file."),
    )
    channel = forms.TypedChoiceField(label=_("Channel"), coerce=int)
    why = forms.CharField(
        label=_("Why"),
        max_length=200,
        required=False,
        help_text=_("Who asked for it, and when. Kept beside the entry."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["channel"].choices = [(one.value, one.label) for one in sendable()]  # type: ignore[attr-defined]

    def clean_addresses(self) -> list[str]:
        """The addresses as they were written, each once."""
        words = re.split(r"[\s,;]+", self.cleaned_data["addresses"])
        found = list(dict.fromkeys(filter(None, words)))
        if len(found) > MOST_ADDED:
            raise forms.ValidationError(
                _("These are %(count)s addresses. Import them as a file of opt-outs.") % {"count": len(found)}
            )
        return found
