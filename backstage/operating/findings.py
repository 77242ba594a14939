"""What an inspection found."""

from dataclasses import asdict, dataclass
from enum import StrEnum


class Level(StrEnum):
    """How bad it is: red ends `doctor` with exit code 1."""

    OK = "ok"
    WARNING = "warning"
    RED = "red"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at: how it stands, and what to do when it stands badly."""

    name: str
    level: Level
    says: str
    remedy: str = ""

    def as_row(self) -> dict[str, str]:
        return {key: str(value) for key, value in asdict(self).items()}


def good(name: str, says: str) -> Finding:
    return Finding(name, Level.OK, says)


def warn(name: str, says: str, remedy: str) -> Finding:
    return Finding(name, Level.WARNING, says, remedy)


def bad(name: str, says: str, remedy: str) -> Finding:
    return Finding(name, Level.RED, says, remedy)
