"""The agenda: an invitation may get lost, a holder may die, and work neither stops for that nor starts twice."""

import os
import signal
import time
from datetime import timedelta

import psycopg
import pytest
from django.db import connection

from lib.clock import now
from lib.presence import own_name
from lib.rooms import house
from lib.sql import run_text
from tests.faults.forking import forking
from workspaces import agenda, tasks
from workspaces.current import working_in
from workspaces.models import AgendaItem

WORK = "test.work"


@pytest.fixture(autouse=True)
def own_var(settings, tmp_path):
    settings.VAR_DIR = tmp_path


@pytest.fixture
def due(kettle):
    """An item that is due now, alone on the agenda."""
    AgendaItem.objects.all().delete()
    with working_in(kettle):
        agenda.set_due(WORK)
    return kettle


def does(monkeypatch, action):
    monkeypatch.setitem(house.works, WORK, action)


def item():
    return AgendaItem.objects.get(work=WORK)


def expire():
    """What 30 seconds without a heartbeat, or 15 without an answer, would do."""
    run_text("UPDATE workspaces_agendaitem SET leased_until = clock_timestamp() - interval '1 s'")


def seconds_left():
    return run_text("SELECT extract(epoch FROM leased_until - clock_timestamp()) FROM workspaces_agendaitem")[0][0]


def test_what_is_due_is_asked_for_once_and_again_when_the_invitation_got_lost(due):
    assert agenda.invite_due_items() == [(due.pk, WORK)]
    assert agenda.invite_due_items() == []
    expire()
    assert agenda.invite_due_items() == [(due.pk, WORK)]


def test_an_invitation_is_believed_in_for_seconds_and_a_full_queue_gets_fewer_and_fewer(due):
    spans = []
    for _ in range(5):
        agenda.invite_due_items()
        spans.append(round(seconds_left()))
        expire()

    assert spans == [15, 30, 60, 120, 120]


def test_an_invitation_that_nobody_could_take_is_written_again_at_once(due, monkeypatch):
    monkeypatch.setattr(tasks, "send_task", lambda *_, **_options: False)

    assert tasks.tick() == 1
    assert tasks.tick() == 1


def test_work_is_begun_once_while_somebody_is_at_it(due, monkeypatch):
    begun = []

    def work(workspace):
        begun.append(agenda.do_work(workspace, WORK))
        begun.append(agenda.invite_due_items())

    does(monkeypatch, work)

    assert agenda.do_work(due, WORK) is True
    assert begun == [False, []]
    assert not AgendaItem.objects.filter(work=WORK).exists()


def test_a_late_invitation_to_work_that_is_done_does_nothing(due, monkeypatch):
    later = now() + timedelta(hours=1)
    does(monkeypatch, lambda _workspace: later)

    assert agenda.do_work(due, WORK) is True
    assert agenda.do_work(due, WORK) is False
    assert (item().due_at, item().held_by, item().attempts) == (later, "", 0)


def test_what_is_added_while_it_works_is_not_lost(due, monkeypatch):
    def work(workspace):
        with working_in(workspace):
            agenda.set_due(WORK)
        return now() + timedelta(hours=1)

    does(monkeypatch, work)
    agenda.do_work(due, WORK)

    assert agenda.invite_due_items() == [(due.pk, WORK)]


def test_a_failure_is_kept_and_tried_again_later_each_time(due, monkeypatch):
    does(monkeypatch, lambda _workspace: 1 / 0)
    waits = []
    for _ in range(3):
        agenda.do_work(due, WORK)
        waits.append(round((item().due_at - now()).total_seconds()))
        AgendaItem.objects.update(due_at=now())

    assert waits == [30, 60, 90]
    assert item().last_error == "ZeroDivisionError('division by zero')"
    assert item().held_by == ""


def test_who_was_taken_over_writes_nothing(due, monkeypatch):
    first, second, calls = now() + timedelta(hours=1), now() + timedelta(hours=2), []

    def work(workspace):
        calls.append(1)
        if len(calls) == 2:
            return second
        expire()
        assert agenda.do_work(workspace, WORK) is True
        return first

    does(monkeypatch, work)
    agenda.do_work(due, WORK)

    assert (len(calls), item().due_at) == (2, second)


def test_a_failure_of_who_was_taken_over_is_not_written_either(due, monkeypatch):
    calls = []

    def work(workspace):
        calls.append(1)
        if len(calls) == 1:
            expire()
            agenda.do_work(workspace, WORK)
            raise ValueError

    does(monkeypatch, work)
    agenda.do_work(due, WORK)

    assert not AgendaItem.objects.filter(work=WORK).exists()


def leave():
    """What a killed PostgreSQL does to a connection."""
    known = connection.settings_dict
    place = {"host": known["HOST"], "port": known["PORT"], "user": known["USER"], "password": known["PASSWORD"]}
    with psycopg.connect(**place, dbname=known["NAME"], autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s)", [connection.connection.info.backend_pid])


