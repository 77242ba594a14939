"""The form of a segment itself; the forms of its conditions stand with their leaf types."""

from typing import ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from segments.models import Segment


class NamedForm(forms.ModelForm):
    """A segment's name is its alone in the workspace, that of a private one too."""

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if Segment.objects.filter(name=name).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(_("Another segment is called that already."))
        return name


class SegmentDetailsForm(NamedForm):
    """Name and sentence."""

    class Meta:
        model = Segment
        fields = ("name", "description", "is_private")
        labels: ClassVar = {"is_private": _("Only I see it")}


class ListForm(NamedForm):
    """A new list: its name, and who sees it."""

    class Meta:
        model = Segment
        fields = ("name", "description", "is_private")
        labels: ClassVar = {"is_private": _("Only I see it")}


class PeopleForm(forms.Form):
    """Whom to put on a list."""

    people = forms.CharField(
        label=_("Emails or numbers, one a line"),
        max_length=200_000,
        widget=forms.Textarea(attrs={"rows": 4}),
        strip=True,
    )
