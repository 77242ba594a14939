"""Mentions and their surroundings for tests; call inside working_in."""

from datetime import timedelta
from itertools import count

from django.utils import timezone

from conversations.listening import hear
from conversations.models import Connection, Mention
from social.connecting import connect
from social.networks.protocol import Heard

_numbers = count(1)


def make_connection(name: str = "Mastodon bridge", **facts) -> Connection:
    """A signed webhook."""
    return connect("webhook", name=name, by=None, **facts)[0]


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
