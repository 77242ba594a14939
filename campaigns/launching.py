"""The life of a campaign as verbs: approve, take back, schedule, start, pause, resume, cancel.

Each locks the campaign's row, looks at its state, and raises WrongStateError when the step does not fit.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from campaigns.content.letters import compile_letter
from campaigns.finishing import close_when_done
from campaigns.linking_up import keep_links
from campaigns.models import AudienceChunk, Campaign, Delivery
from ecrm.lib.sql import run_text
from workspaces import agenda
from workspaces.auditing import audit
from workspaces.current import current_workspace, current_workspace_id
from workspaces.models import User

State = Campaign.State
WORK = "campaigns.send"
MOST_LATE = timedelta(hours=4)
CANCEL_REST = """
-- Whoever has not been claimed yet is written down as cancelled, so that nobody is missing from the sum.
INSERT INTO campaigns_delivery AS d
  (workspace_id, campaign_id, contact_id, address, state, reason, attempts, epoch, answer, queued_at)
SELECT %(workspace)s, %(campaign)s, person, '', 7, '', 0, 0, '', clock_timestamp()
FROM campaigns_audiencechunk k, unnest(k.contact_ids) AS person
WHERE k.workspace_id = %(workspace)s AND k.campaign_id = %(campaign)s AND NOT k.is_done AND k.leased_until IS NULL
ON CONFLICT (workspace_id, campaign_id, contact_id) DO UPDATE SET state = 7, reason = '' WHERE d.state IN (0, 3)
"""


class WrongStateError(ValueError):
    """The campaign is not in a state for this."""


@transaction.atomic
def approve(campaign: Campaign, *, by: User | None) -> Campaign:
    """The letter is as it shall be; nobody edits it from here on. BadTemplateError when it cannot be read."""
    campaign = _locked(campaign, State.DRAFT)
    keep_links(campaign, compile_letter(campaign, current_workspace()))
    return _move(campaign, State.APPROVED, by, "campaign.approved", approved_by_id=by.pk if by else None)


@transaction.atomic
def take_back(campaign: Campaign, *, by: User | None) -> Campaign:
    """Back to a draft, as long as nobody was planned."""
    campaign = _locked(campaign, State.APPROVED, State.SCHEDULED)
    return _move(campaign, State.DRAFT, by, "campaign.taken_back", approved_by_id=None, scheduled_at=None)


@transaction.atomic
def schedule(campaign: Campaign, at: datetime | None = None, *, by: User | None) -> Campaign:
    """Send it at this moment, or now. Repeating it moves the moment."""
    campaign = _locked(campaign, State.APPROVED, State.SCHEDULED)
    now = timezone.now()
    moment = max(at or now, now)
    agenda.set_due(WORK, moment)
    return _move(campaign, State.SCHEDULED if at else State.PLANNING, by, "campaign.scheduled", scheduled_at=moment)


@transaction.atomic
def pause(campaign: Campaign, *, by: User | None) -> Campaign:
    """Stop within a second; what was handed over stays handed over."""
    campaign = _locked(campaign, State.SENDING, State.PLANNING, State.SCHEDULED)
    return _move(campaign, State.PAUSED, by, "campaign.paused", state_reason="")


@transaction.atomic
def pause_for(campaign: Campaign, reason: str) -> None:
    """A trouble pauses the campaign; `reason` is shown as it is."""
    found = Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)
    if found.state in {State.SENDING, State.PLANNING, State.SCHEDULED}:
        _move(found, State.PAUSED, None, "campaign.stopped", state_reason=reason[:300])


@transaction.atomic
def resume(campaign: Campaign, *, by: User | None) -> Campaign:
    """Go on where it stopped."""
    campaign = _locked(campaign, State.PAUSED)
    agenda.set_due(WORK)
    AudienceChunk.objects.filter(campaign=campaign, is_done=False, leased_until=None).exclude(not_before=None).filter(
        not_before__lt=timezone.now() + timedelta(minutes=2)
    ).update(not_before=None)
    state = State.SENDING if campaign.planned_at else State.PLANNING
    campaign = _move(campaign, state, by, "campaign.resumed", state_reason="")
    close_when_done(campaign)
    return campaign


@transaction.atomic
def cancel(campaign: Campaign, *, by: User | None) -> Campaign:
    """The rest does not go out; a worker in the middle of a chunk stops within a second."""
    campaign = _locked(campaign, State.APPROVED, State.SCHEDULED, State.PLANNING, State.SENDING, State.PAUSED)
    campaign = _move(campaign, State.CANCELLED, by, "campaign.cancelled", finished_at=timezone.now(), state_reason="")
    free = AudienceChunk.objects.filter(campaign=campaign, is_done=False, leased_until=None)
    list(free.select_for_update().values_list("pk", flat=True))
    run_text(CANCEL_REST, {"workspace": current_workspace_id(), "campaign": campaign.pk})
    free.update(is_done=True)
    return campaign


@transaction.atomic
def resolve_doubt(delivery: Delivery, *, was_sent: bool, by: User | None) -> None:
    """A person says what became of a letter in doubt. It is not resent either way."""
    state = Delivery.State.SENT if was_sent else Delivery.State.FAILED
    changed = Delivery.objects.filter(pk=delivery.pk, state=Delivery.State.IN_DOUBT).update(
        state=state, reason="resolved", sent_at=timezone.now() if was_sent else None
    )
    if changed:
        audit("delivery.resolved", by=by, target=delivery, was_sent=was_sent)


def _locked(campaign: Campaign, *states: str) -> Campaign:
    found = Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)
    if found.state not in states:
        raise WrongStateError(found.get_state_display())
    return found


def _move(campaign: Campaign, state: str, by: User | None, action: str, **fields: object) -> Campaign:
    campaign.state = state
    for name, value in fields.items():
        setattr(campaign, name, value)
    campaign.save(update_fields=["state", *fields])
    audit(action, by=by, target=campaign)
    return campaign
