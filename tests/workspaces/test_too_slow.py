"""What takes longer than it may is cancelled: a clear answer, nothing kept, and everybody else stays fast."""

import base64
import json
from contextlib import contextmanager

import psycopg
import pytest
from django.db import OperationalError, connection

from lib.sql import run_text
from segments.rules.statements import TooSlowError, bounded
from workspaces.current import silent_at_most, working_in
from workspaces.keys import make_key
from workspaces.models import AuditEntry
from workspaces.too_slow import is_too_slow, limit_statements


@contextmanager
def locked(table):
    """Somebody else holds this table, so that whoever reads it waits for ever."""
    known = connection.settings_dict
    place = {"host": known["HOST"], "port": known["PORT"], "user": known["USER"], "password": known["PASSWORD"]}
    with psycopg.connect(**place, dbname=known["NAME"]) as other:
        other.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
        yield
        other.rollback()


@pytest.mark.django_db(transaction=True)
def test_a_page_that_waits_too_long_says_so_and_the_others_stay_fast(as_ada, kettle, settings):
    settings.STATEMENT_SECONDS = 0.3
    with locked("contacts_contact"):
        answer = as_ada.get("/w/kettle/contacts/")
        beside = as_ada.get("/w/kettle/settings/audit/")

    assert (answer.status_code, answer["Retry-After"]) == (504, "60")
    assert "That took too long" in answer.text
    assert beside.status_code == 200
    assert as_ada.get("/w/kettle/contacts/").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_the_api_answers_in_its_own_words_and_keeps_nothing(client, kettle, settings):
    with working_in(kettle):
        key = make_key("server", "Shop")[1]
    headers = {"Authorization": "Basic " + base64.b64encode(f"{key}:".encode()).decode()}
    body = json.dumps({"batch": [{"type": "track", "event": "Tea", "messageId": "m1", "userId": "u1"}]})
    settings.STATEMENT_SECONDS = 0.3

    with locked("touchpoints_touchpoint"):
        slow = client.post("/v1/batch", body, content_type="application/json", headers=headers)
    again = client.post("/v1/batch", body, content_type="application/json", headers=headers)

    assert (slow.status_code, "took too long" in slow.json()["message"]) == (504, True)
    assert (again.status_code, again.json()["new"]) == (200, 1)


def test_each_transaction_has_its_processs_limit_and_no_other(kettle, settings):
    settings.STATEMENT_SECONDS_BY_PROCESS = {"web": 15.0, "worker": 300.0}
    seen = []
    for process in ("web", "worker"):
        limit_statements(process)
        with working_in(kettle):
            seen += run_text("SHOW statement_timeout")[0]
            seen += run_text("SHOW idle_in_transaction_session_timeout")[0]
    with silent_at_most(120.0), working_in(kettle):
        seen += run_text("SHOW idle_in_transaction_session_timeout")[0]
    settings.STATEMENT_SECONDS = 0.0
    assert seen == ["15s", "0", "5min", "0", "2min"]


def test_what_may_take_longer_says_so_itself_and_gives_the_limit_back(inside, settings):
    run_text("SET LOCAL statement_timeout = '15s'")
    with bounded(20):
        assert run_text("SHOW statement_timeout") == [("20s",)]

    assert run_text("SHOW statement_timeout") == [("15s",)]


def test_a_cancelled_count_is_known_whatever_it_became(inside):
    with pytest.raises(TooSlowError) as stopped, bounded(1):
        run_text("SET LOCAL statement_timeout = '20ms'")
        run_text("SELECT pg_sleep(60)")

    assert is_too_slow(stopped.value)
    assert not is_too_slow(OperationalError("the disk is full"))
    assert AuditEntry.objects.exists()
