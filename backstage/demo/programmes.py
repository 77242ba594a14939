"""The demo's programmes with their objectives, a year of emails and what became of each person."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import batched

from backstage.demo.lift import enter_costs, order_after
from backstage.demo.people import Person
from backstage.demo.words import EMAILS
from campaigns.composing import compose, set_workspace_holdout
from campaigns.models import Campaign, Programme
from consent.models import Consent, Topic
from contacts.channels import Channel
from contacts.models import Audience, Contact
from delivery.engine.finishing import message_source
from delivery.models import Delivery, Message, Sender, TrackedLink
from engagement.models import Objective
from lib.bucketing import bucket
from segments.members.membership import refresh
from segments.models import Segment
from segments.picking import make_list, pick
from touchpoints.facts import Fact
from touchpoints.recording import record
from workspaces.models import User
from workspaces.tracking_mode import TrackingMode

BATCH = 5_000
MILLI = 2  # what an email cost, in thousandths
HOLDOUT_BEGAN = timedelta(days=100)  # before which offers held nobody out
HELD_OUT_OF_ALL = 10  # percent who get no offers at all
HELD_OUT = 20  # percent of those for whom the offers of the programme with a holdout are
BODY = """# The kettle stays on

Hello {{ contact.first_name | default: "there" }},

