"""The demo is connected to its echo network, where `make up` runs one: there mentions can be answered, and answer."""

import os

from backstage.demo.echo_network import DOMAIN, NAME
from backstage.demo.echo_people import OURS
from conversations.models import Connection
from social.connecting import connect
from workspaces.models import User


def connect_echo(by: User) -> Connection | None:
    """A connection to the network that ECRM_ECHO_URL and ECRM_ECHO_TOKEN name; None where they name none."""
    url, token = os.environ.get("ECRM_ECHO_URL", ""), os.environ.get("ECRM_ECHO_TOKEN", "")
    if not url or not token:
        return None
    own = {"account_id": OURS.id, "acct": f"{OURS.handle}@{DOMAIN}", "domain": DOMAIN}
    return connect("mastodon", name=NAME, url=url, settings=own, is_public=True, password=token, by=by)[0]
