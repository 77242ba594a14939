"""What goes to phones by a messenger of chats: how it will look there, and what stands in its way."""

from collections.abc import Mapping
from typing import Any

from delivery.messengers.protocol import Bubble, Chat
from delivery.models import Message
from delivery.senders import UnknownMessengerError, messenger_of


def show_bubble(message: Message, text: str, fields: Mapping[str, Any]) -> Bubble | None:
    """The message as it will look on a phone, where its messenger shows that. MissingFieldError, BadTemplateError."""
    chat = _chat_of(message)
    return chat.show(message, text, fields) if chat else None


def faults_of(message: Message) -> list[str]:
    """What its messenger says stands in the way of this message, in sentences."""
    chat = _chat_of(message)
    return chat.faults(message) if chat else []


def _chat_of(message: Message) -> Chat | None:
    try:
        found = messenger_of(message.sender) if message.sender else None
    except UnknownMessengerError:
        return None
    return found if isinstance(found, Chat) else None
