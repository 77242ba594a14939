"""The form of a segment itself; the forms of its conditions stand with their leaf types."""

import json
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from lib.written_meanwhile import MeanwhileForm
from segments.models import PeopleView, Segment
from segments.rules.compiler import Rule


class NamedForm(forms.ModelForm):
    """A segment's name is its alone in the workspace, that of a private one too."""

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if Segment.objects.filter(name=name).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(_("Another segment is called that already."))
        return name


class SegmentDetailsForm(MeanwhileForm, NamedForm):
    """Name and sentence, and whether the conditions that were `typed` may go over those that `stood`.

    Afterwards `typed` are the conditions to keep.
    """

    class Meta:
        model = Segment
        fields = ("name", "description", "is_private")
        labels: ClassVar = {"is_private": _("Only I see it")}

    def __init__(self, *args: Any, stood: Rule, typed: Rule | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.meets = self.instance.pk is not None
        self.stood = stood
        self.typed = stood if typed is None else typed

    def standing_beside(self) -> dict[str, str]:
        return {"rule": _text_of(self.stood)}

    def clean(self) -> dict[str, Any]:
        facts = super().clean() or self.cleaned_data
        whose = self.whose("rule", _text_of(self.stood), _text_of(self.typed))
        if whose == "theirs":
            self.typed = self.stood
        elif whose == "both":
            said = _now("Somebody else changed the conditions meanwhile. Yours stand here and are not kept yet.")
            self.add_error(None, f"{said} {_now('Save again to put them over theirs.')}")
        return facts


class ListForm(NamedForm):
    """A new list: its name, and who sees it."""

    class Meta:
        model = Segment
        fields = ("name", "description", "is_private")
        labels: ClassVar = {"is_private": _("Only I see it")}


class ViewForm(MeanwhileForm):
    """What a saved view of the list of people is called, and for those who may share: who sees it."""

    name = forms.CharField(label=_("Name of this view"), max_length=80)
    for_all = forms.BooleanField(label=_("The whole team sees it"), required=False)

    def __init__(self, view: PeopleView, data: Any = None, *, may_share: bool) -> None:
        super().__init__(data, initial={"name": view.name, "for_all": view.is_shared}, auto_id="this-view-%s")
        self.use_required_attribute = False  # its other buttons ask for no name
        if not may_share:
            del self.fields["for_all"]


class PeopleForm(forms.Form):
    """Whom to put on a list."""

    people = forms.CharField(
        label=_("Emails or numbers, one a line"),
        max_length=200_000,
        widget=forms.Textarea(attrs={"rows": 4}),
        strip=True,
    )


def _text_of(rule: Rule) -> str:
    return json.dumps(rule, sort_keys=True)
