"""What people type in the inbox."""

from datetime import datetime, timedelta
from typing import Any, Self
from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from contacts.mentioning import members_by_name, mentioned_in
from conversations.answers.canned_replies import unknown_variables
from conversations.assigning import answerers
from conversations.authors.linking_by_hand import LONGEST_WHY
from conversations.channels import BEHIND
from conversations.mentions.calling import Call
from conversations.models import CannedReply
from lib.clock import now
from lib.times.moment_fields import MomentField
from touchpoints.call_results import CallResult
from touchpoints.facts import BadFactError, check_moment
from touchpoints.forms import MOODS

LONGEST_REPLY = 5_000
MOST_AHEAD = timedelta(days=366)


class ReplyForm(forms.Form):
    """An answer. The key is made with the form, so that sending it twice is one answer."""

    text = forms.CharField(max_length=LONGEST_REPLY, widget=forms.Textarea)
    key = forms.UUIDField(widget=forms.HiddenInput)
    keep_open = forms.BooleanField(required=False)
    even_so = forms.BooleanField(required=False)
    seen = forms.IntegerField(required=False, min_value=0)
    all_the_same = forms.BooleanField(required=False)  # although a colleague is writing
    visibility = forms.CharField(required=False, max_length=10)
    attached = forms.Field(required=False)  # what comes as files is read beside the draft (views/drafted_files.py)
    approves = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1)  # whose draft asks for it

    @classmethod
    def blank(cls, text: str = "", visibility: str = "") -> Self:
        """A fresh form with its own key."""
        return cls(initial={"key": uuid4(), "text": text, "visibility": visibility})


class WhyForm(forms.Form):
    """Why an account is a person's, in a line."""

    why = forms.CharField(
        label=_("Why is it them?"),
        max_length=LONGEST_WHY,
        help_text=_("In a line. It stands in what changed of this person, and in the card."),
        widget=forms.TextInput(attrs={"class": "field", "autocomplete": "off"}),
    )


class CallForm(forms.Form):
    """One call. The token is made with the form, so that sending it twice is one call."""

    who = forms.ChoiceField(
        label=_("Who called"),
        choices=[("us", _("We called")), ("them", _("They called"))],
        initial="us",
        widget=forms.RadioSelect,
    )
    result = forms.ChoiceField(
        label=_("Result"), choices=CallResult.choices, initial=CallResult.TALKED, widget=forms.RadioSelect
    )
    minutes = forms.IntegerField(label=_("Minutes"), required=False, min_value=0, max_value=1440)
    ended_at = MomentField(label=_("Ended"), initial=now)
    note = forms.CharField(
        label=_("In a few words"), required=False, max_length=2_000, widget=forms.Textarea(attrs={"rows": 4})
    )
    mood = forms.ChoiceField(label=_("How they felt"), choices=MOODS, required=False)
    call_back_at = MomentField(label=_("Wants to be called back at"), required=False)
    token = forms.CharField(widget=forms.HiddenInput, max_length=60)

    def clean_ended_at(self) -> datetime:
        moment: datetime = self.cleaned_data["ended_at"]
        try:
            check_moment(moment, now=now())
        except BadFactError as error:
            raise forms.ValidationError(_("This lies in the future, or before 1970. Nothing was saved yet.")) from error
        return moment

    def clean_call_back_at(self) -> datetime | None:
        moment: datetime | None = self.cleaned_data["call_back_at"]
        if moment is not None and not now() < moment < now() + MOST_AHEAD:
            raise forms.ValidationError(_("Choose a moment that is still to come, within a year."))
        return moment

    def call(self) -> Call:
        """What was said."""
        said = self.cleaned_data
        return Call(
            token=said["token"],
            we_called=said["who"] == "us",
            result=said["result"],
            ended_at=said["ended_at"],
            minutes=said["minutes"],
            note=said["note"],
            mood_milli=int(said["mood"]) if said["mood"] else None,
            call_back_at=said["call_back_at"],
        )


class TeamNoteForm(forms.Form):
    """A word among colleagues."""

    text = forms.CharField(
        label=_("Note for your team"),
        max_length=4_000,
        widget=forms.Textarea(attrs={"rows": 2, "data-mentions": "members"}),
    )

    def clean_text(self) -> str:
        text: str = self.cleaned_data["text"]
        if unclear := mentioned_in(text, members_by_name())[1] if "@" in text else []:
            raise forms.ValidationError(
                _("%(name)s names two members: write the whole name."), params={"name": ", ".join(unclear)}
            )
        return text


class ForwardForm(forms.Form):
    """To whom a message is forwarded. The key is made with the form, so that sending it twice is one forward."""

    address = forms.CharField(
        label=_("To"),
        max_length=254,
        widget=forms.EmailInput,
        help_text=_("The email address of a colleague or somebody outside."),
    )
    note = forms.CharField(
        label=_("Note on top"), required=False, max_length=LONGEST_REPLY, widget=forms.Textarea(attrs={"rows": 4})
    )
    key = forms.UUIDField(widget=forms.HiddenInput)


class AwayForm(forms.Form):
    """Until when a member is away; empty: they are here."""

    until = MomentField(label=_("Away until"), required=False)

    def clean_until(self) -> datetime | None:
        moment: datetime | None = self.cleaned_data["until"]
        if moment is not None and not now() < moment < now() + MOST_AHEAD:
            raise forms.ValidationError(_("Choose a moment that is still to come, within a year."))
        return moment


class SavedViewForm(forms.Form):
    """The name of a view."""

    name = forms.CharField(label=_("Name"), max_length=40)
    is_shared = forms.BooleanField(label=_("For the whole team"), required=False)


class CaseForm(forms.Form):
    """What went wrong, and what we promise: by whom, until when."""

    what = forms.CharField(label=_("What happened"), max_length=300)
    promise = forms.CharField(label=_("What we promise"), max_length=300, required=False)
    promised_by = forms.TypedChoiceField(label=_("By whom"), coerce=int, required=False, empty_value=None)
    due_at = MomentField(label=_("Until"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["promised_by"].choices = [("", "–"), *answerers().items()]  # type: ignore[attr-defined]

    def clean_due_at(self) -> datetime | None:
        moment: datetime | None = self.cleaned_data["due_at"]
        if moment is not None and not now() - MOST_AHEAD < moment < now() + MOST_AHEAD:
            raise forms.ValidationError(_("Choose a moment within a year."))
        return moment

    def facts(self) -> dict[str, Any]:
        """What `open_case` is told."""
        said = self.cleaned_data
        return {"what": said["what"], "promise": said["promise"], "due_at": said["due_at"]} | {
            "promised_by_id": said["promised_by"] if said["promise"] else None
        }

    def blame(self, field: str) -> None:
        """What the verb refused stands at its field."""
        says = {
            "due_at": _("Say until when."),
            "promise": _("Say what we promise until then."),
            "promised_by_id": _("Say who sees to it."),
        }
        self.add_error(field.removesuffix("_id"), says.get(field, _("Say what happened.")))


class ByHandForm(forms.Form):
    """Something that reached us elsewhere."""

    network = forms.ChoiceField(
        label=_("Where"),
        choices=[(key, name) for key, (name, _icon) in BEHIND.items() if key not in {"mail", "callback", "own_page"}],
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
