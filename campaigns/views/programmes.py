"""Programmes: the list, and one programme's page."""

import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from campaigns.charters import saying
from campaigns.charters.belonging import parts_of
from campaigns.charters.costing import return_of
from campaigns.charters.counting import Counted, counted_of
from campaigns.charters.forms import CostForm
from campaigns.charters.promising import promises_of, selling_of
from campaigns.charters.roles import SENTENCES
from campaigns.charters.targets import checked_of, lacks_target, today, with_sends
from campaigns.models import Programme
from campaigns.objectives import annotations_over, bullet_of, history_of, rule_of, unit_of
from campaigns.views.campaigns import is_moving
from campaigns.views.holdout import lift_context
from lib.local_words import date_format
from workspaces.current import current_workspace
from workspaces.permissions import may, needs


@needs("campaigns.see")
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """All programmes, with how many emails each sent."""
    rows = list(with_sends(Programme.objects.select_related("objective", "topic")))
    for one in rows:
        one.bullet = bullet_of(one.objective) if one.objective else None  # type: ignore[attr-defined]
    can_edit = may(request.membership.role, "campaigns.edit")  # type: ignore[attr-defined]
    context = {"programmes": rows, "can_edit": can_edit, **lift_context()}
    return render(request, "campaigns/programmes.html", context)


@needs("campaigns.see")
@require_safe
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """What it claims, its chart, its proof, its price, its parts, its promises."""
    return programme_page(request, pk)


def programme_page(
    request: HttpRequest, pk: int, *, cost_form: CostForm | None = None, status: int = 200
) -> HttpResponse:
    """The page; `cost_form` holds what could not be taken of a cost."""
    programmes = with_sends(Programme.objects.select_related("objective", "topic"))
    programme = get_object_or_404(programmes, pk=pk)
    goal, counted, parts = programme.objective, counted_of(programme), parts_of(programme)
    sold = selling_of(programme)
    context = {
        "programme": programme,
        "role_sentence": SENTENCES[programme.preset],
        "claim": saying.claim_of(goal, counted, sold),
        "answer": _answer(programme),
        "checked": checked_of(programme, goal),
        "wants_target": lacks_target(programme, programme.sent_count),  # type: ignore[attr-defined]
        "counted": counted,
        "parts": parts,
        "is_live": is_moving([one.campaign for one in (*parts.once, *parts.standing)]),
        "promises": promises_of(programme, counted),
        "can_edit": may(request.membership.role, "campaigns.edit"),  # type: ignore[attr-defined]
        "currency": current_workspace().currency,
        "cost_form": cost_form or CostForm(initial={"day": today()}),
        **_proof(programme, counted),
    }
    return render(request, "campaigns/programme.html", context, status=status)


def _proof(programme: Programme, counted: Counted | None) -> dict[str, Any]:
    """The lift and the return, with the sentences that say them."""
    if counted is None:
        return {"lift": None, "money": None}
    money = return_of(programme, counted)
    return {
        "lift": counted.lift,
        "verdict": saying.verdict_of(counted.lift),
        "lift_words": saying.lift_in_words(counted.lift),
        "money": money,
        "money_rows": saying.money_rows(money),
        "money_words": saying.return_in_words(money, counted.lift, current_workspace().currency),
    }


def _answer(programme: Programme) -> dict[str, Any] | None:
    """What it answers for: the goal, its unit, the last weeks, and the rule by which its people can be looked at."""
    goal = programme.objective
    if goal is None:
        return None
    history = history_of(programme, goal)
    marks = [(_("start"), goal.baseline), (_("target"), goal.target)]
    return {
        "goal": goal,
        "unit": unit_of(goal),
        "bullet": bullet_of(goal),
        "series": [(date_format(one.day, "j M"), one.value) for one in history],
        "annotations": annotations_over([one.day for one in history]),
        "marks": [(label, value) for label, value in marks if value is not None],
        "people": history[-1].people if history else None,
        "rule": json.dumps(rule_of(programme)),
    }
