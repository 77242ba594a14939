"""Stopping: a person says no to the letters, by one click or by their mailbox's button."""

from django.db import transaction

from campaigns.models import Campaign, Delivery
from contacts.consenting import addresses_of, suppress, withdraw_consent
from contacts.models import Channel, Contact, Suppression
from ecrm.lib.clock import now
from touchpoints.facts import Fact
from touchpoints.models import Source
from touchpoints.recording import record
from touchpoints.sources import source_for


@transaction.atomic
def stop_letters(
    contact: Contact, campaign: Campaign, *, everything: bool = False, ip: str | None = None, agent: str = ""
) -> None:
    """No more letters on the campaign's topic (or of any kind), from this moment, planned ones included.

    May be repeated: the second time nothing changes.
    """
    moment = now()
    recorded = record(
        [_fact("unsubscribed", contact, campaign, {"everything": everything})], source=campaign_source(campaign)
    )
    topic = None if everything else campaign.topic
    withdraw_consent(
        contact, topic=topic, source=f"campaign {campaign.pk}", touchpoint_id=recorded.ids[0], ip=ip, agent=agent
    )
    Delivery.objects.filter(campaign=campaign, contact=contact, unsubscribed_at=None).update(unsubscribed_at=moment)


@transaction.atomic
def note_complaint(contact: Contact, campaign: Campaign) -> None:
    """They marked the letter as spam: never write again, and every yes is taken back. May be repeated."""
    for address in addresses_of(contact, Channel.EMAIL):
        suppress(address, reason=Suppression.Reason.COMPLAINT, source=f"campaign {campaign.pk}")
    recorded = record([_fact("complained", contact, campaign, {})], source=campaign_source(campaign))
    withdraw_consent(contact, topic=None, source=f"campaign {campaign.pk}", touchpoint_id=recorded.ids[0])
    Delivery.objects.filter(campaign=campaign, contact=contact, complained_at=None).update(complained_at=now())


def campaign_source(campaign: Campaign) -> Source:
    """The source of every fact of a campaign."""
    return source_for(f"campaign-{campaign.pk}", campaign.name)


def _fact(kind: str, contact: Contact, campaign: Campaign, payload: dict[str, object]) -> Fact:
    return Fact(
        kind=kind,
        external_id=f"{kind}:{contact.pk}",
        contact_id=contact.pk,
        campaign_id=campaign.pk,
        payload=payload,
    )
