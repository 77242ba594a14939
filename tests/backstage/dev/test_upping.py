"""`up` as a whole: what it tells, who may read it, how it ends, and how it survives its own murder."""

import contextlib
import json
import os
import signal
import socket
import stat
import sys
import time
import urllib.request
from pathlib import Path

import pytest
import redis

from tests.backstage.dev.launching import alive, family_of, launched, open_directory, wait_until, what_it_said

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")


@pytest.fixture(scope="module")
def var():
    with open_directory() as directory:
        yield directory / "var"


@pytest.fixture(scope="module")
def busy_port():
    """A port that somebody else has."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        yield taken.getsockname()[1]


def up(var, busy_port):
    return launched(var, "up", ECRM_PORT=str(busy_port), ECRM_DEMO="0")


def is_up(var, launcher):
    assert wait_until(lambda: "eCRM is up" in what_it_said(var) or launcher.poll() is not None, 240)
    return launcher.poll() is None


def is_started_again(var, part, whom=lambda part: part):
    """Kill -9 this part, or another process, and see that another process takes the part's place."""
    file = var / "run" / f"{part}.pid"
    before = json.loads(file.read_text())["pid"]
    os.kill(whom(before), signal.SIGKILL)
    return wait_until(lambda: file.exists() and json.loads(file.read_text())["pid"] != before, 30)


def nest_of(part):
    """The process that it was forked from."""
    return int(Path(f"/proc/{part}/stat").read_text().rpartition(")")[2].split()[1])


def readiness(url):
    try:
        with urllib.request.urlopen(f"{url}/readyz", timeout=5) as answer:  # noqa: S310
            return json.load(answer)["status"]
    except OSError:
        return "away"


def beat_was_heard_of(stack):
    """When the worker's beat last gave a sign of life; 0 when never."""
    with contextlib.suppress(redis.RedisError), redis.Redis.from_url(stack["redis_url"]) as valkey:
        return float(valkey.get("ecrm:pulse:beat") or 0)
    return 0


def test_up_tells_its_address_is_alone_and_survives_a_murder(var, busy_port):
    with up(var, busy_port) as launcher:
        assert is_up(var, launcher), what_it_said(var)
        stack = json.loads((var / "run" / "stack.json").read_text())

        assert stat.S_IMODE((var / "run" / "stack.json").stat().st_mode) == 0o600
        assert list(stack) == ["url", "database_url", "redis_url", "login", "workspaces"]
        assert stack["database_url"].startswith("postgres://ecrm_app:")
        assert f"port {busy_port} is busy" in what_it_said(var)
        assert not stack["url"].endswith(f":{busy_port}")
        with urllib.request.urlopen(f"{stack['url']}/readyz", timeout=5) as answer:  # noqa: S310
            said = json.load(answer)
        assert (said["status"], said["reasons"], len(said["instance"])) == ("ready", [], 16)

        beside = var.with_name("beside")
        beside.symlink_to(var)
        with launched(beside, "up", ECRM_PORT=str(busy_port)) as second:
            assert second.wait(10) == 1
        assert f"already running at {stack['url']}" in what_it_said(beside)

        assert wait_until(lambda: beat_was_heard_of(stack) > 0, 120), what_it_said(var)
        for part in ("valkey", "postgres", "web", "worker"):
            assert is_started_again(var, part), what_it_said(var)
        assert is_started_again(var, "web", nest_of), what_it_said(var)
        killed_at = time.time()
        assert wait_until(lambda: readiness(stack["url"]) == "ready", 30), what_it_said(var)
        assert wait_until(lambda: beat_was_heard_of(stack) > killed_at, 120), what_it_said(var)

        family = family_of(launcher.pid)
        assert len(family) > 7
        os.kill(launcher.pid, signal.SIGKILL)
        launcher.wait()
        assert wait_until(lambda: not alive(family), 150), alive(family)  # a sender ends its slice first


def test_up_works_again_after_it_and_ctrl_c_ends_it_soon(var, busy_port):
    with up(var, busy_port) as launcher:
        assert is_up(var, launcher), what_it_said(var)
        family = family_of(launcher.pid)

        launcher.send_signal(signal.SIGINT)

        assert launcher.wait(60) == 0, what_it_said(var)
        assert wait_until(lambda: not alive(family), 10), alive(family)  # the nest goes after us
        assert not (var / "run" / "stack.json").exists()


def test_reset_takes_the_data_and_asks_nobody_without_a_terminal(var):
    assert (var / "postgres" / "PG_VERSION").exists()

    with launched(var, "reset") as resetting:
        assert resetting.wait(10) == 0, what_it_said(var)

    assert not (var / "postgres").exists()
    assert not (var / "passwords.json").exists()
    assert (var / "secret_key").exists()
