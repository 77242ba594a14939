"""PostgreSQL's files of another version, and a port that somebody else has."""

import os
import socket
import stat

import psycopg
import pytest

from backstage.dev import places
from backstage.dev.locks import AlreadyRunningError, only_one
from backstage.dev.passwords import passwords
from backstage.dev.ports import free_port, hold_port, is_free
from backstage.dev.postgres import start_postgres
from backstage.dev.problems import ServerError
from tests.backstage.dev.launching import open_directory


@pytest.fixture
def var(monkeypatch):
    with open_directory() as directory:
        monkeypatch.setenv("ECRM_VAR", str(directory))
        yield places.var_directory()


def test_data_of_an_older_version_is_left_alone_and_named(var):
    data = var / "postgres"
    data.mkdir()
    (data / "PG_VERSION").write_text("13\n")

    with pytest.raises(ServerError) as said:
        start_postgres(var, data, passwords(var / "passwords.json"), port=0)

    assert "was made by PostgreSQL 13" in str(said.value)
    assert "make reset" in str(said.value)
    assert [file.name for file in data.iterdir()] == ["PG_VERSION"]


def test_a_busy_port_gives_way_to_the_next_free_one():
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        taken = busy.getsockname()[1]

        found = free_port(taken)

        assert not is_free(taken)
        assert found > taken
        assert is_free(found)


def shares(port):
    """A server as granian is one: it binds with SO_REUSEPORT."""
    server = socket.socket()
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    server.bind(("127.0.0.1", port))
    server.listen()
    return server


def test_a_held_port_is_nobody_elses_though_nobody_listens_yet():
    with hold_port(free_port()) as first, hold_port(first.getsockname()[1]) as second:
        ports = [one.getsockname()[1] for one in (first, second)]

        assert ports[0] < ports[1]
        assert [is_free(port) for port in ports] == [False, False]


def test_our_own_web_server_listens_on_the_held_port_and_gets_every_request():
    with hold_port(free_port()) as held:
        port = held.getsockname()[1]
        with shares(port) as web:
            for _ in range(20):
                with socket.create_connection(("127.0.0.1", port), timeout=5) as asking:
                    reached, peer = web.accept()
                    reached.close()
                    assert peer == asking.getsockname()
            with hold_port(port) as other:
                assert other.getsockname()[1] > port


def test_a_port_that_a_sharing_server_has_is_not_taken():
    with shares(0) as web, hold_port(web.getsockname()[1]) as held:
        assert held.getsockname()[1] > web.getsockname()[1]


def test_where_no_port_is_free_it_says_so():
    with hold_port(free_port()) as held:
        port = held.getsockname()[1]
        with pytest.raises(ServerError, match=f"No port from {port} to {port} is free. Choose another one"):
            hold_port(port, tries=1)


def test_the_second_launcher_hears_where_the_first_one_answers(var):
    with only_one(var) as note:
        note("http://127.0.0.1:8123")

        with (
            pytest.raises(AlreadyRunningError, match=f"at http://127.0.0.1:8123 .process {os.getpid()}"),
            only_one(var),
        ):
            pass


def test_the_lock_is_free_again_afterwards(var):
    with only_one(var):
        pass
    with only_one(var):
        pass


def test_passwords_are_made_once_and_kept_private(var):
    file = var / "passwords.json"

    first = passwords(file)

    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert passwords(file) == first
    assert len(set(first.values())) == len(first) == 5


def test_a_socket_has_a_short_path_and_one_owner(tmp_path):
    deep = tmp_path / ("d" * 90) / "postgres"

    directory = places.socket_directory(deep, places.Runner())

    assert len(str(directory / ".s.PGSQL.54321.lock")) < 107
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    directory.rmdir()


def test_data_moves_out_of_a_directory_that_postgres_cannot_enter(tmp_path, monkeypatch):
    hidden = tmp_path / "hidden" / "var"
    hidden.mkdir(parents=True)
    hidden.parent.chmod(0o700)
    monkeypatch.setattr(places, "runner", lambda: places.Runner(uid=65534, gid=65534))
    made = []
    monkeypatch.setattr(places.Path, "mkdir", lambda self, **_: made.append(self))

    home = places.data_home(hidden)

    assert str(home) == f"/var/lib/ecrm-{places.fingerprint(hidden)}"
    assert made == [home]


def test_a_server_is_tuned_before_our_own_settings(var):
    server = start_postgres(
        var,
        var / "tuned",
        passwords(var / "passwords.json"),
        port=0,
        throw_away=True,
        tuning={"shared_buffers": "24MB"},
    )
    try:
        with psycopg.connect(server.url("ecrm_app")) as db:
            found = [db.execute(f"SHOW {name}").fetchone()[0] for name in ("shared_buffers", "fsync", "work_mem")]
    finally:
        server.stop()

    assert found == ["24MB", "off", "16MB"]
