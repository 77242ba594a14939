"""The forms of a test: how it is made, and what each further version says."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from campaigns.experiments.setting_up import Varies
from campaigns.forms import readable_line
from campaigns.models import Campaign, Experiment
from campaigns.standing.entering import AWAITED
from delivery.models import Message, Sender
from delivery.senders import channel_of
from lib.written_meanwhile import MeanwhileForm
from touchpoints.kinds import KINDS
from touchpoints.models import OwnKind

Goal = Experiment.Goal
WEEK, MOST_HOURS = 7 * 24, 30 * 24


class ExperimentForm(MeanwhileForm):
    """What varies, by what the best is told, on how many, and how long the rest waits."""

    varies = forms.ChoiceField(label=_("What differs"), choices=Varies.choices, initial=Varies.SUBJECT)
    goal = forms.ChoiceField(label=_("The best is told by"), choices=Goal.choices, initial=Goal.CLICKS)
    kind = forms.TypedChoiceField(label=_("What they do"), coerce=int, empty_value=None, required=False)
    within_hours = forms.IntegerField(
        label=_("Counted for so many hours after it was sent"), min_value=1, max_value=WEEK, initial=24
    )
    test_percent = forms.IntegerField(
        label=_("People in the test, in %"), min_value=2, max_value=100, initial=20,
        help_text=_("Split evenly among the versions. The others wait for the best."),
    )  # fmt: skip
    wait_hours = forms.IntegerField(
        label=_("The others wait so many hours at most"), min_value=1, max_value=MOST_HOURS, initial=24,
        help_text=_("Without a winner by then they get the version that is ahead, and the page says that it is not proven."),
    )  # fmt: skip
    planned_people = forms.IntegerField(
        label=_("Say nothing before each version went to so many people"), min_value=0, max_value=10_000_000, initial=0,
        help_text=_("Never before 100 people and 20 answers."), required=False,
    )  # fmt: skip
    effect = forms.FloatField(
        label=_("A difference that would matter"), min_value=0.01, max_value=10_000, required=False,
        help_text=_("In points, or in money for each person. Empty: 1 point of clicks, 0.5 of anything else."),
    )  # fmt: skip

    def __init__(self, data: Mapping[str, Any] | None = None, *, experiment: Experiment | None = None) -> None:
        names = ("varies", "goal", "kind", "within_hours", "test_percent", "wait_hours", "planned_people", "effect")
        super().__init__(data, initial={one: getattr(experiment, one) for one in names} if experiment else None)
        self.meets = experiment is not None
        own = [(row.code, row.key) for row in OwnKind.objects.order_by("key")]
        known = [(KINDS[key].code, KINDS[key].name) for key in AWAITED]
        self.fields["kind"].choices = [("", "–"), *known, *own]  # type: ignore[attr-defined]
        self.fields["kind"].needed = _("needed")  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """What its goal needs."""
        said: dict[str, Any] = super().clean() or {}
        if said.get("goal") == Goal.KIND and not said.get("kind") and "kind" not in self.errors:
            self.add_error("kind", _("Say what they do."))
        if said.get("goal") != Goal.KIND:
            said["kind"] = None
        said["planned_people"] = said.get("planned_people") or 0
        return said


class VersionForm(MeanwhileForm):
    """What a further version says of what varies; its cleaned data are the facts of `change_version`.

    Its fields belong to the page's one form, so that whatever is pressed there keeps them too.
    """

    PAGE = of_form = "test-form"

    subject = forms.CharField(label=_("Subject"), max_length=200)
    preheader = forms.CharField(label=_("Preview line"), max_length=200, required=False)
    sender = forms.ModelChoiceField(Sender.objects.none(), label=_("Sender"))
    hours_later = forms.IntegerField(label=_("Hours later than A"), min_value=1, max_value=WEEK)

    KEPT = {Varies.SUBJECT: ("subject", "preheader"), Varies.SENDER: ("sender",), Varies.TIME: ("hours_later",)}

    def __init__(self, version: Campaign, varies: str, data: Mapping[str, Any] | None = None) -> None:
        message = version.message
        now_said = {
            "subject": message.content.subject,
            "preheader": message.content.preheader,
            "sender": message.sender_id,
            "hours_later": version.hours_later,
        }
        name = f"version-{version.variant}"
        super().__init__(data, initial=now_said, auto_id="%s", prefix=name)
        kept = self.KEPT.get(Varies(varies), ())
        for name in set(self.fields) - set(kept):
            del self.fields[name]
        for one in self.fields.values():
            one.widget.attrs["form"] = self.PAGE
        if "sender" in self.fields:
            self.fields["sender"].queryset = senders_like(message)  # type: ignore[attr-defined]

    def clean_subject(self) -> str:
        """It can be read."""
        return readable_line(self.cleaned_data["subject"])


def senders_like(message: Message) -> Any:
    """Senders of the channel by which it goes out: versions reach the same people."""
    channel = channel_of(message.sender)
    same = [one.pk for one in Sender.objects.all() if channel_of(one) == channel]
    return Sender.objects.filter(pk__in=same).order_by("name", "pk")
