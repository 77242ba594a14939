"""What a standing campaign's page says beside its figures."""

from campaigns.models import Campaign
from campaigns.standing.saying import how_it_stands, say_when
from campaigns.standing.starting import standing_of


def standing_context(campaign: Campaign) -> dict[str, object]:
    """What the campaign's page says of it; empty where it goes out once."""
    standing = standing_of(campaign)
    if standing is None:
        return {}
    return {"standing": standing, "says_when": say_when(standing), "stands": how_it_stands(standing)}
