"""Forms of this room."""

import re
from typing import Any, ClassVar

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from consent.asking import MEANS, MessageClass
from consent.listed import MOST_ADDED
from consent.models import Basis, ContactHours, Topic
from contacts.channels import sendable
from contacts.countries import country_choices
from lib.once import once_a_page
from lib.written_meanwhile import MeanwhileForm


@once_a_page
def _topics() -> list[Topic]:
    return list(Topic.objects.all())


class MayWriteForm(forms.Form):
    """Which message on which channel: the question to the gate."""

    about = forms.ChoiceField(label=_("Kind of message"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        topics = _topics()
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


class TopicForm(MeanwhileForm, forms.ModelForm):
    """What people can ask for, in their words."""

    class Meta:
        model = Topic
        fields = ("name", "promise", "asks", "basis", "months", "is_private")
        labels: ClassVar = {"is_private": _("Private: not offered on people’s own pages")}
        help_texts: ClassVar = {
            "basis": _("Why you may write, where a file or the API says nothing else. What people tick is a consent."),
            "months": _("Empty: until they say no. Yeses that stand already end as they were told."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["basis"].required = False

    def clean_basis(self) -> str:
        """Where nothing is chosen, it needs a consent."""
        return self.cleaned_data["basis"] or Basis.CONSENT


class CapsForm(MeanwhileForm):
    """How many offers one person gets at most."""

    a_week = forms.IntegerField(label=_("Offers a week, at most"), min_value=0, max_value=100)
    a_day = forms.IntegerField(label=_("Offers a day, at most"), min_value=0, max_value=20)


class InterestsForm(MeanwhileForm):
    """What people may tick on their own page."""

    interests = forms.CharField(
        label=_("Interests, one a line"),
        required=False,
        max_length=3_000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("Each becomes a tag of whoever ticks it: segments can ask for it."),
    )


class HoursForm(forms.ModelForm):
    """One row of the table of hours."""

    is_calling = forms.ChoiceField(label=_("For"), choices=[("", _("offers")), ("1", _("calls"))], required=False)
    days = forms.TypedMultipleChoiceField(
        label=_("On"), choices=[(str(n), name) for n, name in WEEKDAYS.items()], coerce=int, initial=list(range(7))
    )

    class Meta:
        model = ContactHours
        fields = ("is_calling", "country", "opens", "closes", "days", "valid_from", "source")
        widgets: ClassVar = {
            "opens": forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
            "closes": forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
            "valid_from": forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
            "days": forms.CheckboxSelectMultiple,
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        every = [("", _("all others")), *country_choices()]
        self.fields["country"] = forms.ChoiceField(label=_("Country"), choices=every, required=False)
        self.order_fields(["is_calling", "country", "opens", "closes", "days", "valid_from", "source"])

    def clean_is_calling(self) -> bool:
        return bool(self.cleaned_data["is_calling"])

    def clean_days(self) -> int:
        return sum(1 << day for day in set(self.cleaned_data["days"]))

    def clean(self) -> dict[str, Any]:
        facts = super().clean() or self.cleaned_data
        opens, closes = facts.get("opens"), facts.get("closes")
        if opens and closes and opens >= closes:
            self.add_error("closes", _("Later than the beginning: a night that goes over midnight is two rows."))
        return facts