this month the kettle stays on a little longer. [See what is new](https://kettle.example/tea/oolong), or read
[how we picked them](https://kettle.example/journal/slow-water).

Warmly, Maren
"""
PROGRAMMES = [
    (
        "Leaves, the newsletter",
        "newsletter",
        "One tea, how to brew it, who grew it",
        "Tell us what you liked",
        Audience.CUSTOMER,
        "interaction",
        1.15,
    ),
    (
        "Second pot",
        "loyalty",
        "First choice of what is new",
        "A second order within 60 days",
        Audience.CUSTOMER,
        "purchases",
        1.2,
    ),
    (
        "Welcome",
        "welcome",
        "How to get the best out of the first tin",
        "A first question, or a first order",
        Audience.PROSPECT,
        "usage",
        1.25,
    ),
    ("Quiet cups", "win_back", "A reason to come back", "A visit", Audience.CUSTOMER, "purchases", 1.1),
    (
        "Tea writers",
        "service",
        "Early tins and honest answers",
        "Your own words about us",
        Audience.INFLUENCER,
        "perception",
        1.1,
    ),
]
SEGMENTS = [
    ("Everybody with the newsletter", "People who consented to the newsletter.", {"consent": {"channel": "email", "topic": "letter", "state": "given"}}),
    ("Loyal customers", "Customers who stand at loyal or above.", {"all": [{"role": {"in": ["customer"]}}, {"level": {"op": ">=", "value": 5}}]}),
    ("Bought, then quiet", "Customers who bought, but not in the last 60 days.", {"all": [{"did": {"kind": "purchase"}}, {"last": {"kind": "purchase", "ago": {"op": ">=", "days": 60}}}]}),
    ("Voices worth hearing", "Influencers, and people who shared us this quarter.", {"any": [{"role": {"in": ["influencer"]}}, {"did": {"kind": "share", "window": {"last_days": 90}}}]}),
    ("Looked, then bought", "Bought within two weeks of a look at a page.", {"sequence": {"steps": [{"kind": "page"}, {"kind": "purchase"}], "within_days": 14}}),
]  # fmt: skip


@dataclass(frozen=True)
class _Email:
    campaign: Campaign
    links: list[TrackedLink]
    at: datetime
    appeal: float


def make_campaigns(dice: random.Random, people: list[Person], now: datetime, team: list[User]) -> list[Programme]:
    """Programmes, segments, the emails of a year with their deliveries, and one draft. Returns the programmes."""
    sender = Sender.objects.create(
        kind="folder",
        name="Kettle & Co",
        settings={"from_name": "Kettle & Co", "from_email": "letter@kettle.example"},
        tested_at=now,
    )
    topics = {topic.key: topic for topic in Topic.objects.all()}
    set_workspace_holdout(HELD_OUT_OF_ALL)
    programmes = _programmes(now, topics)
    segments = _segments(team[0])
    emails = [
        _email(dice, number, subject, topics[key], programmes[which], segments[0], sender, now, team[0])
        for number, (subject, key, which) in enumerate(EMAILS)
    ]
    allowed = _who_agreed(people)
    for email in emails:
        _send(dice, email, people, allowed[email.campaign.message.topic_id], now)
    draft = compose(
        created_by_id=team[0].pk,
        name="Advent, second list",
        programme=programmes[1],
        segment=segments[2],
        topic=topics["offers"],
        sender=sender,
        purpose=Message.Purpose.MARKETING,
        subject='The last tins, {{ contact.first_name | default: "dear friend" }}',
        body=BODY,
    )
    Campaign.objects.filter(pk=draft.pk).update(created_at=now - timedelta(days=1))
    enter_costs(programmes[1], now, team[0])
    return programmes


def _programmes(now: datetime, topics: dict[str, Topic]) -> list[Programme]:
    made = []
    for name, preset, gives, asks, audience, metric, _more in PROGRAMMES:
        is_tried = preset == "loyalty"
        objective = Objective.objects.create(metric=metric, check_on=(now + timedelta(days=24)).date())
        made.append(
            Programme.objects.create(
                name=name,
                preset=preset,
                purpose=gives,
                gives=gives,
                asks=asks,
                audience=int(audience),
                objective=objective,
                topic=topics["offers" if preset in {"loyalty", "win_back"} else "letter"],
                holdout_percent=HELD_OUT if is_tried else 0,
                budget_minor=500_000 if is_tried else None,
            )
        )
    return made


def _segments(owner: User) -> list[Segment]:
    made = [Segment.objects.create(name=name, description=words, rule=rule) for name, words, rule in SEGMENTS]
    silent = {"did": {"kind": "opened", "window": {"last_days": 30}, "count": {"op": "=", "n": 0}}}
    rule = {"all": [{"segment": {"id": made[1].pk, "in": True}}, silent]}
    made.append(Segment.objects.create(name="Loyal, but silent", description="Loyal, and opened nothing.", rule=rule))
    for segment in made:
        refresh(segment)
    guests = Contact.objects.filter(roles__role=Audience.INFLUENCER).order_by("pk").values_list("pk", flat=True)[:8]
    pick(make_list("Tasting evening, guests", owner_id=owner.pk), list(guests), by_id=owner.pk)
    return made


def _email(
    dice: random.Random,
    number: int,
    subject: str,
    topic: Topic,
    programme: Programme,
    segment: Segment,
    sender: Sender,
    now: datetime,
    author: User,
) -> _Email:
    at = (now - timedelta(days=330 - number * 31.5)).replace(hour=8, minute=0, second=0, microsecond=0)
    is_offer = topic.key != "letter"
    campaign = compose(
        created_by_id=author.pk,
        name=subject,
        programme=programme,
        segment=segment,
        topic=topic,
        sender=sender,
        purpose=Message.Purpose.MARKETING if is_offer else Message.Purpose.SUBSCRIBED,
        subject=subject,
        body=BODY,
        holdout_percent=10 if is_offer and not programme.holdout_percent else 0,
    )
    Campaign.objects.filter(pk=campaign.pk).update(created_at=at - timedelta(days=2))
    message = campaign.message
    message.state, message.scheduled_at, message.planned_at = Message.State.SENT, at, at
    message.finished_at, message.price_milli = at + timedelta(minutes=4), MILLI
    if at < now - HOLDOUT_BEGAN:
        message.holdouts = []
    message.save(update_fields=["state", "scheduled_at", "planned_at", "finished_at", "price_milli", "holdouts"])
    links = [
        TrackedLink(message=message, number=1, url="https://kettle.example/tea/oolong", label="See what is new"),
        TrackedLink(message=message, number=2, url="https://kettle.example/journal/slow-water", label="how we picked them"),
    ]  # fmt: skip
    TrackedLink.objects.bulk_create(links)
    return _Email(campaign, links, at, dice.uniform(0.75, 1.2))


def _who_agreed(people: list[Person]) -> dict[int | None, dict[int, bool]]:
    """Topic → contact → whether the last word was yes."""
    said: dict[int | None, dict[int, bool]] = {}
    for row in Consent.objects.order_by("at").values_list("topic_id", "contact_id", "state"):
        said.setdefault(row[0], {})[row[1]] = row[2] == Consent.State.GIVEN
    return said


def _send(dice: random.Random, email: _Email, people: list[Person], agreed: dict[int, bool], now: datetime) -> None:
    campaign = email.campaign
    deliveries: list[Delivery] = []
    facts: list[Fact] = []
    audience = campaign.programme.audience if campaign.programme else Audience.CUSTOMER
    wide = audience == Audience.CUSTOMER
    known = [one for one in people if one.joined_at < email.at and (wide or audience in one.roles)]
    for one in known:
        delivery = Delivery(
            message=campaign.message, contact=one.contact, address=one.contact.email, queued_at=email.at
        )
        reason = _reason(dice, one, campaign, agreed)
        if reason:
            delivery.state, delivery.reason = Delivery.State.EXCLUDED, reason
        else:
            delivery.state, delivery.attempts = Delivery.State.SENT, 1
            delivery.sent_at = email.at + timedelta(seconds=dice.randint(1, 230))
            facts += _what_followed(dice, email, one, delivery, now)
        deliveries.append(delivery)
    Delivery.objects.bulk_create(deliveries, batch_size=2000)
    message = campaign.message
    if campaign.programme and campaign.programme.holdout_percent and message.purpose == Message.Purpose.MARKETING:
        order_after(message, deliveries, now)
    message.planned_count = len(known)
    message.held_count = sum(1 for one in deliveries if one.reason == "holdout")
    message.save(update_fields=["planned_count", "held_count"])
    source = message_source(message)
    for batch in batched(facts, BATCH):
        record(batch, source=source)


def _reason(dice: random.Random, one: Person, campaign: Campaign, agreed: dict[int, bool]) -> str:
    holdouts = campaign.message.holdouts
    if holdouts and any(bucket(one.contact.pk, salt) < size for salt, size in holdouts):
        return "holdout"
    if not agreed.get(one.contact.pk):
        return "no_consent"
    if dice.random() < 0.012:
        return "bounce"
    return "paused" if dice.random() < 0.01 else ""


def _what_followed(
    dice: random.Random, email: _Email, one: Person, delivery: Delivery, now: datetime
) -> Iterator[Fact]:
    """Sent, perhaps read, perhaps clicked, now and then stopped; machines open too."""
    at, who, key = delivery.sent_at or email.at, one.contact.pk, f"{email.campaign.pk}-{one.contact.pk}"
    subject = {"subject": email.campaign.name}

    def fact(kind: str, moment: datetime, **more: object) -> Fact:
        return Fact(
            kind, f"{kind}-{key}", moment, contact_id=who, message_id=email.campaign.message_id, channel=int(Channel.EMAIL),
            **({"payload": subject} | more),  # type: ignore[arg-type]
        )  # fmt: skip

    yield fact("sent", at)
    is_measured = one.tracking == TrackingMode.FULL
    if dice.random() < 0.3:
        if is_measured:
            delivery.machine_opened_at = at + timedelta(seconds=1)
            yield fact("opened", delivery.machine_opened_at, certainty=2)
        return
    lively = not one.quiet_since or one.quiet_since > at
    if not (is_measured and one.reads and lively and dice.random() < 0.62 * email.appeal):
        return
    delivery.opened_at = at + timedelta(minutes=dice.expovariate(1 / 240) + 1)
    if delivery.opened_at > now:
        delivery.opened_at = None
        return
    yield fact("opened", delivery.opened_at)
    if dice.random() < 0.24 * email.appeal:
        delivery.clicked_at = delivery.opened_at + timedelta(seconds=dice.randint(5, 90))
        yield fact("clicked", delivery.clicked_at, payload=subject | {"link": dice.choices([1, 2], [70, 30])[0]})
    elif dice.random() < 0.006:
        delivery.unsubscribed_at = delivery.opened_at + timedelta(seconds=30)
        yield fact("unsubscribed", delivery.unsubscribed_at)
