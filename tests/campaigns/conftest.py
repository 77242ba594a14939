"""The same mailroom, sender and journals as in the room of sending."""

from tests.delivery.conftest import own_var, room, send, sender

__all__ = ["own_var", "room", "send", "sender"]
