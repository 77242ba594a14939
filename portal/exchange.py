"""What people get and what we ask of them, of the programmes that wrote to them."""

from collections.abc import Collection
from datetime import timedelta

from campaigns.models import Campaign, Programme
from contacts.merging import everyone_in
from contacts.models import Contact
from delivery.models import Delivery
from lib.clock import now

DAYS = 365


def exchanges_of(contact: Contact) -> list[Programme]:
    """The running programmes that reached them, or whom a merge made them, in the last year and say what the exchange is."""
    return programmes_reaching(everyone_in(contact.pk))


def programmes_reaching(contact_ids: Collection[int]) -> list[Programme]:
    """The running ones that sent any of these people something in the last year, by name. One statement."""
    got = Delivery.objects.filter(
        contact__in=list(contact_ids), state=Delivery.State.SENT, queued_at__gte=now() - timedelta(days=DAYS)
    )
    campaigns = Campaign.objects.filter(message__in=got.values("message"), programme__isnull=False)
    found = Programme.objects.filter(pk__in=campaigns.values("programme"), is_active=True)
    return list(found.exclude(gives="", asks=""))
