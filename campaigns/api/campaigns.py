"""`/campaigns`: read them with their figures, make and change drafts. People approve and send them, no key
does; but a key that may write stops one on its way, lets it go on where nothing was wrong, and cancels the rest of it. It
also decides or ends a test that runs (`/campaigns/{id}/experiment/decision`), and the rest of its people get the version
at once.
"""

import json
from collections.abc import Callable, Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest
from ninja import Query, Router, Status

from campaigns import copying
from campaigns.api.shapes import (
    Blocks,
    BlocksShape,
    CampaignsAsked,
    CampaignShape,
    ChangedCampaign,
    NewCampaign,
    shapes_of,
)
from campaigns.composing import compose
from campaigns.experiments.going_together import together
from campaigns.experiments.setting_up import Varies, experiment_of, versions_of
from campaigns.forms import readable_line
from campaigns.models import Campaign, Programme
from campaigns.standing.starting import go_on, stop
from consent.models import Topic
from contacts.channels import Channel
from delivery.drafting import NotADraftError, change_email
from delivery.engine.controlling import WrongStateError, pause
from delivery.models import Content, Message, Sender
from delivery.senders import channel_of
from emails.reading import VERSION, BadBlocksError, read_blocks
from lib.clock import is_storable
from segments.models import Segment
from workspaces.api.door import scope
from workspaces.api.pages import Id, PageOf, newest_first
from workspaces.api.problems import Problem, nothing_here, refuse
from workspaces.auditing import audit

router = Router()
OWN_OF_VERSIONS = {Varies.SUBJECT: {"subject", "preheader"}, Varies.CONTENT: {"blocks", "markdown"}}
ON_ITS_WAY = {Message.State.SCHEDULED, Message.State.PLANNING, Message.State.SENDING}
RELATED = ("message__content", "message__sender", "programme")


@router.get("/campaigns", response=PageOf[CampaignShape], summary="List campaigns")
@scope("campaigns:read")
def list_campaigns(request: HttpRequest, asked: Query[CampaignsAsked]) -> dict[str, Any]:
    """Newest first, each with its figures."""
    rows = Campaign.objects.seen().select_related(*RELATED)
    if asked.state is not None:
        rows = rows.filter(message__state=str(asked.state))
    shown, after = newest_first(rows, asked)
    return {"items": shapes_of(shown), "next": after}


@router.get("/campaigns/{campaign_id}", response=CampaignShape, summary="One campaign")
@scope("campaigns:read")
def get_campaign(request: HttpRequest, campaign_id: Id) -> dict[str, Any]:
    """Where it stands, and what became of it."""
    return shapes_of([found_campaign(campaign_id)])[0]


@router.post("/campaigns", response={201: CampaignShape}, summary="Make a draft")
@scope("campaigns:write", "campaigns:read")
def make_campaign(request: HttpRequest, said: NewCampaign) -> Status:
    """Nothing goes out: somebody approves and sends it on its page."""
    facts = _facts(said.model_dump())
    if "body" not in facts:
        is_email = channel_of(facts["sender"]) == Channel.EMAIL
        facts["body_format"] = Content.Format.BLOCKS if is_email else Content.Format.MARKDOWN
    made = compose(**facts)
    audit("campaign.made", by=None, target=made)
    return Status(201, shapes_of([found_campaign(made.pk)])[0])


@router.patch("/campaigns/{campaign_id}", response=CampaignShape, summary="Change a draft")
@scope("campaigns:write", "campaigns:read")
def change_campaign(request: HttpRequest, campaign_id: Id, said: ChangedCampaign) -> dict[str, Any]:
    """What is left out stays. 409 once it is approved, and of a version of a test where it follows the first."""
    campaign = found_draft(campaign_id)
    facts = _facts(said.model_dump(exclude_unset=True))
    _check_own(campaign, said.model_fields_set)
    content, sender = campaign.message.content, facts.get("sender")
    is_built = content.body_format == Content.Format.BLOCKS and "body" not in facts
    if is_built and sender is not None and channel_of(sender) != Channel.EMAIL:
        raise refuse("body.sender", "This email is made of blocks: choose a sender of emails, or give markdown.")
    compose(campaign, **facts)
    audit("campaign.edited", by=None, target=campaign, fields=sorted(facts))
    return shapes_of([found_campaign(campaign_id)])[0]


