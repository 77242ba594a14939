"""Planning: a campaign gives its message the people of its segment, when its moment has come."""

from datetime import datetime, timedelta

from django.db.models import Q
from django.utils.translation import gettext as _

from campaigns.experiments.going_together import plan_versions
from campaigns.experiments.setting_up import experiment_of, versions_of
from campaigns.models import Campaign
from delivery.engine.controlling import pause_for
from delivery.engine.lanes import PLANS, in_slot
from delivery.engine.planning import AlreadyPlannedError, plan
from delivery.engine.timing import first_moment
from delivery.models import Message
from lib.clock import now
from segments.leaf_types.base import RuleError
from segments.members.membership import unfilled_in
from segments.rules.compiler import compile_rule
from segments.rules.statements import TooSlowError, bounded
from workspaces import agenda
from workspaces.current import working_in
from workspaces.models import Workspace
from workspaces.tasks import hurry

State = Message.State
WORK = PLANS
PLAN_SECONDS = 120  # a million people take some seconds
MOST_LATE = timedelta(hours=4)
WAIT = timedelta(seconds=5)  # for a segment that is being filled


def on_message_ready(message: Message) -> None:
    """A message may go out: if it is a campaign's, its audience is fixed at its moment."""
    if Campaign.objects.filter(message=message).exists():
        if message.state == State.SCHEDULED:
            agenda.set_due(WORK, first_moment(message))
        else:
            hurry(WORK)


def plan_campaign(campaign: Campaign) -> Message:
    """Fix who belongs to the campaign; afterwards its message is being sent. AlreadyPlannedError, RuleError, TooSlowError.

    Where versions are tested, who gets which is fixed with it. Locks the message's row.
    """
    if campaign.segment is None:
        raise AlreadyPlannedError(campaign.pk)
    compiled = compile_rule(campaign.segment.rule)
    experiment = experiment_of(campaign)
    with bounded(PLAN_SECONDS):
        if experiment is not None:
            return plan_versions(experiment, campaign, compiled)
        return plan(campaign.message, compiled.sql, compiled.params)


@in_slot(WORK)
def plan_due(workspace: Workspace) -> datetime | None:
    """The agenda's work: plan every campaign whose moment has come; returns the next moment.

    One whose segment reads another that is being filled waits for it. What goes by everybody's own clock is planned when
    the first of these clocks shows the time.
    """
    with working_in(workspace):
        ready = Campaign.objects.seen().select_related("message", "segment")
        begins = Q(message__scheduled_at__lte=now()) | Q(message__by_zone=True)
        scheduled = ready.filter(begins, message__state=State.SCHEDULED)
        due = [one for one in scheduled if (first_moment(one.message) or now()) <= now()]
        due += ready.filter(message__state=State.PLANNING)
    waits = False
    for campaign in due:
        with working_in(workspace):
            if campaign.segment is not None and unfilled_in(campaign.segment.rule):
                waits = True
            else:
                _plan_one(campaign)
    if waits:
        return now() + WAIT
    with working_in(workspace):
        waiting = Message.objects.filter(state=State.SCHEDULED, campaigns__in=Campaign.objects.seen())
        return min(filter(None, map(first_moment, waiting)), default=None)


def _plan_one(campaign: Campaign) -> None:
    message = campaign.message
    late = message.scheduled_at and now() - message.scheduled_at > MOST_LATE
    if late and message.state == State.SCHEDULED:
        _pause_all(campaign, _("The moment was missed by more than four hours. Resume to send it now."))
        return
    if campaign.segment is None:
        _pause_all(campaign, _("It has no segment: take it back to draft and choose who gets it."))
        return
    try:
        plan_campaign(campaign)
    except AlreadyPlannedError:
        return
    except (RuleError, TooSlowError) as error:
        _pause_all(campaign, _("The audience cannot be planned: %(why)s") % {"why": error})


def _pause_all(campaign: Campaign, why: str) -> None:
    for one in (campaign, *versions_of(campaign)):
        pause_for(one.message, why)
