"""What a process and its children hold, as the kernel counts it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bench.resting import family_of, pss_of
from tests.backstage.dev.launching import wait_until

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")


def test_a_family_is_a_process_and_all_that_it_started():
    with subprocess.Popen(["sh", "-c", "sleep 60 & wait"], start_new_session=True) as shell:
        children = Path(f"/proc/{shell.pid}/task/{shell.pid}/children")
        assert wait_until(lambda: children.read_text().split())
        begun = children.read_text().split()
        found = family_of(shell.pid)
        os.killpg(shell.pid, 9)

    assert found == [shell.pid, int(begun[0])]


def test_a_process_that_ended_holds_nothing():
    with subprocess.Popen(["true"]) as gone:
        gone.wait()

    assert pss_of(gone.pid) == 0
    assert pss_of(os.getpid()) > 10
