"""What may work later is told from what is wrong with a value."""

import psycopg
import pytest
from django.db import InternalError, connection

from lib.retrying import AWAY, is_passing
from lib.sql import run_text
from workspaces.agenda import _went_away
from workspaces.current import silent_at_most, working_in


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_was_hung_up_on_in_a_transaction_is_away_and_what_it_did_may_be_done_again(kettle):
    """Real: PostgreSQL hangs up on who is silent, and the next statement says so (SQLSTATE 25P03)."""
    with pytest.raises(AWAY) as told, silent_at_most(0.05), working_in(kettle):
        run_text("SELECT 1")
        with psycopg.connect(**_elsewhere()) as watching:  # until it is gone
            asked = "SELECT count(*) FROM pg_stat_activity WHERE pid = %s"
            pid = connection.connection.info.backend_pid
            while watching.execute(asked, [pid]).fetchone()[0]:
                pass
        run_text("SELECT 1")
    connection.close()

    assert is_passing(told.value)
    assert _went_away(told.value)
    with working_in(kettle):
        assert run_text("SHOW idle_in_transaction_session_timeout") == [("0",)]


def test_another_internal_error_is_an_error_of_ours():
    error = InternalError("in failed transaction")
    error.__cause__ = psycopg.errors.InFailedSqlTransaction("x")

    assert not is_passing(error)
    assert not _went_away(error)


def _elsewhere() -> dict[str, object]:
    known = connection.settings_dict
    return {
        "host": known["HOST"], "port": known["PORT"], "user": known["USER"], "password": known["PASSWORD"],
        "dbname": known["NAME"], "autocommit": True,
    }  # fmt: skip
