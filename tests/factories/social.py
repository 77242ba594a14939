"""Mentions and their surroundings for tests; call inside working_in."""

from datetime import timedelta
from itertools import count

from django.utils import timezone

from conversations.mentions.listening import hear
from conversations.models import Connection, Mention
from social.connecting import connect
from social.networks.protocol import Heard
from social.networks.webhook import Webhook

_numbers = count(1)


class Vouching(Webhook):
    """A network whose server proves who wrote, as the fediverse's does: for tests, until the product has one."""

    key = "vouching"
    label = "Vouching network"
    vouches = True


def make_connection(name: str = "Mastodon bridge", **facts) -> Connection:
    """A signed webhook: whoever it says wrote is a claim."""
    return connect("webhook", name=name, by=None, **facts)[0]


def make_vouching(name: str = "The fediverse", **facts) -> Connection:
    """A connection whose network vouches for handles; the fixture `vouching` opens the house for it."""
    return connect(Vouching.key, name=name, by=None, **facts)[0]


def heard(text: str = "Does the spout fit the small kettle?", **facts) -> Heard:
    """Something a stranger wrote a minute ago in public."""
    number = next(_numbers)
    given = {
        "remote_id": f"post-{number}",
        "handle": f"writer{number}@social.example",
        "name": f"Writer {number}",
        "published_at": timezone.now() - timedelta(minutes=1),
        "network": "mastodon",
        "language": "en",
        "thread": f"thread-{number}",
        "url": f"https://social.example/{number}",
    }
    return Heard(text=text, **given | facts)


def make_mention(
    text: str = "Does the spout fit the small kettle?", *, connection=None, silent=False, **facts
) -> Mention:
    """A mention that waits for an answer, with its author and conversation."""
    connection = connection or Connection.objects.filter(network="webhook").first() or make_connection()
    return hear(connection, [heard(text, **facts)], silent=silent).new[0]
