"""`/standing-campaigns`: campaigns that go out by themselves. A key says when a draft shall go out, pauses what runs and
lets it go on; people approve, start and end it. What paused by itself is looked at by somebody first.
"""

from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Status

from campaigns.api.campaigns import found_campaign, found_draft
from campaigns.api.shapes import CampaignShape, shapes_of
from campaigns.api.standing_shapes import PLACES, Standing, StandingShape, Trigger, shapes_of_standing
from campaigns.experiments.going_together import together
from campaigns.experiments.setting_up import experiment_of
from campaigns.models import Campaign, StandingCampaign
from campaigns.standing.forms import StandingForm
from campaigns.standing.starting import go_on, make_single, make_standing, standing_of
from campaigns.standing.versions import write_version
from delivery.engine.controlling import WrongStateError, pause
from delivery.models import Message
from lib.foreign.cleaning import to_storable
from touchpoints.kinds import KINDS
from touchpoints.models import OwnKind
from workspaces.api.door import scope
from workspaces.api.pages import Id, Paged, PageOf, newest_first
from workspaces.api.problems import Problem, nothing_here, refuse

router = Router()
RELATED = ("campaign__message", "campaign__segment")


@router.get("/standing-campaigns", response=PageOf[StandingShape], summary="List standing campaigns")
@scope("campaigns:read")
def list_standing_campaigns(request: HttpRequest, asked: Query[Paged]) -> dict[str, Any]:
    """Newest first, those that were ended too."""
    shown, after = newest_first(StandingCampaign.objects.select_related(*RELATED), asked)
    return {"items": shapes_of_standing(shown), "next": after}


@router.get("/standing-campaigns/{campaign_id}", response=StandingShape, summary="One standing campaign")
@scope("campaigns:read")
def get_standing_campaign(request: HttpRequest, campaign_id: Id) -> dict[str, Any]:
    """By the campaign that goes out, or by the draft that will take its place."""
    return _shown(_found(found_campaign(campaign_id)))


@router.put("/standing-campaigns/{campaign_id}", response=StandingShape, summary="Let a draft go out by itself")
@scope("campaigns:write", "campaigns:read")
def put_standing_campaign(request: HttpRequest, campaign_id: Id, said: Standing) -> dict[str, Any]:
    """Nothing goes out until somebody approves and starts it. 409 for what is no draft, or runs: its page changes that."""
    campaign = found_draft(campaign_id)
    standing = standing_of(campaign)
    if standing is not None and standing.is_running:
        raise Problem(409, "It runs: somebody who may approve it changes on its page when it goes out.", code="runs")
    if campaign.variant_of_id or experiment_of(campaign) is not None:
        raise Problem(409, "Its versions are tested, which takes many people at once.", code="tested")
    form = StandingForm(said.as_form(_kind(said)), standing=standing, has_segment=campaign.segment_id is not None)
    for name, errors in form.errors.items():
        raise refuse(f"body.{PLACES.get(name, name)}", " ".join(map(str, errors)))
    make_standing(campaign, by=None, **form.facts())
    return _shown(_found(campaign))


@router.delete("/standing-campaigns/{campaign_id}", response={204: None}, summary="Let a draft go out once after all")
@scope("campaigns:write")
def delete_standing_campaign(request: HttpRequest, campaign_id: Id) -> Status:
    """The campaign stays. 409 for what is no draft, or was started."""
    campaign = found_draft(campaign_id)
    if _found(campaign).started_at is not None:
        raise Problem(409, "It was started: somebody ends it on its page.", code="runs")
    make_single(campaign, by=None)
    return Status(204, None)


@router.post("/standing-campaigns/{campaign_id}/pause", response=StandingShape, summary="Pause a standing campaign")
@scope("campaigns:write", "campaigns:read")
def pause_standing_campaign(request: HttpRequest, campaign_id: Id) -> dict[str, Any]:
    """Within a second; who comes meanwhile waits. 409 for what does not run. May be repeated."""
    standing = _found(found_campaign(campaign_id))
    if standing.campaign.message.state != Message.State.PAUSED:
        _step(standing, lambda campaign: together(campaign, pause, by=None))
    return _shown(_found(found_campaign(campaign_id)))


@router.post(
    "/standing-campaigns/{campaign_id}/resume", response=StandingShape, summary="Let a standing campaign go on"
)
@scope("campaigns:write", "campaigns:read")
def resume_standing_campaign(request: HttpRequest, campaign_id: Id) -> dict[str, Any]:
    """Those who waited get it. 409 for what is not paused, and for what paused by itself: somebody looks first."""
    standing = _found(found_campaign(campaign_id))
    message = standing.campaign.message
    if message.state == Message.State.PAUSED and message.state_reason:
        raise Problem(409, f"It paused by itself, and somebody looks first: {message.state_reason}", code="look_first")
    _step(standing, lambda campaign: go_on(campaign, by=None))
    return _shown(_found(found_campaign(campaign_id)))


@router.post("/standing-campaigns/{campaign_id}/version", response={201: CampaignShape}, summary="Write a new version")
@scope("campaigns:write", "campaigns:read")
def write_standing_version(request: HttpRequest, campaign_id: Id) -> Status:
    """A draft with its words, the one being written where there is one; it follows once somebody approves and starts it."""
    standing = _found(found_campaign(campaign_id))
    if not standing.is_running:
        raise Problem(409, "It does not run: change the campaign itself.", code="wrong_state")
    draft = write_version(standing, by=None)
    return Status(201, shapes_of([found_campaign(draft.pk)])[0])


def _found(campaign: Campaign) -> StandingCampaign:
    """Problem 404 where it goes out once."""
    standing = standing_of(campaign)
    if standing is None:
        raise nothing_here("standing campaign")
    return StandingCampaign.objects.select_related(*RELATED).get(pk=standing.pk)


def _shown(standing: StandingCampaign) -> dict[str, Any]:
    return shapes_of_standing([standing])[0]


def _kind(said: Standing) -> int | None:
    """The number of what they do. Problem 422 for a kind that nobody knows."""
    if str(said.trigger) != Trigger.HAPPENS.value or not said.kind:
        return None
    if said.kind in KINDS:
        return KINDS[said.kind].code
    code = OwnKind.objects.filter(key=to_storable(said.kind)).values_list("code", flat=True).first()
    if code is None:
        raise refuse("body.kind", "There is no such kind of touchpoint.")
    return code


def _step(standing: StandingCampaign, verb: Any) -> None:
    try:
        verb(standing.campaign)
    except WrongStateError as error:
        raise Problem(409, f"This does not fit: the campaign is “{error}”.", code="wrong_state") from error
