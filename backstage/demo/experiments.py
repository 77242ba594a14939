"""A test of two subjects, decided three months ago, with numbers that agree."""

import random
from datetime import datetime, timedelta

from campaigns.composing import compose
from campaigns.experiments.judging import FEWEST_PEOPLE
from campaigns.experiments.measuring import finding_of
from campaigns.experiments.setting_up import change_version, make_experiment, versions_of
from campaigns.models import Campaign, Experiment, Programme
from consent.models import Topic
from contacts.models import Contact
from delivery.models import Delivery, Message, Sender
from segments.models import Segment
from workspaces.models import User

SUBJECTS = ("The harvest is in", "Three tins from the first harvest")
CLICKED, CLICKED_LATER = (0.04, 0.14), 0.13
BODY = """# The first harvest

It came on Tuesday. [See the three tins](https://kettle.example/tea/harvest).

Ada, Kettle & Co
"""


def make_test(dice: random.Random, now: datetime, programme: Programme, author: User) -> None:
    """Most people were in the test; B did better, and went to the rest."""
    people = list(Contact.objects.exclude(email="").filter(erased_at=None).order_by("pk"))
    each = len(people) * 2 // 5
    if each < FEWEST_PEOPLE:
        return
    dice.shuffle(people)
    campaign = compose(
        created_by_id=author.pk,
        name="First harvest",
        programme=programme,
        segment=Segment.objects.order_by("pk").first(),
        topic=Topic.objects.get(key="letter"),
        sender=Sender.objects.filter(kind="folder").first(),
        purpose=Message.Purpose.SUBSCRIBED,
        subject=SUBJECTS[0],
        body=BODY,
    )
    experiment = make_experiment(campaign, by=author, test_percent=80)
    change_version(campaign, 1, by=author, subject=SUBJECTS[1], preheader="")
    at = (now - timedelta(days=92)).replace(hour=9)
    first, second = campaign, versions_of(campaign)[0]
    _sent(dice, first, people[:each], at, CLICKED[0])
    _sent(dice, second, people[each : 2 * each], at, CLICKED[1])
    experiment.state, experiment.started_at = Experiment.State.RUNNING, at
    finding = finding_of(experiment)
    experiment.result = finding.kept()
    winner = finding.judgement.winner
    experiment.winner = winner if winner is not None else 1
    experiment.decided_how = Experiment.How.PERSON if winner is None else Experiment.How.PROVEN
    experiment.state, experiment.decided_at = Experiment.State.DECIDED, at + timedelta(hours=6)
    experiment.rest_people = len(people) - 2 * each
    experiment.save()
    _sent(dice, (first, second)[experiment.winner], people[2 * each :], at + timedelta(hours=6), CLICKED_LATER)
    Campaign.objects.filter(pk__in=[first.pk, second.pk]).update(created_at=at - timedelta(days=2))


def _sent(dice: random.Random, campaign: Campaign, people: list[Contact], at: datetime, clicked: float) -> None:
    """Its message went to these people; such a share of them clicked within a day."""
    Delivery.objects.bulk_create(_delivery(dice, campaign, one, at, clicked) for one in people)
    message = Message.objects.get(pk=campaign.message_id)
    message.planned_count += len(people)
    message.state, message.scheduled_at = Message.State.SENT, message.scheduled_at or at
    message.planned_at, message.finished_at = message.planned_at or at, at + timedelta(minutes=3)
    message.save()


def _delivery(dice: random.Random, campaign: Campaign, one: Contact, at: datetime, clicked: float) -> Delivery:
    did, later = dice.random() < clicked, at + timedelta(minutes=dice.randint(4, 300))
    opened = did or dice.random() < 0.3
    return Delivery(
        message_id=campaign.message_id, contact=one, address=one.email, state=Delivery.State.SENT, attempts=1,
        queued_at=at, sent_at=at + timedelta(seconds=dice.randint(1, 160)), opened_at=later if opened else None,
        clicked_at=later + timedelta(minutes=1) if did else None,
    )  # fmt: skip
