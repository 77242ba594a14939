"""Things of the library for tests; call inside working_in."""

from datetime import timedelta
from itertools import count

from delivery.drafting import change_email
from emails.models import LibraryItem
from lib.clock import now
from tests.emails.making import made
from tests.factories.campaigns import make_campaign

_numbers = count(1)


def make_item(title: str = "", *, days: float = 1, **facts) -> LibraryItem:
    """Published `days` ago."""
    number = next(_numbers)
    given = {"title": title or f"Thing {number}", "url": f"https://kettle.example/things/{number}"}
    return LibraryItem.objects.create(**(given | {"published_at": now() - timedelta(days=days)} | facts))


def make_picks_campaign(sender=None, *, others=(), segment=None, adds_utm=False, **block):
    """A campaign whose email is a block that chooses for each reader, and `others`."""
    campaign = make_campaign(sender, subject="News", adds_utm=adds_utm, **({"segment": segment} if segment else {}))
    blocks = made({"kind": "picks", "heading": "For you"} | block, *others)
    change_email(campaign.message.content, blocks, based_on=1)
    campaign.refresh_from_db()
    campaign.message.content.refresh_from_db()
    return campaign
