"""Forms about interests."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from engagement.models import InterestTag
from engagement.models.interests import LONGEST_ADDRESS, LONGEST_TAG, Said
from lib.written_meanwhile import MeanwhileForm


class TagForm(MeanwhileForm):
    """A tag by its name."""

    name = forms.CharField(label=_("Name"), max_length=LONGEST_TAG)


class MergeForm(forms.Form):
    """Which tag another becomes a part of."""

    into = forms.ModelChoiceField(label=_("Merge into"), queryset=InterestTag.objects.none())

    def __init__(self, *args: Any, tag: InterestTag, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["into"]
        field.queryset = InterestTag.objects.filter(merged_into=None).exclude(pk=tag.pk)


class PageRuleForm(forms.Form):
    """Pages and what they are about."""

    begins = forms.CharField(
        label=_("Address begins with"),
        max_length=LONGEST_ADDRESS,
        widget=forms.TextInput(attrs={"placeholder": "kettle.example/tea/", "spellcheck": "false"}),
    )
    names = forms.CharField(label=_("About"), max_length=300, help_text=_("Several with commas between them."))

    def tags(self) -> Sequence[str]:
        """The names said."""
        return [name.strip() for name in self.cleaned_data["names"].split(",") if name.strip()][:20]


class WordForm(forms.Form):
    """What a person said of a tag, one that is there or a new one."""

    tag = forms.ModelChoiceField(label=_("Interest"), queryset=InterestTag.objects.none(), required=False)
    name = forms.CharField(label=_("Name"), max_length=LONGEST_TAG, required=False)
    said = forms.TypedChoiceField(label=_("What they said"), choices=Said.choices, coerce=int)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["tag"]
        field.queryset = InterestTag.objects.filter(merged_into=None)

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if not said.get("tag") and not said.get("name", "").strip():
            raise forms.ValidationError(_("Say what they are interested in."))
        return said
