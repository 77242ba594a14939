"""What the engine promises holds by whichever messenger a message leaves: each person once, the rest accounted for."""

from collections import Counter
from types import SimpleNamespace

import pytest
from django.utils.module_loading import import_string

from contacts.channels import Channel
from delivery.engine.sending import send_due
from delivery.forms import form_of
from delivery.messengers.protocol import Capabilities
from delivery.models import Delivery, Message, Sender
from delivery.senders import messenger_of
from lib.rooms import house
from lib.standard_webhooks import new_secret
from tests.closing import with_none_open
from tests.delivery.providers import ALL, DEAD, REFUSED, Provider, make_provider_sender
from tests.delivery.test_messengers import Listener
from tests.delivery.test_ways_out import Watch, to
from tests.factories.campaigns import make_campaign, make_message, make_sender, make_webhook_sender
from tests.factories.contacts import make_contact, make_reader

State = Delivery.State
EVERY = ("smtp", "webhook", *ALL)
every = pytest.mark.parametrize("kind", EVERY)


@pytest.fixture
def world(inside, room):
    """`world(kind)`: its sender, `counts()` of what was taken, and `refuse(address)`, `kill(address)`, `delay(address)`."""
    servers = []

    def go(kind):
        if kind == "smtp":
            return SimpleNamespace(
                sender=make_sender(port=room.port),
                counts=lambda: room.counts,
                refuse=lambda one, dead: room.refuse.update(
                    {one: f"550 {'5.1.1 no such user' if dead else '5.6.0 no'}"}
                ),
                delay=lambda one: room.refuse.update({one: "450 4.2.1 later"}),
            )
        if kind == "webhook":
            found = Listener()
            servers.append(lambda: (found.server.shutdown(), found.server.server_close()))
            return SimpleNamespace(
                sender=make_webhook_sender(found.url, new_secret()),
                counts=lambda: Counter(one["to"] for one in found.bodies if one["to"] not in found.answers),
                refuse=lambda one, dead: found.answers.update({one: 400}),
                delay=lambda one: found.answers.update({one: 500}),
            )
        provider = Provider(kind)
        servers.append(provider.close)
        return SimpleNamespace(
            sender=make_provider_sender(kind, provider.url),
            counts=lambda: provider.accepted,
            refuse=lambda one, dead: provider.answers.update({one: (DEAD if dead else REFUSED)[kind]}),
            delay=lambda one: provider.answers.update({one: (500, {})}),
            provider=provider,
        )

    yield go
    for close in servers:
        close()


def test_the_house_offers_them():
    assert set(EVERY) <= set(house.messengers)


@every
def test_twenty_people_get_one_each_and_the_rest_is_accounted_for(inside, world, send, kind):
    here = world(kind)
    readers = [make_reader() for _ in range(20)]
    make_contact("Never Asked")
    here.refuse(readers[3].email, dead=True)
    here.refuse(readers[7].email, dead=False)
    here.delay(readers[11].email)

    campaign = send(make_campaign(here.sender))

    out = {readers[at].email for at in (3, 7, 11)}
    assert here.counts() == Counter({one.email: 1 for one in readers if one.email not in out})
    states = dict(Delivery.objects.values_list("contact_id", "state"))
    assert Counter(states.values()) == Counter({State.SENT: 17, State.FAILED: 2, State.DEFERRED: 1, State.EXCLUDED: 1})
    assert states[readers[11].pk] == State.DEFERRED
    send_due(inside)
    assert max(here.counts().values()) == 1
    assert campaign.message.state_reason == ""


@pytest.mark.parametrize("kind", ALL)
def test_a_line_killed_after_an_email_left_leaves_one_in_doubt_and_nobody_gets_two(inside, world, send, kind):
    here = world(kind)
    readers = [make_reader() for _ in range(8)]
    victim = readers[2].email
    here.provider.cuts = {victim}

    campaign = send(make_campaign(here.sender))
    here.provider.cuts = set()
    send_due(inside)

    states = Counter(Delivery.objects.values_list("state", flat=True))
    assert states == Counter({State.SENT: 7, State.IN_DOUBT: 1})
    assert Delivery.objects.get(state=State.IN_DOUBT).address == victim
    others = {one: count for one, count in here.counts().items() if one != victim}
    assert set(others.values()) == {1}
    tries = [one for one in here.provider.asked if one.to == victim]
    assert len({one.body for one in tries}) == 1  # under one key, where there are several
    assert campaign.message.state in {Message.State.SENDING, Message.State.SENT}


@every
def test_every_messenger_says_what_it_is(world, kind):
    messenger = messenger_of(world(kind).sender)

    assert isinstance(messenger.capabilities(), Capabilities)
    assert messenger.channel in Channel.values
    assert (messenger.kind, bool(str(messenger.label)), bool(messenger.icon)) == (kind, True, True)
    assert form_of(kind) is import_string(messenger.form)
    messenger.close()
    messenger.close()


@pytest.mark.parametrize("kind", [*EVERY, "folder", "ad_audience"])
def test_messages_leave_while_no_workspace_is_open(inside, world, kind):
    """The engine opens the workspace to read and to write down; while messages leave, none is open."""
    settings = {"from_name": "Kettle & Co", "from_email": "letter@kettle.example", "network": "google"}
    is_here = kind not in EVERY
    sender = Sender.objects.create(kind=kind, name="x", settings=settings) if is_here else world(kind).sender
    messenger = messenger_of(sender)
    run = messenger.prepare(inside, make_message(sender))

    outcomes = with_none_open(lambda: [str(one.kind) for _to, one in run.send(iter([to(0, "a@x.example")]), Watch())])

    assert outcomes == ["accepted"]
    with_none_open(messenger.close)
