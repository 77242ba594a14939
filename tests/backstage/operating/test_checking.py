"""doctor: what is ill is named, with what to do."""

import json
import os
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection

from backstage.operating.checking import INSPECTIONS
from backstage.operating.findings import Level
from backstage.operating.inspections import backstage, database, machine
from backstage.operating.pulse import give_pulse
from lib.valkey import valkey
from tests.conftest import become

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def pulses():
    """Nothing was ever heard of worker and beat."""
    keys = ("ecrm:pulse:worker", "ecrm:pulse:beat")
    valkey().delete(*keys)
    yield
    valkey().delete(*keys)


def test_a_migrated_database_is_well(db):
    looks = (
        database.version,
        database.role,
        database.row_security,
        database.migrations,
        database.clock,
        database.orphans,
    )
    found = [look() for look in looks]

    assert [(f.name, f.level) for f in found] == [
        ("PostgreSQL", Level.OK),
        ("database role", Level.OK),
        ("row security", Level.OK),
        ("migrations", Level.OK),
        ("clock", Level.OK),
        ("orphans", Level.OK),
    ]


def test_the_ledger_reaches_three_months_ahead(db):
    assert database.partitions().level is Level.OK


@pytest.mark.django_db(transaction=True)
def test_a_table_without_its_guard_is_red():
    become(None)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE contacts_note NO FORCE ROW LEVEL SECURITY")
    try:
        finding = database.row_security()
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE contacts_note FORCE ROW LEVEL SECURITY")
        become("ecrm_app")

    assert finding.level is Level.RED
    assert finding.says == "missing on contacts_note"


@pytest.mark.django_db(transaction=True)
def test_the_owner_as_daily_role_is_a_warning():
    become(None)
    try:
        finding = database.role()
    finally:
        become("ecrm_app")

    assert finding.level is Level.WARNING
    assert "owns the tables" in finding.says


def test_a_silent_worker_is_red_and_a_living_one_is_not(pulses):
    before = backstage.worker()
    give_pulse("worker")
    after = backstage.worker()

    assert (before.level, before.says) == (Level.RED, "never heard of")
    assert "celery --app ecrm worker" in before.remedy
    assert after.level is Level.OK


def test_a_plain_secret_key_is_red(settings):
    settings.SECRET_KEY = "changeme"

    assert machine.secret_key().level is Level.RED


def test_a_mail_server_that_is_away_is_red(settings):
    settings.MAILER_URL = "smtp://127.0.0.1:9"
    smtp = {"host": "127.0.0.1", "port": 9, "timeout": 1}
    settings.MAILERS = {"default": {"BACKEND": "django.core.mail.backends.smtp.EmailBackend", "OPTIONS": smtp}}

    assert machine.mail_server().level is Level.RED


def test_with_everything_away_it_still_looks_at_everything(tmp_path):
    away = {"DATABASE_URL": "postgres://ecrm_app@127.0.0.1:9/ecrm", "REDIS_URL": "redis://127.0.0.1:9/0"}
    env = os.environ | away | {"ECRM_VAR": str(tmp_path), "ECRM_URL": "http://127.0.0.1:9"}

    done = subprocess.run(
        [sys.executable, "manage.py", "doctor", "--json"],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )

    found = {row["name"]: row for row in json.loads(done.stdout)}
    assert done.returncode == 1
    assert len(found) == len(INSPECTIONS)
    assert {name for name, row in found.items() if "PostgreSQL does not answer" in row["says"]} == {
        *("version", "role", "row security", "migrations", "partitions", "clock", "orphans", "agenda")
    }
    assert (found["Valkey"]["level"], found["address"]["level"], found["secret key"]["level"]) == (
        "red",
        "warning",
        "ok",
    )


def test_the_command_speaks_to_programs_and_fails_on_red(db, pulses):
    out = StringIO()

    with pytest.raises(SystemExit) as end:
        call_command("doctor", "--json", stdout=out)

    rows = {row["name"]: row for row in json.loads(out.getvalue())}
    assert end.value.code == 1
    assert rows["worker"]["level"] == "red"
    assert rows["worker"]["remedy"] == "Start it: celery --app ecrm worker"