@router.get("/campaigns/{campaign_id}/blocks", response=BlocksShape, summary="The blocks of an email")
@scope("campaigns:read")
def get_blocks(request: HttpRequest, campaign_id: Id) -> dict[str, Any]:
    """In their order; none of an email that is written by hand."""
    return _blocks(found_campaign(campaign_id).message.content)


@router.put("/campaigns/{campaign_id}/blocks", response=BlocksShape, summary="Replace the blocks of an email")
@scope("campaigns:write", "campaigns:read")
def put_blocks(request: HttpRequest, campaign_id: Id, said: Blocks) -> dict[str, Any]:
    """What they were before is kept in its history. 422 says which block cannot be read, and nothing changes."""
    campaign = found_draft(campaign_id)
    _check_own(campaign, {"blocks"})
    if channel_of(campaign.message.sender) != Channel.EMAIL:
        raise refuse("body.blocks", "Only emails are made of blocks, and this campaign’s sender sends none.")
    content = campaign.message.content
    try:
        named = [{"id": ""} | one for one in said.blocks]
        blocks = read_blocks(json.dumps({"version": VERSION, "blocks": named}))
        change_email(content, blocks, based_on=content.version)
    except BadBlocksError as error:
        raise refuse("body.blocks", error, code="bad_blocks") from error
    except NotADraftError as error:
        raise _no_draft() from error
    audit("campaign.edited", by=None, target=campaign, fields=["blocks"])
    return _blocks(found_campaign(campaign_id).message.content)


@router.post("/campaigns/{campaign_id}/duplicate", response={201: CampaignShape}, summary="Duplicate a campaign")
@scope("campaigns:write", "campaigns:read")
def duplicate_campaign(request: HttpRequest, campaign_id: Id) -> Status:
    """A draft that says the same to the same people."""
    made = copying.duplicate(found_campaign(campaign_id), by=None)
    return Status(201, shapes_of([found_campaign(made.pk)])[0])


@router.post("/campaigns/{campaign_id}/pause", response=CampaignShape, summary="Pause a campaign")
@scope("campaigns:write", "campaigns:read")
def pause_campaign(request: HttpRequest, campaign_id: Id) -> dict[str, Any]:
    """Within a second, in all versions; what was sent stays sent. 409 for what is not on its way. May be repeated."""
    campaign = _whole(campaign_id)
    states = {one.message.state for one in _all_of(campaign)}
    if states & ON_ITS_WAY or Message.State.PAUSED not in states:
        _step(lambda: together(campaign, pause, by=None))
    return shapes_of([found_campaign(campaign_id)])[0]


@router.post("/campaigns/{campaign_id}/resume", response=CampaignShape, summary="Let a campaign go on")
@scope("campaigns:write", "campaigns:read")
def resume_campaign(request: HttpRequest, campaign_id: Id) -> dict[str, Any]:
    """Where it stopped. 409 for what is not paused, and for what paused by itself: somebody looks first."""
    campaign = _whole(campaign_id)
    reasons = [one.message.state_reason for one in _all_of(campaign) if one.message.state == Message.State.PAUSED]
    if why := next(filter(None, reasons), ""):
        raise Problem(409, f"It paused by itself, and somebody looks first: {why}", code="look_first")
    _step(lambda: go_on(campaign, by=None))
    return shapes_of([found_campaign(campaign_id)])[0]


