"""A charter as a form, and what a programme cost beside its messages."""

from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from campaigns.charters.costing import LARGEST
from campaigns.charters.roles import SENTENCES
from campaigns.models import Programme, ProgrammeCost
from campaigns.objectives import MEASURES, Metric
from contacts.models import Audience
from lib.times.moments import check_storable
from lib.written_meanwhile import MeanwhileForm
from workspaces.current import current_workspace

WINDOW = 28


def day_field(label: Any, *, required: bool = True) -> forms.DateField:
    """A day that can be kept."""
    picks = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, required=required, widget=picks, validators=[check_storable])


def metrics() -> list[tuple[str, Any]]:
    """Each metric with its unit spelled out, in the currency of the open workspace."""
    words = {"currency": current_workspace().currency, "days": WINDOW}
    named = [(one.value, f"{one.label}: {MEASURES[one].unit}" % words) for one in Metric]
    return [("", _("Nothing yet")), *named]


class ProgrammeForm(MeanwhileForm, forms.ModelForm):
    """Why the brand talks to an audience, and what it answers for. `target_later`: none yet, ask after the third email."""

    preset = forms.ChoiceField(
        label=_("Role"),
        choices=Programme.Preset.choices,
        widget=forms.RadioSelect,
        initial=Programme.Preset.NEWSLETTER,
    )
    audience = forms.TypedChoiceField(label=_("Who they are"), choices=Audience.choices, coerce=int)
    gives = forms.CharField(label=_("You get"), max_length=300, required=False)
    asks = forms.CharField(label=_("We ask"), max_length=300, required=False)
    metric = forms.ChoiceField(label=_("What we measure"), required=False, choices=metrics)
    target = forms.FloatField(label=_("Target"), required=False)
    check_on = day_field(_("Check on"), required=False)
    target_later = forms.BooleanField(label=_("No target yet: ask me after the third email"), required=False)
    holdout_percent = forms.IntegerField(label=_("Holdout from offers, in %"), min_value=0, max_value=50, initial=0)
    selling_percent = forms.IntegerField(
        label=_("Offers among its emails, in % at most"), min_value=0, max_value=100, required=False,
        help_text=_("The rest helps. Before an offer goes out that is one too many, you are told."),
    )  # fmt: skip
    budget = forms.DecimalField(
        label=_("Budget"), required=False, min_value=0, max_value=LARGEST, decimal_places=2,
        help_text=_("In your currency, for as long as it runs."),
    )  # fmt: skip

    class Meta:
        model = Programme
        fields = (
            "name", "preset", "audience", "topic", "purpose", "gives", "asks", "metric", "target", "check_on",
            "target_later", "weekly_cap", "selling_percent", "holdout_percent", "budget", "is_active",
        )  # fmt: skip
        labels: ClassVar = {"topic": _("Topic")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        programme, objective = self.instance, self.instance.objective
        self.meets = programme.pk is not None
        if programme.budget_minor is not None:
            self.initial["budget"] = Decimal(programme.budget_minor) / 100
        if objective:
            self.initial.update(metric=objective.metric, target=objective.target, check_on=objective.check_on)
            self.initial["target_later"] = objective.target is None
        elif not programme.pk:
            self.initial.setdefault("audience", Audience.CUSTOMER)

    def roles(self) -> list[tuple[Any, Any]]:
        """Each role's button, and the sentence beside it."""
        return list(zip(self["preset"], SENTENCES.values(), strict=True))

    def clean_selling_percent(self) -> int:
        """Nothing said is what stood."""
        said: int | None = self.cleaned_data["selling_percent"]
        return self.instance.selling_percent if said is None else said

    def clean(self) -> dict[str, Any]:
        """A metric has a target, or they say that there is none yet. The budget is kept in hundredths."""
        said: dict[str, Any] = super().clean() or {}
        budget = said.get("budget")
        self.instance.budget_minor = None if budget is None else int(budget * 100)
        if said.get("target_later"):
            said["target"] = None
        elif said.get("metric") and said.get("target") is None and "target" not in self.errors:
            self.add_error("target", _("Say where you want to be, or tick that there is no target yet."))
        elif said.get("target") is not None and not said.get("metric") and "metric" not in self.errors:
            self.add_error("metric", _("Say what the target is measured by."))
        return said

    def objective(self) -> dict[str, Any]:
        """Metric, target and day as `keep_charter` takes them."""
        said = self.cleaned_data
        return {"metric": said["metric"], "target": said["target"], "check_on": said["check_on"]}


class CostForm(forms.ModelForm):
    """Something that it cost beside its messages."""

    amount = forms.DecimalField(label=_("Amount"), min_value=-LARGEST, max_value=LARGEST, decimal_places=2)
    day = day_field(_("On"))

    class Meta:
        model = ProgrammeCost
        fields = ("name", "amount", "day")
        labels: ClassVar = {"name": _("What for")}

    def facts(self) -> dict[str, Any]:
        """What `add_cost` takes."""
        return {name: self.cleaned_data[name] for name in ("name", "amount", "day")}
