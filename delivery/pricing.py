"""What messages cost: so much a unit (a message, a segment of a text, a page of a letter), and so much postage each.

Prices are thousandths of the workspace's currency, and stand on the sender. A campaign keeps those of the day it was
planned, so that a new contract changes no bill of old.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, Sum
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from delivery.content.addressing import addresses_for
from delivery.content.compiling import Address, Written, compile_message
from delivery.content.segments import Segments, count_segments
from delivery.models import Delivery, Message, Sender
from delivery.senders import messenger_of
from lib.money import written_money
from lib.rooms import house
from workspaces.current import OpenWorkspace

UNITS: Mapping[str, str | Promise] = {
    "message": _("Price of a message"),
    "segment": _("Price of a segment"),
    "page": _("Price of a page"),
    "person": _("Price of a person on the list"),
}
SOMEBODY = 10**7  # as long as real numbers are, where there are none yet


@dataclass(frozen=True, slots=True)
class Price:
    """Thousandths of the workspace's currency: for a unit, and for each message beside its units."""

    unit_milli: int = 0
    postage_milli: int = 0

    def __bool__(self) -> bool:
        return bool(self.unit_milli or self.postage_milli)

    def of(self, units: int, messages: int) -> Decimal:
        """What so many units in so many messages cost."""
        return Decimal(self.unit_milli * units + self.postage_milli * messages) / 1000


@dataclass(frozen=True, slots=True)
class Cost:
    """An amount in the workspace's currency, and for how many messages."""

    amount: Decimal
    currency: str
    messages: int

    def __str__(self) -> str:
        return written_money(self.amount, self.currency)


def price_of(message: Message) -> Price:
    """What it was planned with, else what its sender costs today."""
    if message.price_milli is not None:
        return Price(message.price_milli, message.postage_milli or 0)
    return price_of_sender(message.sender)


def price_of_sender(sender: Sender | None) -> Price:
    """What a sender costs today; nothing where nobody entered it."""
    return Price(sender.price_milli, sender.postage_milli) if sender else Price()


def unit_of(kind: str) -> str:
    """What a messenger's price is for: a key of UNITS."""
    found: dict[str, Any] = dict(house.messengers)
    return str(getattr(found.get(kind), "unit", "message"))


def count_units(message: Message, text: str, address: Address, workspace: OpenWorkspace) -> int:
    """The units of one person's message, by its text; `address` gives it what its messenger adds."""
    count: Any = getattr(messenger_of(message.sender), "count_units", None) if message.sender else None
    return int(count(_whole(message, text, address, workspace))) if count else 1


def expected_cost(message: Message, *, people: int, units: int, currency: str) -> Cost | None:
    """About what it costs when each of these people gets so many units; None where nobody entered a price."""
    price = price_of(message)
    return Cost(price.of(units * people, people), currency, people) if price else None


def cost_of_units(message: Message, *, units: int, messages: int, currency: str) -> Cost | None:
    """What was handed over cost; None where nobody entered a price."""
    price = price_of(message)
    return Cost(price.of(units, messages), currency, messages) if price else None


def cost_so_far(message: Message, currency: str) -> Cost | None:
    """What was really handed over has cost so far. One statement."""
    sent = Delivery.objects.filter(message=message, state=Delivery.State.SENT)
    found = sent.aggregate(units=Sum("units"), messages=Count("pk"))
    return cost_of_units(message, units=found["units"] or 0, messages=found["messages"], currency=currency)


def milli_of(price: Decimal | None) -> int:
    """A price in thousandths, as a sender keeps it."""
    return int((price or 0) * 1000)


@dataclass(frozen=True, slots=True)
class TextWeight:
    """`price` is for one person, in the workspace's currency; None where the sender names none."""

    segments: Segments
    price: Decimal | None


def weigh_text(message: Message, written: Written, workspace: OpenWorkspace) -> TextWeight:
    """What this sample weighs with the addresses that links get when it leaves. BadTemplateError. `try_out` came before."""
    text, address = (
        written.text.replace("\r\n", "\n").strip(),
        addresses_for(workspace, message.pk or SOMEBODY, SOMEBODY),
    )
    for number, target, _label in compile_message(message, workspace).links.rows:
        text = text.replace(target, address(str(number)))
    segments = count_segments(_whole(message, text, address, workspace))
    price = price_of_sender(message.sender)
    return TextWeight(segments, price.of(segments.count, 1) if price else None)


def _whole(message: Message, text: str, address: Address, workspace: OpenWorkspace) -> str:
    """A text with what its messenger puts below it."""
    foot: Any = getattr(messenger_of(message.sender), "foot", None) if message.sender else None
    return text.strip() + (foot(workspace, message, address) if foot else "")
