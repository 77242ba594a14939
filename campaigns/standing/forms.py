"""The form that says when a campaign goes out by itself."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from campaigns.models import StandingCampaign
from campaigns.standing.entering import AWAITED
from contacts.custom_fields.knowing import active_fields
from contacts.models import CustomType
from lib.written_meanwhile import MeanwhileForm
from touchpoints.kinds import KINDS
from touchpoints.models import OwnKind

Trigger = StandingCampaign.Trigger
HOUR, DAY = 60, 24 * 60
MOST_DAYS, MOST_DELAY = 366, 400 * DAY
UNITS = [(1, _("minutes")), (HOUR, _("hours")), (DAY, _("days"))]
BEFORE, AFTER = "before", "after"


class StandingForm(MeanwhileForm):
    """By what somebody gets it, how much later, and whether again."""

    trigger = forms.ChoiceField(label=_("It goes to somebody when"), choices=Trigger.choices, widget=forms.RadioSelect)
    kind = forms.TypedChoiceField(label=_("What they do"), coerce=int, empty_value=None, required=False)
    field = forms.ChoiceField(
        label=_("The day"), required=False, help_text=_("A field of your own that holds a date, such as a birthday.")
    )
    is_yearly = forms.BooleanField(label=_("Each year, whatever its year is"), required=False, initial=True)
    days = forms.IntegerField(label=_("Days away"), min_value=0, max_value=MOST_DAYS, required=False, initial=0)
    side = forms.ChoiceField(label=_("Before or after"), choices=[(BEFORE, _("before")), (AFTER, _("after"))])
    at_hour = forms.IntegerField(
        label=_("At this hour of their own clock"), min_value=0, max_value=23, required=False, initial=9
    )
    delay = forms.IntegerField(label=_("How much later"), min_value=0, required=False, initial=0)
    unit = forms.TypedChoiceField(label=_("Counted in"), choices=UNITS, coerce=int, initial=HOUR)
    again = forms.BooleanField(label=_("Again, when it happens again"), required=False)
    again_after_days = forms.IntegerField(
        label=_("At the earliest after so many days"), min_value=1, max_value=3_660, required=False
    )
    includes_present = forms.BooleanField(label=_("Also those who are in the segment as it starts"), required=False)
    most_a_day = forms.IntegerField(
        label=_("Ask me before more than this many get it on one day"), min_value=1, max_value=10_000_000, initial=1_000,
        help_text=_("A changed rule or a loaded file can bring many at once. It pauses then, and you look."),
    )  # fmt: skip

    def __init__(self, *args: Any, standing: StandingCampaign | None = None, has_segment: bool, **more: Any) -> None:
        more["initial"] = facts_of(standing) if standing else {"side": AFTER, "trigger": Trigger.ENTERS}
        super().__init__(*args, **more)
        self.meets = standing is not None
        self.has_segment = has_segment
        own = [(row.code, row.key) for row in OwnKind.objects.order_by("key")]
        known = [(KINDS[key].code, KINDS[key].name) for key in AWAITED]
        self.fields["kind"].choices = [("", "–"), *known, *own]  # type: ignore[attr-defined]
        days = [(one.name, one.label) for one in active_fields() if one.type == CustomType.DATE]
        self.fields["field"].choices = [("", "–"), *days]  # type: ignore[attr-defined]
        if not days:
            self.fields["field"].help_text = _("There is no field with a date yet: make one under Settings, Fields.")
        for name in ("kind", "field", "again_after_days"):
            self.fields[name].needed = _("needed")  # type: ignore[attr-defined]
        if standing is not None and standing.is_running:
            self.fields["trigger"].disabled = True
            del self.fields["includes_present"]

    def clean(self) -> dict[str, Any]:
        """What its trigger needs."""
        said: dict[str, Any] = super().clean() or {}
        trigger = said.get("trigger")
        if trigger == Trigger.ENTERS and not self.has_segment:
            self.add_error("trigger", _("Choose the segment first that they enter: it stands in “Goes to”."))
        if trigger == Trigger.HAPPENS and not said.get("kind"):
            self.add_error("kind", _("Say what they do."))
        if trigger == Trigger.DATE and not said.get("field"):
            self.add_error("field", _("Say which day."))
        if (said.get("delay") or 0) * said.get("unit", 1) > MOST_DELAY:
            self.add_error("delay", _("At most 400 days."))
        if said.get("again") and not said.get("again_after_days"):
            self.add_error("again_after_days", _("Say after how many days at the earliest."))
        return said

    def facts(self) -> dict[str, Any]:
        """The fields of StandingCampaign that it says; what its trigger does not read is as usual."""
        said = self.cleaned_data
        trigger, is_day = said["trigger"], said["trigger"] == Trigger.DATE
        away = (said["days"] or 0) * (-1 if said["side"] == BEFORE else 1)
        hour = said["at_hour"] if said["at_hour"] is not None else 9
        facts = {
            "trigger": trigger,
            "kind": said["kind"] if trigger == Trigger.HAPPENS else None,
            "field": said["field"] if is_day else "",
            "is_yearly": said["is_yearly"] if is_day else True,
            "offset_days": away if is_day else 0,
            "at_hour": hour if is_day else 9,
            "delay_minutes": 0 if is_day else (said["delay"] or 0) * said["unit"],
            "again_after_days": said["again_after_days"] if said["again"] and not is_day else None,
            "most_a_day": said["most_a_day"],
        }
        if "includes_present" in said:
            facts["includes_present"] = said["includes_present"] and trigger == Trigger.ENTERS
        return facts


def facts_of(standing: StandingCampaign) -> dict[str, Any]:
    """What the form shows of one."""
    minutes = standing.delay_minutes
    unit = next(size for size, _name in reversed(UNITS) if not minutes % size or size == 1)
    return {
        "trigger": standing.trigger,
        "kind": standing.kind,
        "field": standing.field,
        "is_yearly": standing.is_yearly,
        "days": abs(standing.offset_days),
        "side": BEFORE if standing.offset_days < 0 else AFTER,
        "at_hour": standing.at_hour,
        "delay": minutes // unit,
        "unit": unit if minutes else HOUR,
        "again": standing.again_after_days is not None,
        "again_after_days": standing.again_after_days,
        "includes_present": standing.includes_present,
        "most_a_day": standing.most_a_day,
    }
