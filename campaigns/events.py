"""News about campaigns for machines: all of it has gone out, or it was cancelled."""

from campaigns.models import Campaign
from delivery.models import Message
from workspaces.events import NewEvent, record_events

SENT, CANCELLED = "campaign.sent", "campaign.cancelled"


def on_message_finished(message: Message) -> None:
    """News: a message has ended. If it is a campaign's, machines hear of it; a version that was replaced has gone out."""
    kind = CANCELLED if message.state == Message.State.CANCELLED else SENT
    campaigns = Campaign.objects.filter(message=message).values_list("pk", flat=True)
    record_events(NewEvent(kind, [], {"campaign_id": pk, "message_id": message.pk}) for pk in campaigns)
