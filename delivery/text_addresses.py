"""The addresses at which a provider of SMS tells of texts: what became of one, and what people answer.

The tokens are ours alone; the calls are proven by the provider's signature besides.
"""

from typing import NamedTuple

from contacts.models import Contact
from delivery.messengers.protocol import Recipient
from delivery.models import Delivery, Message
from lib.links import public_link
from lib.signing import make_token, read_token

STATUS, INBOUND, ANSWER = "delivery.text_status", "delivery.text_inbound", "delivery.text_answer"


class TextPlace(NamedTuple):
    """Which text a status speaks of."""

    workspace_id: int
    sender_id: int
    message_id: int
    contact_id: int
    occasion: int


def status_address(workspace_id: int, sender_id: int, message_id: int, one: Recipient) -> str:
    """Where the provider tells what became of this person's text."""
    token = make_token(STATUS, workspace_id, sender_id, message_id, one.contact_id, one.occasion)
    return public_link("text_status", token)


def read_status(token: str) -> TextPlace:
    """BadTokenError."""
    return TextPlace(*read_token(STATUS, token, count=5))


def answer_address(workspace_id: int, sender_id: int, answer_id: int) -> str:
    """Where the provider tells what became of an answer that a member gave in the inbox."""
    return public_link("text_answer", make_token(ANSWER, workspace_id, sender_id, answer_id))


def read_answer(token: str) -> tuple[int, int, int]:
    """(workspace, sender, answer). BadTokenError."""
    workspace_id, sender_id, answer_id = read_token(ANSWER, token, count=3)
    return workspace_id, sender_id, answer_id


def inbound_address(workspace_id: int, sender_id: int) -> str:
    """Where the provider sends what people answer; entered there by hand."""
    return public_link("text_inbound", make_token(INBOUND, workspace_id, sender_id))


def read_inbound(token: str) -> tuple[int, int]:
    """(workspace, sender). BadTokenError."""
    workspace_id, sender_id = read_token(INBOUND, token, count=2)
    return workspace_id, sender_id


def number_of(contact: Contact, message: Message) -> str:
    """The number that a text went to, its middle hidden: who was forwarded the text learns no number. "" when unknown."""
    sent = Delivery.objects.filter(contact=contact, message=message).order_by("-queued_at")
    number = sent.values_list("address", flat=True).first() or ""
    return f"{number[:3]} … {number[-3:]}" if len(number) > 8 else ""
