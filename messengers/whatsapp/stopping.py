"""Who told WhatsApp that they want no offers from us: a no to the channel, whichever way we hear of it."""

from collections.abc import Collection, Mapping
from datetime import datetime

from django.db.models import Q

from consent.consenting import withdraw_all
from consent.models import Consent
from contacts.channels import Channel
from contacts.merging import relatives_of
from contacts.models import Identity
from touchpoints.models import Touchpoint

SOURCE = "WhatsApp: no offers"


def stop_offers(contact_ids: Collection[int]) -> None:
    """These said no. May be repeated."""
    if contact_ids:
        withdraw_all(contact_ids, topic=None, channel=Channel.WHATSAPP, source=SOURCE)


def hear_stops(told: Mapping[str, datetime]) -> None:
    """Normalised number → when WhatsApp refused because of it. One that came late ends no yes that they said since.

    May be repeated: a no that stands is enough.
    """
    held = Identity.objects.filter(kind=Identity.Kind.PHONE, value__in=told, contact__erased_at=None)
    stop_offers(
        [contact for contact, number in held.values_list("contact", "value") if not _said_yes(contact, told[number])]
    )


def _said_yes(contact_id: int, since: datetime) -> bool:
    """Whether they said yes to something on WhatsApp later than that; what others said of them is no word of theirs.

    A word counts from when it was said: it may have reached us later.
    """
    words = Consent.objects.filter(contact__in=relatives_of([contact_id]), channel=Channel.WHATSAPP, at__gt=since)
    first_hand = words.filter(Q(touchpoint_id__isnull=False) | ~Q(page=""), state=Consent.State.GIVEN)
    said = list(first_hand.values_list("at", "touchpoint_id"))
    facts = Touchpoint.objects.filter(pk__in=[fact for _at, fact in said if fact])
    moments: dict[object, datetime] = dict(facts.values_list("pk", "occurred_at")) if said else {}
    return any(moments.get(fact, at) > since for at, fact in said)
