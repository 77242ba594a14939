"""Campaigns for tests; call inside working_in."""

from itertools import count

from campaigns.composing import compose
from campaigns.models import Campaign, Programme
from campaigns.planning import plan_campaign
from delivery.engine.controlling import approve, schedule
from delivery.models import Message, Sender
from delivery.senders import keep_secret
from segments.models import Segment
from tests.factories.contacts import letter

_numbers = count(1)
BODY = """# Hello {{ contact.first_name | default: "there" }}

The [spring box](https://kettle.example/box) is packed. Read [how](https://kettle.example/how?a=1&b=2).

Yours
"""
SMTP = {
    "host": "127.0.0.1", "port": 1, "security": "none", "from_name": "Kettle & Co",
    "from_email": "hello@kettle.example", "return_path_domain": "returns.kettle.example",
}  # fmt: skip


def make_sender(**settings) -> Sender:
    """A sender that speaks to a loopback server without encryption."""
    return Sender.objects.create(name="Post", kind="smtp", per_second=100_000, settings=SMTP | settings)


def make_webhook_sender(url: str, secret: str, **settings) -> Sender:
    """A sender that posts to `url`."""
    given = {"url": url, "channel": "email"} | settings
    sender = Sender.objects.create(name="Hook", kind="webhook", per_second=100_000, settings=given)
    keep_secret(sender, secret)
    return sender


def everybody(name: str = "") -> Segment:
    """A segment of all contacts with an address."""
    return Segment.objects.create(name=name or f"Everybody {next(_numbers)}", rule={"all": []})


def make_campaign(sender: Sender | None = None, **facts) -> Campaign:
    """A complete email to everybody who asked for it."""
    given = {
        "name": "Spring letter", "topic": letter(), "sender": sender, "body": BODY, "preheader": "First choice",
        "subject": "News for {{ contact.first_name | default: 'you' }}",
    }  # fmt: skip
    if "segment" not in facts:
        given["segment"] = everybody()
    return compose(**(given | facts))


def make_message(sender: Sender | None = None, **facts) -> Message:
    """The message of such a campaign."""
    return make_campaign(sender, **facts).message


def started(campaign: Campaign) -> Campaign:
    """The same campaign, approved and told to go out now."""
    schedule(approve(campaign.message, by=None), by=None)
    return again(campaign)


def planned(campaign: Campaign) -> Campaign:
    """The same campaign, with its recipients fixed."""
    plan_campaign(started(campaign))
    return again(campaign)


def again(campaign: Campaign) -> Campaign:
    """The campaign as the database knows it now."""
    return Campaign.objects.select_related("message__content", "message__sender", "segment").get(pk=campaign.pk)


def make_programme(**fields) -> Programme:
    return Programme.objects.create(**({"name": "Second pot", "gives": "First choice"} | fields))
