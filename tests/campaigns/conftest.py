"""The same mailroom, sender and journals as in the room of sending."""

import pytest

from tests.delivery.conftest import own_var, room, send, sender
from tests.delivery.mailroom import Mailroom, open_mailroom
from tests.factories.campaigns import make_campaign, make_programme, make_sender
from tests.factories.contacts import make_contact, make_reader
from workspaces.current import working_in

__all__ = ["own_var", "room", "send", "sender"]


@pytest.fixture
def post():
    """A mailroom that is open."""
    room = Mailroom()
    controller = open_mailroom(room)
    room.port = controller.real_port
    yield room
    controller.stop()


@pytest.fixture
def ready(kettle):
    """A complete newsletter to three readers and somebody who never asked; nothing leaves by its sender."""
    kettle.postal_address = "Tea Street 1, Ulm"
    kettle.save()
    with working_in(kettle):
        for _ in range(3):
            make_reader()
        make_contact("Nina Never")
        return make_campaign(make_sender(), programme=make_programme())
