"""What a text for phones weighs: its segments as they will leave, and what one costs."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from delivery.content.addressing import addresses_for
from delivery.content.compiling import Written, compile_message
from delivery.content.segments import Segments, count_segments
from delivery.messengers.protocol import Bubble, Chat
from delivery.models import TEXT_KIND, Message
from delivery.senders import UnknownMessengerError, messenger_of
from workspaces.current import OpenWorkspace

SOMEBODY = 10**7  # as long as real numbers are, where there are none yet


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
    segments = count_segments(text)
    price = int(message.sender.settings.get("price_milli") or 0) if message.sender else 0
    return TextWeight(segments, Decimal(price * segments.count) / 1000 if price else None)


def show_bubble(message: Message, text: str, fields: Mapping[str, Any]) -> Bubble | None:
    """The message as it will look on a phone, where its messenger shows that. MissingFieldError, BadTemplateError."""
    chat = _chat_of(message)
    return chat.show(message, text, fields) if chat else None


def faults_of(message: Message) -> list[str]:
    """What its messenger says stands in the way of this message, in sentences."""
    chat = _chat_of(message)
    return chat.faults(message) if chat else []


def price_of(message: Message) -> Decimal | None:
    """What it costs for one person; None where the sender names no price, or the length of a text decides."""
    if message.sender is None or message.sender.kind == TEXT_KIND:
        return None
    price = int(message.sender.settings.get("price_milli") or 0)
    return Decimal(price) / 1000 if price else None


def _chat_of(message: Message) -> Chat | None:
    try:
        found = messenger_of(message.sender) if message.sender else None
    except UnknownMessengerError:
        return None
    return found if isinstance(found, Chat) else None
