"""Parts that end by themselves are started again, and not for ever: real processes, a clock of our own."""

import json
import os
import signal
import sys

import pytest

from backstage.dev.children import Child
from backstage.dev.problems import ServerError
from backstage.dev.supervising import Supervisor, how_it_ended
from tests.backstage.dev.launching import alive, family_of, wait_until

SLEEPER = "import time; time.sleep(600)"
FAMILY = f"import subprocess, sys; subprocess.run([sys.executable, '-c', '{SLEEPER}'])"
FAILING = "print('cannot open the door'); raise SystemExit(3)"


class World:
    """A supervisor of one part, what it said, and its clock."""

    def __init__(self, code, tmp_path):
        self.said, self.now, self.code, self.log = [], 0.0, code, tmp_path / "part.log"
        self.supervisor = Supervisor(self.said.append, lambda: self.now)
        self.supervisor.add(self.start(), self.start)
        self.part = self.supervisor.parts[0]

    def start(self):
        return Child("part", [sys.executable, "-c", self.code], log=self.log)

    def ends(self, sign=None):
        """Wait until the part has ended, by a signal or by itself."""
        if sign:
            os.kill(self.part.child.process.pid, sign)
        self.part.child.process.wait(20)


@pytest.fixture
def world(tmp_path):
    made = []

    def make(code=SLEEPER):
        made.append(World(code, tmp_path))
        return made[0]

    yield make
    made[0].part.child.stop()


def test_a_living_part_is_left_alone(world):
    one = world()
    before = one.part.child.process.pid

    assert one.supervisor.look() == ""
    assert one.part.child.process.pid == before
    assert one.said == []


def test_a_killed_part_is_started_again(world):
    one = world()
    one.ends(signal.SIGKILL)

    assert one.supervisor.look() == ""
    assert one.part.child.is_alive()
    assert one.said == ["part ended by itself (killed by SIGKILL): starting it again (1 of 3 a minute)"]


def test_the_fourth_time_within_a_minute_it_says_why(world):
    one = world(FAILING)
    for _ in range(3):
        one.ends()
        assert one.supervisor.look() == ""
        one.now += 19
    one.ends()

    assert one.supervisor.look() == (
        "part ended by itself (exit code 3) for the 4th time within a minute. Its last words:\n"
        + "\n".join(["cannot open the door"] * 4)
    )
    assert len(one.said) == 3


def test_one_that_ends_now_and_then_is_always_started_again(world):
    one = world()
    for _ in range(6):
        one.ends(signal.SIGKILL)
        assert one.supervisor.look() == ""
        one.now += 21
    assert one.part.child.is_alive()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_what_it_started_does_not_live_on_beside_its_successor(world):
    one = world(FAMILY)
    assert wait_until(lambda: len(family_of(one.part.child.process.pid)) == 2)
    family = family_of(one.part.child.process.pid)
    one.ends(signal.SIGKILL)

    one.supervisor.look()

    assert wait_until(lambda: not alive(family))


def test_one_that_cannot_be_started_again_says_so(world):
    one = world()

    def refuse():
        raise ServerError("the disk is full")

    one.part.start = refuse
    one.ends(signal.SIGKILL)

    assert one.supervisor.look() == (
        "part ended by itself (killed by SIGKILL) and cannot be started again: the disk is full"
    )


def test_an_end_is_told_in_words():
    assert [how_it_ended(code) for code in (0, 3, -9, -199)] == [
        "exit code 0", "exit code 3", "killed by SIGKILL", "killed by signal 199",
    ]  # fmt: skip


def test_who_reads_of_a_child_reads_all_or_what_stood_before(tmp_path):
    """A launcher that dies while it writes leaves no empty file, by which nobody would end its child."""
    file = tmp_path / "sleeper.pid"
    file.write_text("what stood before")
    with file.open() as before:
        child = Child("sleeper", [sys.executable, "-c", SLEEPER], pid_file=file, log=tmp_path / "log")
        try:
            assert before.read() == "what stood before"
            assert json.loads(file.read_text())["pid"] == child.process.pid
        finally:
            child.stop()
