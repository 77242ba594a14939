"""/metrics-explained/: every figure with its formula, source and moment, and the weights this workspace uses."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _

from backstage.metrics_figures import FIGURES
from contacts.models import Audience
from engagement.four import FOUR, OF_TARGET, Target
from engagement.modelling import current_model
from engagement.models import ScoreModel
from touchpoints.kinds import BY_CODE
from workspaces.permissions import needs

app_name = "metrics"


def weights_of(model: ScoreModel) -> list[dict[str, Any]]:
    """One line for each weight of the model: what happened, which I it feeds, points, half-life in days.

    A kind that warms and cools by what was said is one line with both signs.
    """
    lines: dict[tuple[Any, ...], dict[str, Any]] = {}
    for row in model.weights:
        sign = "−" if row["target"] == Target.COLD else ""
        feeds, kind = OF_TARGET[row["target"]].name, BY_CODE.get(row["kind"])
        key = (row["kind"], feeds, row["half_life"], row["weight"])
        lines[key] = {
            "name": kind.name if kind else _("own kind %(code)s") % {"code": row["kind"]},
            "feeds": feeds,
            "sign": "±" if key in lines else sign,
            "weight": row["weight"],
            "half_life": row["half_life"],
        }
    order = [one.name for one in FOUR]
    return sorted(lines.values(), key=lambda line: (order.index(line["feeds"]), line["half_life"], -line["weight"]))


def mixes_of(model: ScoreModel) -> list[tuple[str, list[str]]]:
    """(audience, shares in percent of the four I's), in the order of the audiences."""
    named = {str(int(role)): str(role.label) for role in Audience}
    return [
        (named[code], [f"{share * 100:.0f}" for share in mix])
        for code, mix in sorted(model.mixes.items())
        if code in named
    ]


@needs("help.see")
def explained(request: HttpRequest) -> HttpResponse:
    model = current_model()
    context = {"groups": FIGURES, "weights": weights_of(model), "mixes": mixes_of(model), "model": model}
    return render(request, "backstage/metrics_explained.html", context)


urlpatterns = [path("", explained, name="explained")]
