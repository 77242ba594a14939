"""What the offers of the programme with a holdout brought, and what it cost: orders that would not have come."""

import random
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import batched

from backstage.demo.words import PRODUCTS
from campaigns.charters.costing import add_cost
from campaigns.models import Programme
from contacts.channels import Channel
from delivery.models import Delivery, Message
from touchpoints.facts import Fact
from touchpoints.recording import record
from touchpoints.sources import source_for
from workspaces.models import User

BUYS = 0.2  # of those whom an offer reached, who would not have bought without it
BATCH = 5_000
COSTS = ((64, "Sixty hours of ours", 2_280), (60, "Samples posted", 1_238), (14, "Photos for Advent", 980))


def order_after(message: Message, deliveries: Sequence[Delivery], now: datetime) -> None:
    """Some of those whom the offer reached order something within two weeks."""
    dice = random.Random(f"lift-{message.name}")
    for batch in batched(_orders(dice, message, deliveries, now), BATCH):
        record(batch, source=source_for("shop", "Shop"))


def _orders(dice: random.Random, message: Message, deliveries: Sequence[Delivery], now: datetime) -> Iterator[Fact]:
    for one in deliveries:
        chance, days, (name, price) = dice.random(), dice.uniform(0.2, 14), dice.choice(PRODUCTS)
        at = one.sent_at + timedelta(days=days) if one.sent_at else now
        if chance < BUYS and at < now:
            yield Fact(
                "purchase", f"lift-{message.pk}-{one.contact_id}", at, contact_id=one.contact_id,
                value_minor=price, currency="EUR", channel=int(Channel.WEB), payload={"name": name, "quantity": 1},
            )  # fmt: skip


def enter_costs(programme: Programme, now: datetime, author: User) -> None:
    """What somebody entered beside the messages."""
    for days, name, amount in COSTS:
        add_cost(programme, name=name, amount=Decimal(amount), day=(now - timedelta(days=days)).date(), by=author)
