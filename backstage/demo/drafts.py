"""The demo's campaigns that are not sent yet: one that lacks things, one in review, one scheduled, one that follows up."""

from datetime import datetime, timedelta

from campaigns.checking.findings import Check
from campaigns.composing import compose
from campaigns.copying import follow_up
from campaigns.models import Campaign, Programme
from campaigns.reviewing import approve_campaign, ask_review
from consent.models import Topic
from delivery.engine import controlling
from delivery.models import Message, Sender
from segments.models import Segment
from workspaces.models import User

BODY = """# Twenty-four evenings, twenty-four teas

Hello {{ contact.first_name | default: "there" }},

one tea an evening, chosen by you. [See the boxes](https://kettle.example/advent).

Warmly, Maren
"""


def make_drafts(programmes: list[Programme], midnight: datetime, team: list[User]) -> None:
    """Everything before a sending that a page can show, around the coming week."""
    owner, writer = team[0], team[-1]
    newsletter, second_pot = programmes[0], programmes[1]
    compose(
        created_by_id=owner.pk, name="Gift cards", programme=second_pot, topic=second_pot.topic,
        purpose=Message.Purpose.MARKETING, intended_at=midnight + timedelta(days=17, hours=9),
    )  # fmt: skip
    review = _written("Tasting, invitation", newsletter, midnight + timedelta(days=5, hours=10), writer)
    ask_review(review, by=writer, note="Is the date in the second line right?")
    scheduled = _written("Leaves, next month", newsletter, midnight + timedelta(days=7, hours=17), owner)
    approve_campaign(scheduled, Check(), by=owner)
    controlling.schedule(scheduled.message, midnight + timedelta(days=7, hours=17), by=owner)
    last = Campaign.objects.exclude(message__planned_at=None).order_by("-message__planned_at").first()
    if last:
        made = follow_up(last, did="clicked", by=owner)
        compose(made, intended_at=midnight + timedelta(days=5, hours=17))


def _written(name: str, programme: Programme, at: datetime, by: User) -> Campaign:
    topic = Topic.objects.get(key="letter")
    return compose(
        created_by_id=by.pk, name=name, programme=programme, topic=topic, segment=Segment.objects.order_by("pk").first(),
        sender=Sender.objects.filter(kind="folder").order_by("pk").first(), purpose=Message.Purpose.SUBSCRIBED,
        subject='{{ contact.first_name | default: "Friend" }}, twenty-four evenings of tea',
        preheader="One tea an evening, chosen by you.", body=BODY, intended_at=at,
    )  # fmt: skip
