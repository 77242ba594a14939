"""Starting and ending: from when on a standing campaign takes people, until when, and how a new version follows it."""

from typing import Any

from django.db import transaction

from campaigns.experiments.going_together import cancel_all, together
from campaigns.keeping_in_library import forget_unsent
from campaigns.models import Campaign, StandingCampaign, StandingEntry
from campaigns.standing.entering import WORK, Trigger, enter_present
from delivery.engine.controlling import WrongStateError, end_standing, resume
from delivery.models import Message
from delivery.transactional.messages import open_standing
from lib.clock import now
from workspaces.auditing import audit
from workspaces.models import User
from workspaces.tasks import hurry


def standing_of(campaign: Campaign) -> StandingCampaign | None:
    """By which rule this campaign goes out by itself, or will once it is started; None where it goes out once."""
    rows = StandingCampaign.objects.filter(campaign=campaign) | StandingCampaign.objects.filter(draft=campaign)
    return rows.order_by("-pk").first()


@transaction.atomic
def make_standing(campaign: Campaign, *, by: User | None, **facts: Any) -> StandingCampaign:
    """It shall go out by itself, as `facts` say (the fields of StandingCampaign); kept with the draft until it is started.

    Of one that runs the facts hold for whoever enters from now on.
    """
    standing = standing_of(campaign) or StandingCampaign(campaign=campaign)
    for name, value in facts.items():
        setattr(standing, name, value)
    standing.save()
    audit("campaign.standing", by=by, target=campaign, fields=sorted(facts))
    if standing.is_running:
        hurry(WORK)
    return standing


@transaction.atomic
def make_single(campaign: Campaign, *, by: User | None) -> None:
    """It goes out once after all. Does nothing to one that was started. WrongStateError unless it is a draft."""
    message = Message.objects.select_for_update(no_key=True).get(pk=campaign.message_id)
    if message.state != Message.State.DRAFT:
        raise WrongStateError(message.get_state_display())
    found = StandingCampaign.objects.filter(campaign=campaign, started_at=None)
    if found.exists():
        found.delete()
        audit("campaign.single", by=by, target=campaign)


@transaction.atomic
def start(campaign: Campaign, *, by: User | None) -> Message:
    """From now on people enter, and get it. A version that follows another takes its place: who had that one has had it.

    WrongStateError unless it is approved and standing. Locks the standing campaign's row, then the messages'.
    """
    found = standing_of(campaign)
    if found is None:
        raise WrongStateError(campaign.message.get_state_display())
    standing = StandingCampaign.objects.select_for_update(of=("self",)).get(pk=found.pk)
    message = open_standing(campaign.message)
    message.planned_at = now()
    message.save(update_fields=["planned_at"])
    if standing.draft_id == campaign.pk:
        before = standing.campaign.message
        standing.campaign, standing.draft = campaign, None
        if before.state in {Message.State.SENDING, Message.State.PAUSED}:
            end_standing(before, by=by)
    if standing.started_at is None or standing.ended_at is not None:
        standing.started_at, standing.ended_at = now(), None
    standing.save()
    audit("campaign.started", by=by, target=campaign)
    if standing.includes_present and standing.trigger == Trigger.ENTERS and not standing.allowed_until:
        enter_present(standing)
        standing.allowed_until = now()  # these were asked for
        standing.save(update_fields=["allowed_until"])
    hurry(WORK)
    return message


@transaction.atomic
def end(campaign: Campaign, *, by: User | None) -> Message:
    """Nobody enters any more; who waits for their moment gets nothing, who was handed over gets it. WrongStateError."""
    standing = StandingCampaign.objects.select_for_update(of=("self",)).filter(campaign=campaign, ended_at=None).first()
    if standing is None or standing.started_at is None:
        raise WrongStateError(campaign.message.get_state_display())
    standing.ended_at = now()
    standing.save(update_fields=["ended_at"])
    _let_go(campaign)
    audit("campaign.ended", by=by, target=campaign)
    return end_standing(campaign.message, by=by)


@transaction.atomic
def stop(campaign: Campaign, *, by: User | None) -> Message:
    """Nobody gets any more of it, and nobody enters; what nobody got leaves the library. WrongStateError."""
    StandingCampaign.objects.filter(campaign=campaign, ended_at=None).exclude(started_at=None).update(ended_at=now())
    _let_go(campaign)
    message = cancel_all(campaign, by=by)
    forget_unsent(campaign, by=by)
    return message


def go_on(campaign: Campaign, *, by: User | None) -> Message:
    """Resume; of a standing one whose people wait, their turn comes at once. WrongStateError."""
    message = together(campaign, resume, by=by)
    if message.is_standing:
        hurry(WORK)
    return message


def _let_go(campaign: Campaign) -> None:
    """Who waited for their moment waits no more: a later version is none of theirs."""
    waiting = StandingEntry.objects.filter(standing__campaign=campaign, done_at=None)
    waiting.update(done_at=now(), fate=StandingEntry.Fate.ENDED)
