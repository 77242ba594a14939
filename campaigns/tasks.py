"""Work of this room in the background."""

from datetime import datetime

from django.db.models import Min
from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns.launching import MOST_LATE, WORK, pause_for
from campaigns.models import AudienceChunk, Campaign
from campaigns.planning import AlreadyPlannedError, plan
from campaigns.sending import send_slice
from contacts.segments.statements import TooSlowError
from contacts.segments.words import RuleError
from workspaces import agenda
from workspaces.current import working_in
from workspaces.models import Workspace

State = Campaign.State


@agenda.work(WORK)
def send_due(workspace: Workspace) -> datetime | None:
    """Plan what is due, send a slice, say when to come back."""
    with working_in(workspace):
        due = list(Campaign.objects.filter(state=State.SCHEDULED, scheduled_at__lte=timezone.now()))
        due += Campaign.objects.filter(state=State.PLANNING)
    for campaign in due:
        with working_in(workspace):
            _plan(campaign)
    send_slice(workspace)
    with working_in(workspace):
        return next_moment()


def next_moment() -> datetime | None:
    """When there is something to do again in the open workspace."""
    now = timezone.now()
    moments = []
    if Campaign.objects.filter(state=State.PLANNING).exists():
        moments.append(now)
    scheduled = Campaign.objects.filter(state=State.SCHEDULED).aggregate(at=Min("scheduled_at"))["at"]
    moments += [scheduled] if scheduled else []
    open_chunks = AudienceChunk.objects.filter(
        is_done=False, campaign__state__in=[State.SENDING, State.PAUSED, State.CANCELLED]
    )
    for state, not_before, leased_until in open_chunks.values_list("campaign__state", "not_before", "leased_until"):
        if leased_until or state == State.SENDING:
            moments.append(max(filter(None, (now, not_before, leased_until))))
    return min(moments, default=None)


def _plan(campaign: Campaign) -> None:
    late = campaign.scheduled_at and timezone.now() - campaign.scheduled_at > MOST_LATE
    if late and campaign.state == State.SCHEDULED:
        pause_for(campaign, _("The moment was missed by more than four hours. Resume to send it now."))
        return
    try:
        plan(campaign)
    except AlreadyPlannedError:
        return
    except (RuleError, TooSlowError) as error:
        pause_for(campaign, _("The audience cannot be planned: %(why)s") % {"why": error})
