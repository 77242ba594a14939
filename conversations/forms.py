"""What people type in the inbox."""

from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from conversations.canned_replies import unknown_variables
from conversations.channels import BEHIND
from conversations.models import CannedReply

LONGEST_REPLY = 5_000


class ReplyForm(forms.Form):
    """An answer. The key is made with the form, so that sending it twice is one answer."""

    text = forms.CharField(max_length=LONGEST_REPLY, widget=forms.Textarea)
    key = forms.UUIDField(widget=forms.HiddenInput)
    keep_open = forms.BooleanField(required=False)
    even_so = forms.BooleanField(required=False)
    seen = forms.IntegerField(required=False, min_value=0)
    all_the_same = forms.BooleanField(required=False)  # although a colleague is writing

    @classmethod
    def blank(cls, text: str = "") -> "ReplyForm":
        """A fresh form with its own key."""
        return cls(initial={"key": uuid4(), "text": text})


class TeamNoteForm(forms.Form):
    """A word among colleagues."""

    text = forms.CharField(label=_("Note for your team"), max_length=4_000, widget=forms.Textarea(attrs={"rows": 2}))


class ByHandForm(forms.Form):
    """Something that reached us elsewhere."""

    network = forms.ChoiceField(
        label=_("Where"),
        choices=[(key, name) for key, (name, _icon) in BEHIND.items() if key != "mail"],
    )
    handle = forms.CharField(
        label=_("Handle or address"), max_length=200, help_text=_("As it stands there, such as @jonas@werkbank.example")
    )
    name = forms.CharField(label=_("Name"), max_length=200, required=False)
    text = forms.CharField(label=_("What they wrote"), max_length=10_000, widget=forms.Textarea(attrs={"rows": 4}))
    url = forms.URLField(label=_("Link"), max_length=500, required=False, assume_scheme="https")
    is_public = forms.BooleanField(label=_("Everyone can read it"), required=False, initial=True)


class CannedReplyForm(forms.ModelForm):
    """An answer we give often."""

    class Meta:
        model = CannedReply
        fields = ("title", "language", "text")
        help_texts = {"text": _("{name} becomes the person’s first name.")}
        widgets = {
            "text": forms.Textarea(attrs={"rows": 3}),
            "language": forms.Select(choices=[("en", "English"), ("de", "Deutsch")]),
        }

    def clean_text(self) -> str:
        """Words in braces that mean nothing would reach the person as they are written."""
        text: str = self.cleaned_data["text"]
        if unknown := unknown_variables(text):
            names = ", ".join(f"{{{one}}}" for one in unknown)
            raise forms.ValidationError(_("Only {name} can stand in braces, not %(names)s."), params={"names": names})
        return text