@router.post("/campaigns/{campaign_id}/cancel", response=CampaignShape, summary="Cancel the rest of a campaign")
@scope("campaigns:write", "campaigns:read")
def cancel_campaign(request: HttpRequest, campaign_id: Id) -> dict[str, Any]:
    """Nobody gets any more of it, for good. 409 for a draft and for what is over. May be repeated."""
    campaign = _whole(campaign_id)
    if campaign.message.state != Message.State.CANCELLED:
        _step(lambda: stop(campaign, by=None))
    return shapes_of([found_campaign(campaign_id)])[0]


def _whole(pk: int) -> Campaign:
    """The campaign, for a version of a test the one that it belongs to: a step holds for all. Problem 404."""
    found = found_campaign(pk)
    return found_campaign(found.variant_of_id) if found.variant_of_id else found


def _all_of(campaign: Campaign) -> list[Campaign]:
    return [campaign, *versions_of(campaign)]


def _step(verb: Callable[[], object]) -> None:
    try:
        verb()
    except WrongStateError as error:
        raise Problem(409, f"This does not fit: the campaign is “{error}”.", code="wrong_state") from error


def found_campaign(pk: int) -> Campaign:
    """A campaign with what its shapes read. Problem 404."""
    found = Campaign.objects.select_related(*RELATED, "message__topic", "segment").filter(pk=pk).first()
    if found is None:
        raise nothing_here("campaign")
    return found


def found_draft(pk: int) -> Campaign:
    """It, with its message's row locked, so that nobody approves it meanwhile. Problem 404, 409."""
    found = found_campaign(pk)
    held = Message.objects.select_for_update(no_key=True).get(pk=found.message_id)
    if held.state != Message.State.DRAFT:
        raise _no_draft()
    return found


def _check_own(campaign: Campaign, names: Iterable[str]) -> None:
    """A version of a test says by itself only what is tested; all else would be overwritten. Problem 409."""
    experiment = experiment_of(campaign) if campaign.variant_of_id else None
    others = set(names) - OWN_OF_VERSIONS.get(Varies(experiment.varies), set()) if experiment else set()
    if others:
        text = "It is a version of a test and follows campaign {first} in: {others}. Change that one."
        said = text.format(first=campaign.variant_of_id, others=", ".join(sorted(others)))
        raise Problem(409, said, code="version")


def _no_draft() -> Problem:
    return Problem(409, "Only a draft can be changed: somebody takes it back on its page.", code="no_draft")


def _facts(said: dict[str, Any]) -> dict[str, Any]:
    """What was said as the facts that `compose` takes. Problem 422."""
    own = Segment.objects.filter(is_private=False)
    known = {
        "topic": Topic.objects.all(),
        "sender": Sender.objects.all(),
        "segment": own,
        "programme": Programme.objects.all(),
    }
    facts = said | {name: _row(name, rows, said[name]) for name, rows in known.items() if name in said}
    if "purpose" in facts:
        facts["purpose"] = str(facts["purpose"])
    if "subject" in facts:
        try:
            readable_line(facts["subject"])
        except ValidationError as error:
            raise refuse("body.subject", error.messages[0]) from error
    if (at := facts.get("intended_at")) is not None and not (at.tzinfo and is_storable(at)):
        raise refuse("body.intended_at", "Give a moment from 1900 to 2200, with its offset.")
    markdown = facts.pop("markdown", None)
    return facts | ({"body": markdown, "body_format": Content.Format.MARKDOWN} if markdown is not None else {})


def _row(name: str, rows: models.QuerySet[Any], pk: int | None) -> Any:
    found = rows.filter(pk=pk).first() if pk is not None else None
    if pk is not None and found is None:
        raise refuse(f"body.{name}", f"There is no such {name}.")
    return found


def _blocks(content: Content) -> dict[str, Any]:
    kept = json.loads(content.blocks) if content.blocks and content.body_format == Content.Format.BLOCKS else {}
    return {"version": content.version, "blocks": kept.get("blocks", [])}
