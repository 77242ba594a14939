"""SIGKILL in the middle of a campaign: nobody twice, nobody skipped, at most one letter a kill in doubt."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.db import connection

from campaigns.models import Campaign
from consent.models import Consent
from contacts.models import Contact, Identity
from delivery.models import Delivery, Message, RecipientChunk
from delivery.sending import send_due
from tests.delivery.mailroom import Mailroom, open_mailroom
from tests.factories.campaigns import make_campaign, make_sender, started
from tests.factories.contacts import letter
from workspaces.current import working_in

PEOPLE, KILLS = 2_600, 8
SENDER = """
import django; django.setup()
from delivery.sending import send_slice
from workspaces.models import Workspace
send_slice(Workspace.objects.get(slug="kettle"), seconds=60)
"""
State = Delivery.State


def start_sender(var: Path) -> subprocess.Popen:
    database = connection.settings_dict
    url = (
        f"postgres://{database['USER']}:{database['PASSWORD']}@{database['HOST']}:{database['PORT']}/{database['NAME']}"
    )
    env = os.environ | {
        "DATABASE_URL": url, "ECRM_VAR": str(var), "ECRM_ASSUME_ROLE": "ecrm_app", "LOG_LEVEL": "ERROR",
        "SECRET_KEY": django_settings.SECRET_KEY, "DJANGO_SETTINGS_MODULE": "ecrm.settings", "ECRM_FETCH_LOOPBACK": "1",
    }  # fmt: skip
    return subprocess.Popen([sys.executable, "-c", SENDER], env=env, cwd=django_settings.BASE_DIR)


def wait_for(room: Mailroom, count: int, sender: subprocess.Popen) -> None:
    until = time.monotonic() + 60
    while len(room.letters) < count and time.monotonic() < until and sender.poll() is None:
        time.sleep(0.005)


def fill_audience() -> None:
    people = Contact.objects.bulk_create(
        [Contact(name=f"P {n}", given_name="P", email=f"p{n}@people.example") for n in range(PEOPLE)]
    )
    Identity.objects.bulk_create([Identity(contact=one, kind=Identity.Kind.EMAIL, value=one.email) for one in people])
    Consent.objects.bulk_create([Consent(contact=one, topic=letter(), state=Consent.State.GIVEN) for one in people])


def expire_leases(workspace) -> None:
    """What 30 seconds would do."""
    with working_in(workspace), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE delivery_recipientchunk SET leased_until = clock_timestamp() - interval '1 s' WHERE leased_until IS NOT NULL"
        )


@pytest.mark.django_db(transaction=True)
def test_a_killed_sender_writes_to_nobody_twice_and_skips_nobody(kettle, settings, tmp_path):
    settings.VAR_DIR = tmp_path
    room = Mailroom(hang=0.0005)
    controller = open_mailroom(room)
    struck = 0
    try:
        with working_in(kettle):
            fill_audience()
            campaign = started(make_campaign(make_sender(port=controller.real_port)))
            from campaigns.planning import plan_campaign

            plan_campaign(campaign)
        for round_ in range(KILLS):
            sender = start_sender(tmp_path)
            wait_for(room, len(room.letters) + 100 + 17 * round_, sender)
            if sender.poll() is None:
                os.kill(sender.pid, signal.SIGKILL)
            sender.wait()
            time.sleep(0.1)
            with working_in(kettle):
                struck += RecipientChunk.objects.exclude(leased_until=None).exists()
            expire_leases(kettle)
        for _ in range(3):
            send_due(kettle)
    finally:
        controller.stop()

    with working_in(kettle):
        campaign = Campaign.objects.select_related("message").get()
        states = Counter(Delivery.objects.values_list("state", flat=True))
        doubtful = set(Delivery.objects.filter(state=State.IN_DOUBT).values_list("address", flat=True))
        sent = set(Delivery.objects.filter(state=State.SENT).values_list("address", flat=True))
    assert struck >= KILLS - 2, "the kills hit an idle sender: this proves nothing"
    assert max(room.counts.values()) == 1
    assert sum(states.values()) == PEOPLE
    assert set(states) <= {State.SENT, State.IN_DOUBT}
    assert len(doubtful) <= KILLS
    assert sent <= set(room.counts)
    assert set(room.counts) - sent <= doubtful
    assert campaign.message.state == Message.State.SENT
    print(  # noqa: T201 - the measure
        f"kills {KILLS}, struck {struck}, in doubt {len(doubtful)}, of those arrived {len(doubtful & set(room.counts))}"
    )
