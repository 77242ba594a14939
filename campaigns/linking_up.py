"""The links of a campaign as rows: written when its letter is approved, so that a click finds its target."""

from campaigns.content.letters import Letter
from campaigns.models import Campaign
from touchpoints.models import TrackedLink


def keep_links(campaign: Campaign, letter: Letter) -> None:
    """The rows follow the letter. Only before anybody was planned: numbers stand in letters that went out."""
    TrackedLink.objects.filter(campaign_id=campaign.pk).delete()
    TrackedLink.objects.bulk_create(
        TrackedLink(campaign_id=campaign.pk, number=number, url=url, label=label)
        for number, url, label in letter.links.rows
    )
