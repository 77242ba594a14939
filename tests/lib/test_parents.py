"""A worker dies with its server, however that died."""

import os
import signal
import subprocess
import sys

import pytest

SERVER = """
import os, sys
child = os.fork()
if not child:
    from lib.parents import end_with_parent
    end_with_parent()
    print(os.getpid(), flush=True)
    while True:
        os.read(0, 1)
os.waitpid(child, 0)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the kernel's word is Linux's own")
def test_a_worker_dies_with_its_killed_server():
    with subprocess.Popen(
        [sys.executable, "-c", SERVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        worker = int(server.stdout.readline())
        os.kill(server.pid, signal.SIGKILL)

        assert server.stdout.read() == "", "its end of the pipe closes only when it is dead"
    assert worker
