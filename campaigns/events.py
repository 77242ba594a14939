"""News about campaigns for machines: all of it has gone out, or it was cancelled."""

from django.db.models import Q

from campaigns.models import Campaign, Experiment
from delivery.models import Message
from workspaces.events import NewEvent, record_events

SENT, CANCELLED = "campaign.sent", "campaign.cancelled"
OVER = {Message.State.SENT, Message.State.CANCELLED}
NOT_OVER = {Experiment.State.DRAFT, Experiment.State.RUNNING, Experiment.State.ASKS}


def on_message_finished(message: Message) -> None:
    """News: a message has ended. If it is a campaign's, machines hear of it; a version that was replaced has gone out."""
    for campaign in Campaign.objects.filter(message=message).select_related("variant_of"):
        first = campaign.variant_of or campaign
        experiment = Experiment.objects.filter(campaign=first).first()
        if experiment is None:
            _tell(first, {message.state})
        elif experiment.state not in NOT_OVER:
            tell_when_all_over(first)


def tell_when_all_over(campaign: Campaign) -> None:
    """Machines hear of a tested campaign once no version of it goes out any more; the caller knows that the test is over.

    Locks the campaign's row, as the last one: of two versions that end at once the later one sees the other's end.
    """
    Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)
    every = Campaign.objects.filter(Q(pk=campaign.pk) | Q(variant_of=campaign.pk))
    states = set(every.values_list("message__state", flat=True))
    if states <= OVER:
        _tell(campaign, states)


def _tell(campaign: Campaign, states: set[str]) -> None:
    kind = CANCELLED if Message.State.CANCELLED in states else SENT
    record_events([NewEvent(kind, [], {"campaign_id": campaign.pk, "message_id": campaign.message_id})])
