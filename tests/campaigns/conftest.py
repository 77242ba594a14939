"""The same mailroom, sender and journals as in the room of sending."""

import pytest

from tests.delivery.conftest import own_var, room, send, sender
from tests.delivery.mailroom import Mailroom, open_mailroom

__all__ = ["own_var", "room", "send", "sender"]


@pytest.fixture
def post():
    """A mailroom that is open."""
    room = Mailroom()
    controller = open_mailroom(room)
    room.port = controller.real_port
    yield room
    controller.stop()