@pytest.mark.django_db(transaction=True)
def test_work_whose_database_went_away_goes_on_soon_and_gives_its_item_back(due, monkeypatch):
    monkeypatch.setattr(agenda, "SETTLE_PAUSE_SECONDS", 0)

    def work(workspace):
        with working_in(workspace):
            leave()
            run_text("SELECT 1")

    does(monkeypatch, work)

    assert agenda.do_work(due, WORK) is True
    assert (item().due_at - now()).total_seconds() < 3
    assert (item().held_by, item().leased_until) == ("", None)


@pytest.mark.django_db(transaction=True)
def test_a_result_is_written_when_the_database_comes_back(due, monkeypatch):
    monkeypatch.setattr(agenda, "SETTLE_PAUSE_SECONDS", 0)
    later = now() + timedelta(hours=1)

    def work(_workspace):
        leave()
        return later

    does(monkeypatch, work)
    agenda.do_work(due, WORK)

    assert (item().due_at, item().held_by) == (later, "")


@pytest.mark.django_db(transaction=True)
def test_longer_work_keeps_its_lease_by_its_heartbeat(due, monkeypatch):
    monkeypatch.setattr(agenda, "HEARTBEAT_SECONDS", 0.01)
    AgendaItem.objects.update(attempts=7)
    seen = []

    def work(_workspace):
        run_text("UPDATE workspaces_agendaitem SET leased_until = clock_timestamp() + interval '1 s'")
        patience = time.monotonic() + 30
        while seconds_left() < 20 and time.monotonic() < patience:
            time.sleep(0.01)
        seen.extend([seconds_left(), item().attempts])

    does(monkeypatch, work)
    agenda.do_work(due, WORK)

    assert 20 < seen[0] <= 30
    assert seen[1] == 2


@pytest.mark.django_db(transaction=True)
def test_the_heart_of_work_that_hangs_stops_and_its_lease_runs_out(due, monkeypatch):
    """A thread cannot be ended: the item is another's then, and what the sleeper would write is fenced."""
    monkeypatch.setattr(agenda, "HEARTBEAT_SECONDS", 0.001)
    monkeypatch.setattr(agenda, "HUNG_AFTER_SECONDS", 0)
    beats = []
    monkeypatch.setattr(agenda._Heartbeat, "_beat", lambda _self: beats.append(1) or True)

    agenda._Heartbeat(item().pk, item().epoch)._run()

    assert beats == []


@pytest.mark.django_db(transaction=True)
def test_a_heart_whose_item_was_taken_over_beats_no_more(due):
    agenda.invite_due_items()
    heart = agenda._Heartbeat(item().pk, item().epoch)

    assert heart._beat() is False


@pytest.fixture(scope="module")
def forker(django_db_setup, tmp_path_factory):
    """A process that forks at a word."""
    with forking(tmp_path_factory.mktemp("forker")) as one:
        yield one


@pytest.fixture
def hanging(kettle, forker, settings):
    """A process in the middle of work that never ends; (its number, the forker)."""
    settings.VAR_DIR = forker.var
    AgendaItem.objects.all().delete()
    with working_in(kettle):
        agenda.set_due("test.hang")
    child = forker.begin("kettle", "test.hang")
    assert forker.heard() == "begun"
    yield child, forker
    forker.kill(child)


@pytest.mark.django_db(transaction=True)
def test_what_a_killed_process_held_is_free_at_once(kettle, hanging):
    child, forker = hanging
    assert agenda.free_items_of_the_dead() == 0
    assert agenda.invite_due_items() == []

    assert forker.kill(child)

    assert agenda.free_items_of_the_dead() == 1
    assert agenda.invite_due_items() == [(kettle.pk, "test.hang")]
    assert agenda.free_items_of_the_dead() == 0


@pytest.mark.django_db(transaction=True)
def test_a_stopped_process_is_not_taken_for_a_dead_one(kettle, hanging):
    child, _forker = hanging
    os.kill(child, signal.SIGSTOP)

    assert agenda.free_items_of_the_dead() == 0
    assert agenda.invite_due_items() == []
    expire()
    assert agenda.invite_due_items() == [(kettle.pk, "test.hang")]


def test_the_dead_of_another_host_are_waited_for(due, settings, tmp_path):
    AgendaItem.objects.update(held_by=own_name(), leased_until=now() + timedelta(seconds=20))
    settings.VAR_DIR = tmp_path / "other"

    assert agenda.free_items_of_the_dead() == 0
    assert agenda.invite_due_items() == []


@pytest.mark.django_db(transaction=True)
def test_work_that_kills_its_worker_comes_back_later_each_time(kettle, hanging):
    child, forker = hanging
    forker.kill(child)
    dead, waits = AgendaItem.objects.get().held_by, []
    for attempts in (1, 5, 6, 12):
        AgendaItem.objects.update(held_by=dead, attempts=attempts, due_at=now())
        agenda.free_items_of_the_dead()
        waits.append(round((AgendaItem.objects.get().due_at - now()).total_seconds()))

    assert waits == [0, 0, 30, 210]


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_starts_frees_and_keeps_no_connection_for_its_children(kettle, hanging):
    child, forker = hanging
    forker.kill(child)

    tasks.free_items()

    assert connection.connection is None
    assert AgendaItem.objects.get().held_by == ""
