"""What this room keeps of what it handed over."""

from messengers.models.letters import PrintedLetter

__all__ = ["PrintedLetter"]
