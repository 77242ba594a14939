"""What people type in the inbox."""

from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from ecrm.lib.safe_fetch import FetchFailedError, UnsafeUrlError, check_url
from social.models import CannedReply, Connection
from social.queues import NETWORKS

LONGEST_REPLY = 5_000


class ReplyForm(forms.Form):
    """An answer. The key is made with the form, so that sending it twice is one answer."""

    text = forms.CharField(max_length=LONGEST_REPLY, widget=forms.Textarea)
    key = forms.UUIDField(widget=forms.HiddenInput)
    keep_open = forms.BooleanField(required=False)
    even_so = forms.BooleanField(required=False)

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
        choices=[(key, name) for key, (name, _icon) in NETWORKS.items() if key not in {"mail", "webhook", "feed"}],
    )
    handle = forms.CharField(
        label=_("Handle or address"), max_length=200, help_text=_("As it stands there, such as @jonas@werkbank.example")
    )
    name = forms.CharField(label=_("Name"), max_length=200, required=False)
    text = forms.CharField(label=_("What they wrote"), max_length=10_000, widget=forms.Textarea(attrs={"rows": 4}))
    url = forms.URLField(label=_("Link"), max_length=500, required=False, assume_scheme="https")
    is_public = forms.BooleanField(label=_("Everyone can read it"), required=False, initial=True)


def _safe(url: str) -> str:
    """The address, if we may ever connect to it."""
    if url:
        try:
            check_url(url)
        except UnsafeUrlError as error:
            raise forms.ValidationError(
                _("We cannot use this address: %(why)s."), params={"why": str(error)}
            ) from error
        except FetchFailedError as error:
            raise forms.ValidationError(
                _("Nobody answers at this address: %(why)s."), params={"why": str(error)}
            ) from error
    return url


class WebhookForm(forms.ModelForm):
    """A signed webhook."""

    class Meta:
        model = Connection
        fields = ("name", "callback_url", "is_public")
        help_texts = {
            "callback_url": _("Answers are posted there, signed the same way. Leave it empty to only listen.")
        }

    def clean_callback_url(self) -> Any:
        return _safe(self.cleaned_data["callback_url"])


class FeedForm(forms.Form):
    """An RSS or Atom feed."""

    name = forms.CharField(label=_("Name"), max_length=120)
    url = forms.URLField(label=_("Address of the feed"), max_length=500, assume_scheme="https")

    def clean_url(self) -> Any:
        return _safe(self.cleaned_data["url"])


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
