"""A network is one class: what it can do, its form, its own signature and its own format of what comes in."""

import json
from datetime import UTC, datetime

import pytest

from backstage.demo.network import DemoNetwork
from conversations.channels import Capabilities, Heard
from conversations.mentions.by_hand import ByHand
from conversations.models import Connection, Mention
from lib.rooms import house
from portal.own_page_channel import OwnPage
from social.connecting import connect, hook_link
from social.forms import ConnectForm
from social.networks.bluesky import Bluesky
from social.networks.discourse import Discourse
from social.networks.feed import Feed
from social.networks.google_reviews import GoogleReviews
from social.networks.linkedin import LinkedIn
from social.networks.mail import Mail
from social.networks.mastodon import Mastodon
from social.networks.meta.facebook import Facebook
from social.networks.meta.instagram import Instagram
from social.networks.meta.threads import Threads
from social.networks.protocol import BadBodyError, ForgedError, Listener, Parsed, Refused
from social.networks.reddit import Reddit
from social.networks.texts import Texts, WhatsApp
from social.networks.webhook import Webhook
from social.networks.x import X
from social.networks.youtube import YouTube
from workspaces.current import working_in


class Telegraph(Listener):
    """A network of this test's own: another header, another format."""

    key = "telegraph"
    label = "Telegraph"
    icon = "send"
    says = "By wire."
    form = ConnectForm

    def __init__(self, connection):
        self.connection = connection

    def capabilities(self):
        return Capabilities(receives=True)

    def reply(self, row):
        return "stop"

    def verify_webhook(self, headers, raw_body):
        if headers.get("X-Wire") != "dash dot":
            raise ForgedError("no dash dot")

    def parse_webhook(self, headers, raw_body):
        try:
            wires = json.loads(raw_body)["wires"]
        except (ValueError, KeyError, TypeError) as error:
            raise BadBodyError("no wires") from error
        good, refused = [], []
        for number, wire in enumerate(wires):
            if "says" in wire:
                good.append(Heard(wire["no"], wire["says"], wire["by"], datetime(2026, 11, 1, tzinfo=UTC)))
            else:
                refused.append(Refused(number, "says is missing"))
        return Parsed(good, refused)


@pytest.fixture
def wire(kettle, monkeypatch) -> str:
    """The address of a telegraph of Kettle & Co."""
    monkeypatch.setitem(house.networks, Telegraph.key, Telegraph)
    with working_in(kettle):
        connection, _secret = connect(Telegraph.key, by=None, name="The wire")
        return hook_link(connection)


def test_the_house_offers_these_networks():
    assert house.networks == {
        "manual": ByHand,
        "mail": Mail,
        "mastodon": Mastodon,
        "bluesky": Bluesky,
        "discourse": Discourse,
        "webhook": Webhook,
        "feed": Feed,
        "facebook": Facebook,
        "instagram": Instagram,
        "threads": Threads,
        "youtube": YouTube,
        "google_reviews": GoogleReviews,
        "reddit": Reddit,
        "x": X,
        "linkedin": LinkedIn,
        "sms": Texts,
        "whatsapp": WhatsApp,
        "demo": DemoNetwork,
        "own_page": OwnPage,
    }


def test_a_network_reads_its_own_deliveries(client, kettle, wire):
    body = {"wires": [{"no": "1", "by": "ann", "says": "Kettle broken stop"}, {"no": "2", "by": "bob"}]}

    answer = client.post(wire, json.dumps(body), content_type="application/json", headers={"X-Wire": "dash dot"})

    assert answer.json() == {
        "new": 1, "changed": 0, "known": 0, "refused": [{"index": 1, "reason": "says is missing"}],
    }  # fmt: skip
    with working_in(kettle):
        assert list(Mention.objects.values_list("network", "remote_id", "text")) == [
            ("telegraph", "1", "Kettle broken stop")
        ]


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [({}, "{}", 401), ({"X-Wire": "dash dot"}, "{}", 400), ({"X-Wire": "dash dot"}, "[[[[", 400)],
)
def test_what_it_cannot_read_is_answered_in_plain_words(client, wire, headers, body, status):
    assert client.post(wire, body, content_type="text/plain", headers=headers).status_code == status


def test_its_form_and_health_stand_on_the_page_of_connections(as_ada, kettle, wire):
    page = as_ada.get("/w/kettle/inbox/connections/").text
    assert "Add: Telegraph" in page
    assert "By wire." in page
    assert "The wire" in page

    added = as_ada.post("/w/kettle/inbox/connections/telegraph/add/", {"telegraph-name": "Second wire"})

    assert added.status_code == 200  # it shows the secret once
    with working_in(kettle):
        assert Connection.objects.filter(network="telegraph").count() == 2
    assert as_ada.post("/w/kettle/inbox/connections/pigeon/add/", {}).status_code == 404
