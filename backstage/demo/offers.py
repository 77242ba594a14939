"""The demo's offers: codes that an email of spring carried, some of them redeemed; one code for everybody; a pool that runs low."""

import random
from datetime import datetime, timedelta

from campaigns.models import Campaign
from delivery.models import Content, Delivery, Message
from emails.models import OfferCode, OfferPool
from emails.offers.adding import add_codes
from emails.offers.generating import ALPHABET
from emails.offers.giving import give_codes
from emails.offers.keeping import make_pool
from emails.offers.redeeming import Use, redeem_all
from workspaces.models import User

READERS, EMAIL = 240, "The spring tins are here"
LINE = "\n\nYour code for a tin: **{{ offer.spring }}**. It is yours alone.\n"


def make_offers(dice: random.Random, midnight: datetime, owner: User) -> None:
    """One brand has offers, the other has none."""
    spring = _pool(
        "Spring tins", "spring", "A small tin with any order", owner, expires_at=midnight + timedelta(days=45)
    )
    add_codes(spring, _codes(dice, "SPRING-", 400), by=owner)
    tasting = _pool("Tasting evening", "tasting", "Two for one", owner)
    add_codes(tasting, _codes(dice, "EVENING-", 24), by=owner)
    shared = {"kind": OfferPool.Kind.SHARED, "shared_code": "TEATIME"}
    _pool("Free delivery", "delivery", "No postage from € 30", owner, **shared)
    campaign = Campaign.objects.filter(message__name=EMAIL).select_related("message").first()
    if campaign is not None:
        _give_and_redeem(dice, spring, campaign.message, midnight)


def _pool(name: str, key: str, worth: str, owner: User, **more: object) -> OfferPool:
    return make_pool({"name": name, "key": key, "worth": worth} | more, by=owner)


def _codes(dice: random.Random, prefix: str, count: int) -> list[str]:
    return [prefix + "".join(dice.choices(ALPHABET, k=8)) for _ in range(count)]


def _give_and_redeem(dice: random.Random, pool: OfferPool, message: Message, midnight: datetime) -> None:
    content = Content.objects.get(pk=message.content_id)
    Content.objects.filter(pk=content.pk).update(body=content.body + LINE)
    Message.objects.filter(pk=message.pk).update(offers=[pool.key])
    sent = Delivery.objects.filter(message=message).exclude(sent_at=None).order_by("contact_id")
    moments = {who: at for who, at in sent.values_list("contact_id", "sent_at")[:READERS] if at is not None}
    given = give_codes([pool.key], list(moments), message_id=message.pk)
    rows = list(OfferCode.objects.filter(pool=pool, message_id=message.pk))
    for row in rows:
        row.given_at = moments[row.contact_id or 0]
    OfferCode.objects.bulk_update(rows, ["given_at"])
    uses = []
    for place, (who, codes) in enumerate(sorted(given.codes.items())):
        at = moments[who] + timedelta(days=dice.uniform(0.2, 20))
        if dice.random() < 0.22 and at < midnight:
            uses.append(Use(codes[pool.key], at, dice.randrange(1800, 7200, 50), order=f"S-{1000 + place}"))
    redeem_all(uses)
