"""Who told WhatsApp that they want no offers from us: a no to the channel, whichever way we hear of it."""

from collections.abc import Collection, Mapping
from datetime import datetime

from django.db.models import Q

from consent.consenting import withdraw_all
from consent.models import Consent
from contacts.channels import Channel
from contacts.merging import relatives_of, survivors_of
from contacts.models import Identity
from touchpoints.models import Touchpoint

SOURCE = "WhatsApp: no offers"


def stop_offers(contact_ids: Collection[int]) -> None:
    """These said no. May be repeated."""
    if contact_ids:
        withdraw_all(contact_ids, topic=None, channel=Channel.WHATSAPP, source=SOURCE)


def hear_stops(told: Mapping[str, datetime]) -> None:
    """Normalised number → when WhatsApp refused because of it. One that came late ends no yes that they said since.

    A constant number of statements. May be repeated: a no that stands is enough.
    """
    held = Identity.objects.filter(kind=Identity.Kind.PHONE, value__in=told, contact__erased_at=None)
    since = {contact: told[number] for contact, number in held.values_list("contact", "value")}
    if since:
        said = _last_yes(since, after=min(since.values()))
        stop_offers([one for one, moment in since.items() if one not in said or said[one] <= moment])


def _last_yes(contact_ids: Collection[int], *, after: datetime) -> dict[int, datetime]:
    """When each said yes to something on WhatsApp last; what others said of them is no word of theirs.

    A word counts from when it was said: it may have reached us later.
    """
    words = Consent.objects.filter(contact__in=relatives_of(contact_ids), channel=Channel.WHATSAPP, at__gt=after)
    first_hand = words.filter(Q(touchpoint_id__isnull=False) | ~Q(page=""), state=Consent.State.GIVEN)
    rows = list(first_hand.values_list("contact", "at", "touchpoint_id"))
    facts = Touchpoint.objects.filter(pk__in=[fact for _contact, _at, fact in rows if fact])
    moments: dict[object, datetime] = dict(facts.values_list("pk", "occurred_at"))
    person = survivors_of({*contact_ids, *(contact for contact, _at, _fact in rows)})
    found: dict[int, datetime] = {}
    for contact, at, fact in rows:
        found[person[contact]] = max(moments.get(fact, at), found.get(person[contact], after))
    return {one: found[person[one]] for one in contact_ids if person[one] in found}
