"""Campaigns for tests; call inside working_in."""

from itertools import count

from campaigns.models import Campaign, MailServer, Programme
from contacts.models import Segment, Topic
from tests.factories.contacts import letter

_numbers = count(1)
BODY = """# Hello {{ contact.first_name | default: "there" }}

The [spring box](https://kettle.example/box) is packed. Read [how](https://kettle.example/how?a=1&b=2).

Yours
"""


def make_server(**fields) -> MailServer:
    """A sender that speaks to a loopback server without encryption."""
    given = {
        "name": "Post", "host": "127.0.0.1", "port": 1, "security": "none", "from_name": "Kettle & Co",
        "from_email": "hello@kettle.example", "return_path_domain": "returns.kettle.example", "per_second": 100_000,
    }  # fmt: skip
    return MailServer.objects.create(**(given | fields))


def everybody(name: str = "") -> Segment:
    """A segment of all contacts with an address."""
    return Segment.objects.create(name=name or f"Everybody {next(_numbers)}", rule={"all": []})


def make_campaign(server: MailServer | None = None, **fields) -> Campaign:
    """A complete letter to everybody who asked for it."""
    topic: Topic = letter()
    given = {
        "name": "Spring letter", "segment": fields.get("segment") or everybody(), "topic": topic, "server": server,
        "subject": "News for {{ contact.first_name | default: 'you' }}", "body": BODY, "preheader": "First choice",
    }  # fmt: skip
    return Campaign.objects.create(**(given | fields))


def make_programme(**fields) -> Programme:
    return Programme.objects.create(**({"name": "Second pot", "gives": "First choice"} | fields))
