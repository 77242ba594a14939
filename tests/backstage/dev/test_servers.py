"""The throw-away PostgreSQL and Valkey: their roles, their rights, their end."""

import os
import signal
import stat
import sys

import psycopg
import pytest
import redis

from tests.backstage.dev.launching import alive, family_of, launched, open_directory, wait_until, what_it_said

linux_only = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the kernel's own help is Linux'")


def environment(file):
    lines = [line.removeprefix("export ").split("=", 1) for line in file.read_text().splitlines()]
    return dict(lines)


@pytest.fixture(scope="module")
def var():
    """A var directory that PostgreSQL's user may walk to."""
    with open_directory() as directory:
        yield directory / "var"


@pytest.fixture(scope="module")
def servers(var):
    """The running pair's environment."""
    with launched(var, "servers"):
        assert wait_until((var / "run" / "test_env.sh").exists), what_it_said(var)
        yield environment(var / "run" / "test_env.sh")


@pytest.fixture(scope="module")
def owner(servers):
    with psycopg.connect(servers["DATABASE_URL"], autocommit=True) as db:
        yield db


def test_the_passwords_are_for_us_alone(servers, var):
    files = [var / "run" / "test_env.sh", var / "run" / "servers.passwords.json"]

    assert [stat.S_IMODE(file.stat().st_mode) for file in files] == [0o600, 0o600]


def test_the_roles_have_no_more_rights_than_they_need(owner):
    rows = owner.execute(
        "SELECT rolname, rolsuper, rolbypassrls, rolcreatedb, rolcreaterole FROM pg_roles"
        " WHERE rolname LIKE 'ecrm%' ORDER BY 1"
    ).fetchall()

    assert rows == [
        ("ecrm_admin", False, True, True, False),
        ("ecrm_app", False, False, False, False),
        ("ecrm_owner", False, False, True, False),
    ]


def test_the_owner_may_become_the_app_and_not_the_other_way_round(owner, servers):
    asked = "SELECT pg_has_role('ecrm_owner', 'ecrm_app', 'MEMBER'), pg_has_role('ecrm_app', 'ecrm_owner', 'MEMBER')"

    assert owner.execute(asked).fetchone() == (True, False)
    assert servers["ECRM_ASSUME_ROLE"] == "ecrm_app"


def test_a_new_database_has_the_extensions(owner, servers):
    owner.execute("CREATE DATABASE made_by_owner")
    with psycopg.connect(servers["DATABASE_URL"].removesuffix("/ecrm") + "/made_by_owner") as db:
        found = {name for (name,) in db.execute("SELECT extname FROM pg_extension")}

    assert found == {"plpgsql", "pg_trgm", "citext", "btree_gin", "unaccent"}


def test_letters_beyond_ascii_have_two_cases(owner):
    assert owner.execute("SELECT lower('ÄÖÉ'), upper('straße')").fetchone() == ("äöé", "STRASSE".replace("SS", "ß"))


def test_nobody_comes_in_without_a_password(servers):
    with pytest.raises(psycopg.OperationalError, match="no password supplied"):
        psycopg.connect(servers["DATABASE_URL"].replace(servers["DATABASE_URL"].split(":")[2].split("@")[0], ""))
    stranger = redis.Redis.from_url("redis://" + servers["REDIS_URL"].split("@")[1])
    with stranger, pytest.raises(redis.AuthenticationError):
        stranger.ping()


def test_both_answer_on_loopback_only(owner, servers):
    with redis.Redis.from_url(servers["REDIS_URL"], decode_responses=True) as valkey:
        bound = valkey.config_get("bind")

    assert owner.execute("SELECT current_setting('listen_addresses')").fetchone() == ("127.0.0.1",)
    assert bound == {"bind": "127.0.0.1"}


@linux_only
def test_a_killed_launcher_leaves_nothing_behind(var):
    var = var.with_name("killed")
    with launched(var, "servers") as launcher:
        assert wait_until((var / "run" / "test_env.sh").exists), what_it_said(var)
        family = family_of(launcher.pid)
        assert len(family) > 5

        os.kill(launcher.pid, signal.SIGKILL)
        launcher.wait()

        assert wait_until(lambda: not alive(family), 5), alive(family)


def test_ctrl_c_ends_both_and_takes_the_data_away(var):
    var = var.with_name("ended")
    with launched(var, "servers") as launcher:
        assert wait_until((var / "run" / "test_env.sh").exists), what_it_said(var)

        launcher.send_signal(signal.SIGINT)

        assert launcher.wait(5) == 0, what_it_said(var)
        assert not list(var.glob("servers-*"))
        assert not list((var / "run").iterdir())
