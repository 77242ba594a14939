"""A welcome that goes out by itself, six weeks old, to whoever signs up."""

from datetime import datetime, timedelta

from campaigns.composing import compose
from campaigns.models import Programme, StandingCampaign, StandingEntry
from campaigns.standing.starting import make_standing, start
from consent.models import Topic
from contacts.models import Contact
from delivery.engine.controlling import approve
from delivery.models import Delivery, Message, Sender
from touchpoints.kinds import KINDS
from workspaces.models import User

BODY = """# Hello {{ contact.given_name | default: "there" }}

Good to have you. Each month a letter comes: **three tins** that we would drink ourselves, and how to brew them.

Begin with [water at 80 degrees](https://kettle.example/journal/slow-water); it is half of the tea.

Ada, Kettle & Co
"""
WEEKS, READERS = 6, 38


def make_welcome(now: datetime, programme: Programme, author: User) -> None:
    """It runs since six weeks; some got it, and the newest sign-up starts it from now on."""
    campaign = compose(
        created_by_id=author.pk,
        name="Welcome",
        programme=programme,
        topic=Topic.objects.get(key="letter"),
        sender=Sender.objects.filter(kind="folder").first(),
        purpose=Message.Purpose.SUBSCRIBED,
        subject='Welcome, {{ contact.given_name | default: "dear friend" }}',
        body=BODY,
    )
    standing = make_standing(
        campaign, by=author, trigger=StandingCampaign.Trigger.HAPPENS, kind=KINDS["signed_up"].code, delay_minutes=5
    )
    approve(campaign.message, by=author)
    message = start(campaign, by=author)
    began = now - timedelta(weeks=WEEKS)
    StandingCampaign.objects.filter(pk=standing.pk).update(started_at=began)
    readers = list(Contact.objects.exclude(email="").filter(erased_at=None).order_by("-created_at", "-pk")[:READERS])
    StandingEntry.objects.bulk_create(
        StandingEntry(standing=standing, contact=one, due_at=at, made_at=at, done_at=at, fate=StandingEntry.Fate.GIVEN)
        for one, at in _moments(readers, now)
    )
    Delivery.objects.bulk_create(
        Delivery(
            message=message, contact=one, address=one.email, state=Delivery.State.SENT, attempts=1, queued_at=at,
            sent_at=at + timedelta(seconds=2), opened_at=at + timedelta(hours=2) if place % 2 else None,
            clicked_at=at + timedelta(hours=2, minutes=3) if place % 5 == 1 else None,
        )
        for place, (one, at) in enumerate(_moments(readers, now))
    )  # fmt: skip
    Message.objects.filter(pk=message.pk).update(planned_at=began, planned_count=len(readers))


def _moments(readers: list[Contact], now: datetime) -> list[tuple[Contact, datetime]]:
    """One a day and some hours, the newest last."""
    return [(one, now - timedelta(hours=5 + 26 * place)) for place, one in enumerate(readers)]
