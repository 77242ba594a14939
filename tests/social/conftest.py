from collections.abc import Iterator

import pytest

from conversations.models import Connection
from social.connecting import connect
from social.networks.mastodon_api import Api
from social.networks.mastodon_probing import probe
from tests.social.mastodon_server import OURS, TOKEN, MastodonServer
from workspaces.current import working_in


@pytest.fixture
def server(settings) -> Iterator[MastodonServer]:
    """A server of the Mastodon family on this machine."""
    settings.ECRM_FETCH_LOOPBACK = True
    made = MastodonServer()
    yield made
    made.close()


@pytest.fixture
def mastodon(kettle, server) -> Connection:
    """Kettle & Co’s account there, connected."""
    own = {"account_id": OURS, "acct": "kettle@kettle.example", "domain": "kettle.example"}
    with working_in(kettle):
        return connect("mastodon", name="Mastodon", url=server.url, settings=own, health=probe(Api(server.url)), password=TOKEN, by=None)[0]  # fmt: skip
