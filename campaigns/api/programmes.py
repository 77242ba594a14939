"""`/programmes`: read and change charters, their figures, what they cost beside their messages."""

from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Status

from campaigns.api.programme_shapes import (
    ChangedProgramme,
    CostShape,
    FiguresOfProgramme,
    HoldoutShape,
    NewCost,
    NewProgramme,
    ProgrammeShape,
    cost_shape,
    figures_shape,
    holdout_shape,
    shape_of,
)
from campaigns.charters.costing import add_cost, remove_cost
from campaigns.charters.counting import counted_of
from campaigns.charters.keeping import keep_charter
from campaigns.charters.lifting_all import lift_of_all
from campaigns.composing import workspace_holdout
from campaigns.models import Programme, ProgrammeCost
from consent.models import Topic
from contacts.models import Audience
from lib.clock import FIRST_MOMENT, LAST_MOMENT
from workspaces.api.door import scope
from workspaces.api.pages import Id, ListOf, Paged, PageOf, newest_first
from workspaces.api.problems import nothing_here, refuse

router = Router()
GOALS = ("metric", "target", "check_on")


@router.get("/programmes", response=PageOf[ProgrammeShape], summary="List programmes")
@scope("campaigns:read")
def list_programmes(request: HttpRequest, asked: Query[Paged]) -> dict[str, Any]:
    """Newest first."""
    shown, after = newest_first(Programme.objects.select_related("objective"), asked)
    return {"items": [shape_of(one) for one in shown], "next": after}


@router.get("/holdout", response=HoldoutShape, summary="What all offers together change")
@scope("campaigns:read")
def get_holdout(request: HttpRequest) -> dict[str, Any]:
    """Counted each night against those who get no offers at all."""
    percent = workspace_holdout()
    return holdout_shape(percent, lift_of_all(percent))


@router.get("/programmes/{programme_id}", response=ProgrammeShape, summary="One programme")
@scope("campaigns:read")
def get_programme(request: HttpRequest, programme_id: Id) -> dict[str, Any]:
    """Its charter, and where its objective stands."""
    return shape_of(_found(programme_id))


@router.post("/programmes", response={201: ProgrammeShape}, summary="Start a programme")
@scope("campaigns:write", "campaigns:read")
def make_programme(request: HttpRequest, said: NewProgramme) -> Status:
    """Nothing is sent by it. Its baseline is measured within a minute."""
    made = Programme()
    _keep(made, said.model_dump())
    return Status(201, shape_of(_found(made.pk)))


@router.patch("/programmes/{programme_id}", response=ProgrammeShape, summary="Change a charter")
@scope("campaigns:write", "campaigns:read")
def change_programme(request: HttpRequest, programme_id: Id, said: ChangedProgramme) -> dict[str, Any]:
    """What is left out stays. Another metric, audience or topic is measured anew."""
    programme = _found(programme_id)
    _keep(programme, said.model_dump(exclude_unset=True))
    return shape_of(_found(programme_id))


@router.get("/programmes/{programme_id}/figures", response=FiguresOfProgramme, summary="The figures of a programme")
@scope("campaigns:read")
def get_figures(request: HttpRequest, programme_id: Id) -> dict[str, Any]:
    """Its last weeks, what it changed against its holdout, what it cost and brought."""
    programme = _found(programme_id)
    return figures_shape(programme, counted_of(programme))


@router.get("/programmes/{programme_id}/costs", response=ListOf[CostShape], summary="What a programme cost")
@scope("campaigns:read")
def list_costs(request: HttpRequest, programme_id: Id) -> dict[str, Any]:
    """What somebody entered beside its messages, newest first."""
    return {"items": [cost_shape(one) for one in ProgrammeCost.objects.filter(programme=_found(programme_id))]}


@router.post("/programmes/{programme_id}/costs", response={201: CostShape}, summary="Add a cost")
@scope("campaigns:write", "campaigns:read")
def make_cost(request: HttpRequest, programme_id: Id, said: NewCost) -> Status:
    """Hours, samples, an agency."""
    _check_day("day", said.day)
    programme, amount = _found(programme_id), Decimal(said.amount_minor) / 100
    return Status(201, cost_shape(add_cost(programme, name=said.name, amount=amount, day=said.day, by=None)))


@router.delete("/programmes/{programme_id}/costs/{cost_id}", response={204: None}, summary="Remove a cost")
@scope("campaigns:write")
def delete_cost(request: HttpRequest, programme_id: Id, cost_id: Id) -> Status:
    """It was none."""
    rows = ProgrammeCost.objects.select_related("programme")
    found = rows.filter(pk=cost_id, programme=programme_id).first()
    if found is None:
        raise nothing_here("cost")
    remove_cost(found, by=None)
    return Status(204, None)


def _found(pk: int) -> Programme:
    found = Programme.objects.select_related("objective").filter(pk=pk).first()
    if found is None:
        raise nothing_here("programme")
    return found


def _keep(programme: Programme, said: dict[str, Any]) -> None:
    """Set what was said and save it. Problem 422."""
    facts = {name: value for name, value in said.items() if name not in GOALS}
    if "role" in facts:
        facts["preset"] = str(facts.pop("role"))
    if "audience" in facts:
        facts["audience"] = int(Audience[str(facts["audience"]).upper()])
    topic = facts.get("topic")
    if topic is not None and not Topic.objects.filter(pk=topic).exists():
        raise refuse("body.topic", "There is no such topic.")
    if "topic" in facts:
        facts["topic_id"] = facts.pop("topic")
    changed = {name for name, value in facts.items() if getattr(programme, name) != value}
    for name, value in facts.items():
        setattr(programme, name, value)
    named = {one.removesuffix("_id") for one in changed} | (said.keys() & set(GOALS))
    keep_charter(programme, **_goals(programme, said), changed=named, by=None)


def _goals(programme: Programme, said: dict[str, Any]) -> dict[str, Any]:
    goal = programme.objective
    goals = {name: said[name] if name in said else getattr(goal, name, None) for name in GOALS}
    goals["metric"] = str(goals["metric"]) if goals["metric"] else ""
    if goals["target"] is not None and not goals["metric"]:
        raise refuse("body.target", "A target needs a metric.")
    _check_day("check_on", goals["check_on"])
    return goals


def _check_day(name: str, day: Any) -> None:
    if day is not None and not FIRST_MOMENT.date() <= day < LAST_MOMENT.date():
        raise refuse(f"body.{name}", "Give a date from 1900 to 2200.")
