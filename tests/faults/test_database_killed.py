"""PostgreSQL's server is killed in the middle of a campaign, again and again, and comes back as after a power cut.

On a cluster of its own, which commits to its log as one in use does; the sender is a process of its own, begun once: it lives
through every kill. Nobody twice, nobody lost, at most one letter a connection and kill in doubt.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from backstage.dev import places
from backstage.dev.passwords import passwords
from backstage.dev.postgres import Postgres, start_postgres
from backstage.dev.product import manage
from delivery.models import Delivery
from tests.delivery.mailroom import Mailroom, open_mailroom

PEOPLE = int(os.environ.get("ECRM_FAULTS_PEOPLE", "600"))  # `make faults`: 100,000
CHUNK, KILLS, PATIENCE, CONNECTIONS = max(100, PEOPLE // 100), 20 if PEOPLE > 10_000 else 2, 120, 4
SENDER = """
import json, sys, time
import django; django.setup()
from collections import Counter
from django.db import connection
from campaigns.planning import plan_campaign
from delivery.engine import planning
from delivery.engine.sending import send_slice
from delivery.models import Delivery, RecipientChunk
from lib.retrying import is_passing
from lib.sql import run_text
from tests.factories.campaigns import make_campaign, make_sender, started
from tests.faults.people import make_people
from workspaces.current import working_in
from workspaces.founding import found_workspace
from workspaces.models import User

people, port = int(sys.argv[1]), int(sys.argv[2])
planning.CHUNK = int(sys.argv[3])
kettle = found_workspace("kettle", "Kettle & Co", owner=User.objects.create_user("ada@kettle.example", "x"))
with working_in(kettle):
    make_people(people)
    plan_campaign(started(make_campaign(make_sender(port=port))))
print("planned", flush=True)
left = 1
while left:
    try:
        send_slice(kettle, seconds=5)
        with working_in(kettle):
            left = RecipientChunk.objects.filter(is_done=False).count()
            run_text("UPDATE delivery_recipientchunk SET leased_until = now() - interval '1 s' WHERE leased_until IS NOT NULL")
    except Exception as error:
        if not is_passing(error):
            raise
        connection.close()
        time.sleep(0.05)
with working_in(kettle):
    states = Counter(Delivery.objects.values_list("state", flat=True))
    doubtful = list(Delivery.objects.filter(state=Delivery.State.IN_DOUBT).values_list("address", flat=True))
print(json.dumps({"states": states, "doubtful": doubtful}), flush=True)
"""


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[tuple[Postgres, dict[str, str]]]:
    """A PostgreSQL of our own, migrated, and the environment of who uses it."""
    var = places.var_directory()
    data = places.data_home(var) / f"faults-{os.getpid()}-postgres"
    shutil.rmtree(data, ignore_errors=True)
    secrets = passwords(tmp_path / "passwords.json")
    kept = {"synchronous_commit": "on", "full_page_writes": "on"}
    server = start_postgres(var, data, secrets, port=0, throw_away=True, log=tmp_path / "postgres.log", tuning=kept)
    owner = os.environ | {
        "DATABASE_URL": server.url("ecrm_owner"), "ADMIN_DATABASE_URL": server.url("ecrm_admin"),
        "REDIS_URL": settings.REDIS_URL, "DJANGO_SETTINGS_MODULE": "ecrm.settings", "ECRM_FETCH_LOOPBACK": "1",
        "ECRM_VAR": str(tmp_path), "LOG_LEVEL": "CRITICAL", "SECRET_KEY": settings.SECRET_KEY,
    }  # fmt: skip
    owner.pop("ECRM_ASSUME_ROLE", None)
    try:
        assert manage(["migrate", "--noinput", "--verbosity", "0"], owner) == 0
        yield server, owner | {"ECRM_ASSUME_ROLE": "ecrm_app"}
    finally:
        server.stop()
        shutil.rmtree(data, ignore_errors=True)


def wait_for(room: Mailroom, count: int) -> None:
    until = time.monotonic() + PATIENCE  # a bound for a broken build: what decides is the count of letters
    while len(room.letters) < count:
        assert time.monotonic() < until, f"only {len(room.letters)} letters came"
        time.sleep(0.002)


def test_a_database_that_is_killed_and_comes_back_loses_nobody_and_writes_to_nobody_twice(cluster):
    server, environ = cluster
    room = Mailroom(hang=0.0005)
    controller = open_mailroom(room)
    sender = subprocess.Popen(
        [sys.executable, "-c", SENDER, str(PEOPLE), str(controller.real_port), str(CHUNK)],
        env=environ, cwd=settings.BASE_DIR, text=True, stdout=subprocess.PIPE,
    )  # fmt: skip
    try:
        assert sender.stdout.readline() == "planned\n"
        for number in range(KILLS):
            wait_for(room, (number + 1) * PEOPLE // (KILLS + 2))
            os.kill(server.child.process.pid, signal.SIGKILL)
            server.child.process.wait()
            assert len(room.letters) < PEOPLE - 2 * CHUNK, "nothing was left to claim afterwards: this proves nothing"
            server.start_again()
        said = json.loads(sender.stdout.readline())
    finally:
        sender.kill()
        sender.wait()
        sender.stdout.close()
        controller.stop()

    doubtful = set(said["doubtful"])
    assert max(room.counts.values()) == 1
    assert sum(said["states"].values()) == PEOPLE
    assert set(said["states"]) <= {str(int(Delivery.State.SENT)), str(int(Delivery.State.IN_DOUBT))}, said
    assert len(doubtful) <= KILLS * CONNECTIONS
    assert len(set(room.counts) | doubtful) == PEOPLE
