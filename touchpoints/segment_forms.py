"""Forms of the ledger's lines in a rule."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from contacts.segments.comparing import NUMBER_OPS
from contacts.segments.forms import LeafForm
from touchpoints.kinds import KINDS
from touchpoints.models import OwnKind
from touchpoints.segment_words import COUNT_WORDS


def kind_choices() -> list[tuple[str, Any]]:
    """Every kind of touchpoint that a rule may name."""
    own = [(row.key, row.key) for row in OwnKind.objects.order_by("key")]
    return [*((kind.key, kind.name) for kind in KINDS.values()), *own]


class DidForm(LeafForm):
    """Did something so often, or for so much, in a span of time."""

    kind = forms.ChoiceField(label=_("What"))
    measure = forms.ChoiceField(
        label=_("Measured by"), choices=[("count", _("how often")), ("sum", _("for how much in total, in cents"))]
    )
    op = forms.ChoiceField(label=_("How"), choices=list(COUNT_WORDS.items()))
    number = forms.IntegerField(label=_("Number"), min_value=0, max_value=10**12, initial=1)
    days = forms.IntegerField(
        label=_("In the last days"), min_value=1, max_value=36_500, required=False, help_text=_("Empty: ever.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = kind_choices()  # type: ignore[attr-defined]

    @classmethod
    def initial_of(cls, argument: Any) -> dict[str, Any]:
        measure = "sum" if "sum" in argument else "count"
        aim = argument.get(measure, {"op": ">=", "n": 1})
        days = (argument.get("window") or {}).get("last_days")
        return {
            "kind": argument["kind"],
            "measure": measure,
            "op": aim["op"],
            "number": aim.get("n", aim.get("value")),
            "days": days,
        }

    def argument(self) -> Any:
        facts = self.cleaned_data
        made: dict[str, Any] = {"kind": facts["kind"]}
        if facts["measure"] == "sum":
            made["sum"] = {"path": "value", "op": facts["op"], "value": facts["number"]}
        else:
            made["count"] = {"op": facts["op"], "n": facts["number"]}
        if facts["days"]:
            made["window"] = {"last_days": facts["days"]}
        return made


class LastForm(LeafForm):
    """Did something last so long ago."""

    kind = forms.ChoiceField(label=_("What"))
    op = forms.ChoiceField(label=_("How"), choices=[(op, NUMBER_OPS[op]) for op in (">=", ">", "<=", "<")])
    days = forms.IntegerField(label=_("Days ago"), min_value=1, max_value=36_500)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = kind_choices()  # type: ignore[attr-defined]

    @classmethod
    def initial_of(cls, argument: Any) -> dict[str, Any]:
        return {"kind": argument["kind"], **argument["ago"]}

    def argument(self) -> Any:
        facts = self.cleaned_data
        return {"kind": facts["kind"], "ago": {"op": facts["op"], "days": facts["days"]}}
