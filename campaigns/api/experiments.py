"""`/campaigns/{id}/experiment`: a test of versions, read with its figures, set up as a draft, decided."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest
from ninja import Router

from campaigns.api.campaigns import found_campaign
from campaigns.api.experiment_shapes import Decision, ExperimentShape, GivenVersion, NewExperiment, shape_of
from campaigns.experiments import setting_up
from campaigns.experiments.deciding import NotDecidableError, decide, end_test
from campaigns.experiments.forms import senders_like
from campaigns.experiments.setting_up import LETTERS, NotTestableError, Varies
from campaigns.forms import readable_line
from campaigns.models import Campaign, Experiment
from segments.leaf_types.base import RuleError
from segments.rules.statements import TooSlowError
from touchpoints.kinds import KINDS
from touchpoints.models import OwnKind
from workspaces.api.door import scope
from workspaces.api.pages import Id
from workspaces.api.problems import Problem, nothing_here, refuse

router = Router()
REFUSED = {
    "standing": "It goes out by itself: that cannot be tested.",
    "no_draft": "Only a draft’s versions can be changed: somebody takes it back on its page.",
    "full": "A test has four versions at most.",
    "version": "There is no such version.",
    "over": "No test of it runs.",
    "waits": "The segment is being filled: try again in a minute.",
    "paused": "This version is paused.",
    "cancelled": "This version was cancelled.",
}


@router.get("/campaigns/{campaign_id}/experiment", response=ExperimentShape, summary="The test of a campaign")
@scope("campaigns:read")
def get_experiment(request: HttpRequest, campaign_id: Id) -> dict[str, Any]:
    """Its versions, what each of them brought, and what may be said of it. 404 of one that is not tested."""
    campaign = found_campaign(campaign_id)
    return shape_of(_experiment(campaign), campaign)


@router.put("/campaigns/{campaign_id}/experiment", response=ExperimentShape, summary="Set up a test of versions")
@scope("campaigns:write", "campaigns:read")
def put_experiment(request: HttpRequest, campaign_id: Id, said: NewExperiment) -> dict[str, Any]:
    """Afterwards it has these versions beside the campaign itself. 409 once it is approved; 422 changes nothing."""
    campaign = found_campaign(campaign_id)
    facts = said.model_dump(exclude={"versions", "kind"}) | {"kind": _kind(said)}
    facts |= {"varies": str(said.varies), "goal": str(said.goal)}
    given = [_facts(campaign, str(said.varies), no, one) for no, one in enumerate(said.versions)]
    try:
        with transaction.atomic():
            setting_up.make_experiment(campaign, by=None, **facts)
            _fit(campaign, given)
    except NotTestableError as error:
        raise Problem(409, REFUSED[str(error)], code=str(error)) from error
    return shape_of(_experiment(campaign), campaign)


@router.post(
    "/campaigns/{campaign_id}/experiment/decision", response=ExperimentShape, summary="Decide or end a running test"
)
@scope("campaigns:write", "campaigns:read")
def decide_experiment(request: HttpRequest, campaign_id: Id, said: Decision) -> dict[str, Any]:
    """The rest gets this version at once, whatever the numbers say; null ends the test, and the rest gets nothing."""
    campaign = found_campaign(campaign_id)
    experiment = _experiment(campaign)
    try:
        if said.version is None:
            end_test(experiment, by=None)
        else:
            decide(experiment, LETTERS.index(str(said.version)), by=None)
    except NotDecidableError as error:
        raise Problem(409, REFUSED[str(error)], code=str(error)) from error
    except (RuleError, TooSlowError) as error:
        raise Problem(409, f"The rest cannot be planned: {error}", code="segment") from error
    return shape_of(_experiment(campaign), campaign)


def _experiment(campaign: Campaign) -> Experiment:
    found = setting_up.experiment_of(campaign)
    if found is None or campaign.variant_of_id:
        raise nothing_here("experiment")
    return found


def _kind(said: NewExperiment) -> int | None:
    if str(said.goal) != Experiment.Goal.KIND:
        return None
    known = KINDS.get(said.kind or "")
    code = known.code if known else OwnKind.objects.filter(key=said.kind or "").values_list("code", flat=True).first()
    if code is None:
        raise refuse("body.kind", "Give the key of a kind of touchpoint.")
    return int(code)


def _facts(campaign: Campaign, varies: str, number: int, given: GivenVersion) -> dict[str, Any]:
    """What one further version says of what varies. Problem 422."""
    at = f"body.versions.{number}"
    if varies == Varies.SUBJECT:
        if not given.subject:
            raise refuse(f"{at}.subject", "Say the subject of this version.")
        try:
            readable_line(given.subject)
        except ValidationError as error:
            raise refuse(f"{at}.subject", error.messages[0]) from error
        return {"subject": given.subject, "preheader": given.preheader}
    if varies == Varies.SENDER:
        sender = senders_like(campaign.message).filter(pk=given.sender or 0).first()
        if sender is None:
            raise refuse(f"{at}.sender", "There is no such sender of the campaign’s channel.")
        return {"sender": sender}
    if varies == Varies.TIME:
        if not given.hours_later:
            raise refuse(f"{at}.hours_later", "Say how many hours later it goes.")
        return {"hours_later": given.hours_later}
    return {}


def _fit(campaign: Campaign, given: list[dict[str, Any]]) -> None:
    """As many further versions as were given, each with its facts."""
    held = campaign.versions.count()
    for number in range(held, len(given), -1):
        setting_up.remove_version(campaign, number, by=None)
    for _more in range(held, len(given)):
        setting_up.add_version(campaign, by=None)
    for number, facts in enumerate(given, 1):
        setting_up.change_version(campaign, number, by=None, **facts)
