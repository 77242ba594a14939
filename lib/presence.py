"""Who still lives on this host: whoever holds leases also holds a lock on a file of its own.

The kernel lets go of the lock however the process ends, kill -9 included, and never before: so the others know at once
that a lease's holder is dead, and never take a stopped or a slow process for a dead one. It works across containers
that share the folder, where process numbers mean nothing.
"""

import fcntl
import os
import secrets
import threading
import time
from contextlib import suppress
from pathlib import Path

from django.conf import settings

FORGET_AFTER_SECONDS = 3_600  # no lease is older: what a dead process held has long been given back
_lock = threading.Lock()
_own: dict[Path, tuple[str, int]] = {}  # folder → this process's name and the handle of its locked file


def host_id() -> str:
    """The name of this host's folder: processes that share it can see each other's locks and journals."""
    path = _folder() / "host_id"
    if not path.exists():
        own = _folder() / f"host_id.{secrets.token_hex(8)}"  # each thread's own: several begin at once
        try:
            own.write_text(secrets.token_hex(8))
            with suppress(FileExistsError):
                os.link(own, path)
        finally:  # a full disk leaves an empty one
            own.unlink(missing_ok=True)
    return path.read_text()


def own_name() -> str:
    """This process's name, `<host>.<process>`: for leases. It is known to live from here on until it ends."""
    folder = _folder()
    with _lock:
        if folder not in _own:
            name = secrets.token_hex(8)
            draft = folder / f"{name}.new"
            file = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)  # open until we end
            fcntl.flock(file, fcntl.LOCK_EX)
            draft.rename(folder / f"{name}.alive")  # only now do others look at it: locked, or dead
            _own[folder] = (name, file)
        return f"{host_id()}.{_own[folder][0]}"


def gone_names() -> list[str]:
    """The names of this host's processes that have ended, of the last hour. May be asked as often as one likes."""
    folder, host = _folder(), host_id()
    for path in folder.glob("*.alive"):
        if _is_free(path):
            ended = path.with_suffix(".gone")
            with suppress(FileNotFoundError):
                path.rename(ended)
                os.utime(ended)
    names = []
    for path in folder.glob("*.gone"):
        with suppress(FileNotFoundError):
            if time.time() - path.stat().st_mtime > FORGET_AFTER_SECONDS:
                path.unlink()
            else:
                names.append(f"{host}.{path.stem}")
    return names


def is_of_this_host(name: str) -> bool:
    """Whether the process of this name shares our folder, and so our journals."""
    return name.partition(".")[0] == host_id()


def _folder() -> Path:
    path = Path(settings.VAR_DIR) / "journal"  # beside the journals: the volume that outlives containers
    path.mkdir(parents=True, exist_ok=True)
    return path


def _is_free(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:  # somebody holds it, or has just taken the file away
        return False
    return True


def _forget_the_parents() -> None:
    """A forked child is somebody else; closing the file here leaves the parent's lock alone."""
    global _lock  # noqa: PLW0603 - another thread may have held it at the fork
    _lock = threading.Lock()
    for _name, file in _own.values():
        os.close(file)
    _own.clear()


os.register_at_fork(after_in_child=_forget_the_parents)
