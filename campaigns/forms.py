"""Forms of this room."""

from datetime import datetime, timedelta
from typing import Any, ClassVar

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from campaigns.content.liquid import BadTemplateError, parse
from campaigns.content.mime import BadHeaderError, encode_words
from campaigns.models import Campaign, MailServer, Programme
from contacts.models import Segment
from engagement.models import Objective

FORMATS = [("markdown", "Markdown"), ("html", "HTML"), ("mjml", "MJML")]


class CampaignForm(forms.ModelForm):
    """What a letter is, who gets it, what it says."""

    body_format = forms.ChoiceField(label=_("Written in"), choices=FORMATS, initial="markdown")
    holdout_percent = forms.IntegerField(
        label=_("Held back for comparison, in %"), min_value=0, max_value=50, initial=0,
        help_text=_("Only from offers. Under 5,000 people a comparison proves little."),
    )  # fmt: skip

    class Meta:
        model = Campaign
        fields = (
            "name", "programme", "segment", "message_class", "topic", "server", "holdout_percent",
            "subject", "preheader", "body_format", "body",
        )  # fmt: skip
        widgets: ClassVar = {"body": forms.Textarea(attrs={"rows": 18, "spellcheck": "true"})}
        labels: ClassVar = {
            "programme": _("Programme"), "segment": _("Goes to"), "topic": _("Topic"), "server": _("Sender"),
        }  # fmt: skip

    def __init__(self, *args: Any, user_id: int | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        visible = Segment.objects.filter(is_private=False) | Segment.objects.filter(owner_id=user_id)
        self.fields["segment"].queryset = visible  # type: ignore[attr-defined]
        if not self.instance.pk and MailServer.objects.count() == 1:
            self.initial.setdefault("server", MailServer.objects.values_list("pk", flat=True).first())

    def clean_subject(self) -> str:
        """A subject is one line that can be read."""
        subject: str = self.cleaned_data["subject"]
        try:
            parse(subject, escapes=False)
            encode_words(subject)
        except (BadTemplateError, BadHeaderError) as error:
            raise forms.ValidationError(str(error)) from error
        return subject


class ScheduleForm(forms.Form):
    """When it goes out; empty is now."""

    at = forms.DateTimeField(
        label=_("Send at"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )

    def clean_at(self) -> datetime | None:
        """A moment that has not gone by."""
        at: datetime | None = self.cleaned_data["at"]
        if at and at < timezone.now() - timedelta(minutes=1):
            raise forms.ValidationError(_("This moment has gone by."))
        return at


class MailServerForm(forms.ModelForm):
    """A sender. The password is sealed; an empty one keeps the one that is there."""

    password = forms.CharField(
        label=_("Password"), required=False, strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("Kept sealed. Leave it empty to keep the one that is there."),
    )  # fmt: skip

    class Meta:
        model = MailServer
        fields = (
            "name", "from_name", "from_email", "reply_to", "host", "port", "security", "username", "password",
            "return_path_domain", "per_second",
        )  # fmt: skip
        help_texts: ClassVar = {
            "return_path_domain": _("Returned letters go to this domain, with the reader's number in the address."),
        }

    def clean_port(self) -> int:
        """A port of TCP."""
        port: int = self.cleaned_data["port"]
        if not 0 < port < 65536:
            raise forms.ValidationError(_("A port lies between 1 and 65535."))
        return port

    def clean_from_name(self) -> str:
        """A name that can stand in a header."""
        name: str = self.cleaned_data["from_name"]
        if any(one in name for one in "\r\n\0"):
            raise forms.ValidationError(_("A name is one line."))
        return name

    def clean_per_second(self) -> int:
        """At least one."""
        return max(1, int(self.cleaned_data["per_second"]))


class ProgrammeForm(forms.ModelForm):
    """Why the brand talks to an audience, and what it answers for."""

    metric = forms.ChoiceField(
        label=_("What we measure"), required=False, choices=[("", _("No target yet")), *Objective.Metric.choices]
    )
    target = forms.FloatField(label=_("Target"), required=False)
    check_on = forms.DateField(
        label=_("Check on"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    holdout_percent = forms.IntegerField(label=_("Held back from offers, in %"), min_value=0, max_value=50, initial=0)

    class Meta:
        model = Programme
        fields = (
            "name", "preset", "audience", "topic", "purpose", "gives", "asks", "metric", "target", "check_on",
            "weekly_cap", "holdout_percent", "is_active",
        )  # fmt: skip
        labels: ClassVar = {"topic": _("Topic")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        objective = self.instance.objective
        if objective:
            self.initial.update(metric=objective.metric, target=objective.target, check_on=objective.check_on)

    def clean(self) -> dict[str, Any]:
        """A metric without a target is no objective."""
        said: dict[str, Any] = super().clean() or {}
        if said.get("metric") and said.get("target") is None:
            self.add_error("target", _("Say where you want to be."))
        return said
