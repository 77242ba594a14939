"""How emails are written in the API: what is asked for, what is answered."""

from datetime import datetime
from enum import Enum, StrEnum
from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import Field

from delivery.models import Delivery
from delivery.pricing import Cost
from workspaces.api.pages import Id, Paged, Taken

MOST_FILES, LONGEST_FILE = 10, 1_900_000  # letters of base64: a request has 2 MB
StateName = StrEnum("DeliveryState", {one.name: one.name.lower() for one in Delivery.State})  # type: ignore[misc]


class To(Taken):
    """Who gets it: exactly one of these. An unknown email address becomes a contact."""

    contact_id: Id | None = None
    external_id: str | None = Field(None, min_length=1, max_length=300, description="Your own number for them.")
    email: str | None = Field(None, min_length=1, max_length=320)


class NewAttachment(Taken):
    """A file that goes along."""

    name: str = Field(min_length=1, max_length=200)
    content: str = Field(min_length=1, max_length=LONGEST_FILE, description="Base64.")


class NewMessage(Taken):
    """An email to one person because of something that happened: by a template's name, or with words of its own."""

    to: To
    template: str | None = Field(None, min_length=1, max_length=80, description="The name of an approved template.")
    subject: str | None = Field(None, min_length=1, max_length=200)
    text: str | None = Field(None, min_length=1, max_length=100_000, description="Plain text, as it is.")
    html: str | None = Field(None, min_length=1, max_length=300_000, description="HTML, in Liquid.")
    markdown: str | None = Field(None, min_length=1, max_length=300_000, description="Markdown, in Liquid.")
    data: dict[Annotated[str, Field(min_length=1, max_length=60)], Any] = Field(
        {}, description="Values that the email reads as data.order, data.lines: 64 kB at most."
    )
    attachments: list[NewAttachment] = Field([], max_length=MOST_FILES)
    sender: Id | None = Field(None, description="Left out: the template's, else the one that sent last.")
    purpose: Literal["transactional"] = "transactional"


class Moments(Schema):
    """What became of an email, and when."""

    sent_at: datetime | None
    delivered_at: datetime | None = Field(description="Where the provider tells.")
    opened_at: datetime | None
    clicked_at: datetime | None
    bounced_at: datetime | None
    complained_at: datetime | None


class Money(Schema):
    """An amount: a decimal as text, and its currency."""

    amount: str
    currency: str


class PriceShape(Money):
    """What a sender costs. `amount` is for one `unit`, `postage` for each message beside."""

    unit: Literal["message", "segment", "page", "person"]
    postage: str


class MessageShape(Moments):
    """One email that a machine asked for, and how it stands."""

    id: int
    state: StateName
    reason: str = Field(description="Why it waits or was not sent, as a code; empty otherwise.")
    contact_id: int
    message_id: int = Field(description="What the events and deliveries call it.")
    template: str | None
    version: int | None
    created_at: datetime
    cost: Money | None = Field(description="What it cost; null before it was handed over, and where no price is known.")


class MessagesAsked(Paged):
    """Which emails."""

    contact_id: Id | None = None
    state: StateName | None = None


class DeliveryShape(Moments):
    """What became of one person and one message."""

    id: int
    message_id: int
    contact_id: int
    state: StateName
    reason: str
    code: str = Field(description="The code of the mail server's answer.")
    attempts: int
    unsubscribed_at: datetime | None
    soft_bounced_at: datetime | None


class DeliveriesAsked(Paged):
    """Which deliveries: of a message, of a contact, or of both."""

    message_id: Id | None = None
    contact_id: Id | None = None
    state: StateName | None = None


class Outcome(Schema):
    """What somebody found out of an email whose outcome is unknown."""

    fate: Literal["sent", "resend", "leave"] = Field(
        description="`sent`: it arrived. `resend`: it goes out again under its old Message-ID. `leave`: it stays unknown."
    )


class CountsShape(Schema):
    """How many people a message reached, and what they did."""

    message_id: int
    states: dict[str, int] = Field(description="State → people.")
    delivered: int
    opened: int
    clicked: int
    bounced: int
    complained: int
    unsubscribed: int
    cost: Money | None = Field(description="What was handed over cost so far; null where the sender has no price.")


class WarmUpShape(Schema):
    """How many a sender may send a day while receivers learn to know it."""

    state: Literal["running", "paused"]
    most_today: int
    sent_today: int
    step: int = Field(description="Counted from 1.")
    steps: list[int] = Field(description="The most a day at each step.")
    days_a_step: int = Field(description="Good days before the next step.")
    started_at: datetime


class SenderShape(Schema):
    """Who emails come from, and whether it works. Its secrets are shown to nobody."""

    id: int
    name: str
    kind: str
    from_email: str
    works: bool = Field(description="It worked when it was last used.")
    tested_at: datetime | None
    rests_until: datetime | None = Field(description="After failures in a row it is left alone until then.")
    warm_up: WarmUpShape | None = Field(description="Null where nothing limits a day.")
    price: PriceShape | None = Field(description="Null where nobody entered it.")


def money_of(cost: Cost | None) -> dict[str, str] | None:
    """A cost as the API writes it."""
    return {"amount": f"{cost.amount:.3f}", "currency": cost.currency} if cost else None


def state_name(number: int) -> str:
    """The word for a state."""
    return Delivery.State(number).name.lower()


def state_number(word: Enum) -> int:
    """The state that a word asks for."""
    return Delivery.State[word.name].value


def moments_of(row: Delivery | None) -> dict[str, Any]:
    """The moments of a delivery, all empty where there is none yet."""
    return {name: getattr(row, name, None) for name in Moments.model_fields}
