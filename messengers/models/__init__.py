"""The rows of this room."""

from messengers.models.letters import PrintedLetter
from messengers.models.push import PushSubscription

__all__ = ["PrintedLetter", "PushSubscription"]
