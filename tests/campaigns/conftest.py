"""A mailroom for each test, and a sender that speaks to it."""

from collections.abc import Iterator

import pytest

from campaigns.launching import approve, schedule
from campaigns.tasks import send_due
from tests.campaigns.mailroom import Mailroom, open_mailroom
from tests.factories.campaigns import make_server


@pytest.fixture(autouse=True)
def own_var(settings, tmp_path) -> None:
    """Journals of a test lie in its own directory."""
    settings.VAR_DIR = tmp_path


@pytest.fixture
def room() -> Iterator[Mailroom]:
    """An SMTP server that takes everything until told otherwise."""
    found = Mailroom()
    controller = open_mailroom(found)
    found.port = controller.real_port
    yield found
    controller.stop()


@pytest.fixture
def server(inside, room):
    """A sender that speaks to the room."""
    return make_server(port=room.port)


@pytest.fixture
def send(inside):
    """`send(campaign)`: approve it, start it, work until nothing is due now."""

    def go(campaign, *, slices: int = 3):
        schedule(approve(campaign, by=None), by=None)
        for _ in range(slices):
            send_due(inside)
        campaign.refresh_from_db()
        return campaign

    return go
