"""The rows of this room."""

from messengers.models.push import PushSubscription

__all__ = ["PushSubscription"]
