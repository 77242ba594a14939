"""A worker that dies while it asks a network."""

from collections.abc import Callable
from types import ModuleType

import pytest

from conversations.answers import handing_over
from social.networks import asking


class Killed(BaseException):
    """The process ends here: nothing behind it happens, nothing before it is undone."""


def arm_killing(monkeypatch: pytest.MonkeyPatch, asks: ModuleType) -> Callable[..., None]:
    """(n, before=…): the next worker dies at its nth request by `asks`.safe_fetch, before or after the server has it, or (0)
    before its own commit.
    """
    real_fetch, real_note, armed = asks.safe_fetch, handing_over.note_sent, {}

    def fetch(*args, **facts):
        armed["at"] = armed.get("at", 99) - 1
        if armed["at"] == 0 and armed["before"]:
            raise Killed
        found = real_fetch(*args, **facts)
        if armed["at"] == 0:
            raise Killed
        return found

    def note(*args):
        if armed.pop("last", False):
            raise Killed
        real_note(*args)

    monkeypatch.setattr(asks, "safe_fetch", fetch)
    monkeypatch.setattr(handing_over, "note_sent", note)
    return lambda at, before: armed.update(at=at or 99, before=before, last=at == 0)


@pytest.fixture
def kill_asking(monkeypatch):
    """Arm it, for networks that ask by way of asking.py."""
    return arm_killing(monkeypatch, asking)
