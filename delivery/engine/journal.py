"""The journal of a lease: a small mapped file with a byte for each person of the chunk. It survives SIGKILL.

Before the first byte of a body leaves, its slot says "about"; when the server has answered, what it answered. Who
takes over an expired lease first poisons the file, then reads it; the owner marks first, then looks for poison: so
a sleeper that wakes up late hands over nothing.

Its bytes are reserved on the disk when it is made: to write into a mapped page for which a full disk has no room kills
the process (SIGBUS).
"""

import errno
import mmap
import os
from pathlib import Path

from django.conf import settings

UNTOUCHED, ABOUT, ACCEPTED, REFUSED, LATER = 0, 1, 2, 3, 4
MARKS = {"untouched": UNTOUCHED, "about": ABOUT, "accepted": ACCEPTED, "refused": REFUSED, "later": LATER}


class NoJournalError(OSError):
    """A journal cannot be made, mostly because the disk is full: nothing may be sent under this lease."""

    @property
    def is_for_room(self) -> bool:
        """Whether it is room on the disk that is missing."""
        return self.errno in {errno.ENOSPC, errno.EDQUOT}


def journal_dir() -> Path:
    """Where journals lie; a volume that outlives containers."""
    path = Path(settings.VAR_DIR) / "journal"
    path.mkdir(parents=True, exist_ok=True)
    return path


class Journal:
    """The file of one lease: byte 0 is the poison, then one byte a slot."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with path.open("r+b") as file:
            self.map = mmap.mmap(file.fileno(), 0)

    @classmethod
    def create(cls, workspace_id: int, chunk_id: int, epoch: int, slots: int) -> "Journal":
        """A new journal, all slots untouched, that no full disk can fail any more. NoJournalError, and none is left."""
        try:
            path = journal_path(workspace_id, chunk_id, epoch)
            _reserve(path, slots + 1)
            return cls(path)
        except OSError as error:
            raise NoJournalError(error.errno, error.strerror, error.filename) from error

    def mark(self, slot: int, name: str) -> None:
        """Write down what is true of a slot now."""
        self.map[slot + 1] = MARKS[name]

    @property
    def is_poisoned(self) -> bool:
        """Somebody else took the lease over."""
        return self.map[0] != 0

    def poison(self) -> None:
        """Take the journal from its owner."""
        self.map[0] = 1

    def marks(self) -> bytes:
        """The byte of each slot."""
        return bytes(self.map[1:])

    def close(self, *, forget: bool) -> None:
        """Close it; `forget` deletes the file, once the database knows all it says."""
        self.map.close()
        if forget:
            self.path.unlink(missing_ok=True)


def journal_path(workspace_id: int, chunk_id: int, epoch: int) -> Path:
    """The file of a lease."""
    return journal_dir() / f"{workspace_id}-{chunk_id}-{epoch}.journal"


def _reserve(path: Path, size: int) -> None:
    """A file of so many zeros whose room on the disk is taken. OSError, and the file is gone."""
    with path.open("wb") as file:
        try:
            file.write(bytes(size))
            file.flush()
            if hasattr(os, "posix_fallocate"):  # a file system may put off where what was written shall lie
                os.posix_fallocate(file.fileno(), 0, size)
        except OSError as error:
            if error.errno in {errno.EOPNOTSUPP, errno.EINVAL}:  # of file systems that cannot: it is written
                return
            path.unlink(missing_ok=True)
            raise
