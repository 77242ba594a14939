"""One launcher a checkout."""

import contextlib
import fcntl
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path


class AlreadyRunningError(RuntimeError):
    """Another launcher holds the lock; the text says where its product answers."""


@contextlib.contextmanager
def only_one(var: Path) -> Iterator[Callable[[str], None]]:
    """Hold var/lock for the block; the function it yields notes the address for those who come too late.

    The kernel gives the lock back when we die, however we die. Raises AlreadyRunningError.
    """
    with (var / "lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise AlreadyRunningError(_said(file.name)) from None

        def note(url: str) -> None:
            file.seek(0)
            file.truncate()
            file.write(json.dumps({"pid": os.getpid(), "url": url}))
            file.flush()

        note("")
        yield note
        file.truncate(0)


def _said(path: str) -> str:
    try:
        known = json.loads(Path(path).read_text())
    except (OSError, ValueError):
        known = {}
    where = f"at {known['url']}" if known.get("url") else "and is still starting"
    return f"already running {where} (process {known.get('pid', 'unknown')}); Ctrl-C there ends it"
