"""The tables of this room."""

from delivery.models.messages import (
    Content,
    Delivery,
    LastOpen,
    Message,
    RecipientChunk,
    Sender,
    TrackedLink,
    Trial,
)
from delivery.models.personal import EmailAttachment, PersonalEmail

__all__ = [
    "Content",
    "Delivery",
    "EmailAttachment",
    "LastOpen",
    "Message",
    "PersonalEmail",
    "RecipientChunk",
    "Sender",
    "TrackedLink",
    "Trial",
]
