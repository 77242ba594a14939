"""/metrics-explained/: every figure with its formula, source and moment, and the weights this workspace uses."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _

from contacts.models import Audience
from ecrm.metrics_figures import FIGURES
from engagement.defaults import COLD, INFLUENCE, INTERACTION, INVOLVEMENT, WARM
from engagement.modelling import current_model
from engagement.models import ScoreModel
from touchpoints.kinds import KINDS

app_name = "metrics"

FEEDS = {INVOLVEMENT: "inv", INTERACTION: "int", WARM: "itm", COLD: "itm", INFLUENCE: "inf"}


def weights_of(model: ScoreModel) -> list[dict[str, Any]]:
    """One line for each weight of the model: what happened, which I it feeds, points, half-life in days."""
    names = {kind.code: kind.name for kind in KINDS.values()}
    lines = [
        {
            "name": names.get(row["kind"], _("own kind %(code)s") % {"code": row["kind"]}),
            "feeds": FEEDS[row["target"]],
            "weight": -row["weight"] if row["target"] == COLD else row["weight"],
            "half_life": row["half_life"],
        }
        for row in model.weights
    ]
    order = list(FEEDS.values())
    return sorted(lines, key=lambda line: (order.index(line["feeds"]), line["half_life"], -abs(line["weight"])))


def mixes_of(model: ScoreModel) -> list[tuple[str, list[str]]]:
    """(audience, shares in percent of the four I's), in the order of the audiences."""
    named = {str(int(role)): str(role.label) for role in Audience}
    return [
        (named[code], [f"{share * 100:.0f}" for share in mix]) for code, mix in sorted(model.mixes.items()) if code in named
    ]


def explained(request: HttpRequest) -> HttpResponse:
    model = current_model()
    context = {"groups": FIGURES, "weights": weights_of(model), "mixes": mixes_of(model), "model": model}
    return render(request, "metrics_explained.html", context)


urlpatterns = [path("", explained, name="explained")]
