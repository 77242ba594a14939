"""A mailroom for each test, and a sender that speaks to it."""

from collections.abc import Iterator

import pytest

from campaigns.planning import plan_due
from delivery.engine.sending import send_due
from tests.delivery.mailroom import Mailroom, open_mailroom
from tests.factories.campaigns import again, make_sender, started


@pytest.fixture(autouse=True)
def own_var(settings, tmp_path) -> None:
    """Journals of a test lie in its own directory; its servers listen on loopback."""
    settings.VAR_DIR = tmp_path
    settings.ECRM_FETCH_LOOPBACK = True


@pytest.fixture
def room() -> Iterator[Mailroom]:
    """An SMTP server that takes everything until told otherwise."""
    found = Mailroom()
    controller = open_mailroom(found)
    found.port = controller.real_port
    yield found
    controller.stop()


@pytest.fixture
def sender(inside, room):
    """A sender that speaks to the room."""
    return make_sender(port=room.port)


@pytest.fixture
def send(inside):
    """`send(campaign)`: approve it, start it, work until nothing is due now."""

    def go(campaign, *, slices: int = 3):
        started(campaign)
        plan_due(inside)
        for _ in range(slices):
            send_due(inside)
        return again(campaign)

    return go
