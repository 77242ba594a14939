"""A process that must not outlive the one that started it."""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def end_with_parent() -> None:
    """Have the kernel kill this process when its parent is gone (Linux only; elsewhere nothing happens).

    For workers of the web server: one whose server was killed would hold port and connections, and nobody would ever
    stop it. A server that ends in order waits for its workers, so this strikes none of these.
    """
    if sys.platform.startswith("linux"):
        parent = os.getppid()
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if parent == 1 and os.getpid() != 1 and os.environ.get("ECRM_INSTANCE"):
            os._exit(1)  # it was gone already; a launcher of ours is never process 1
