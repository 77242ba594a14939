"""A worker that dies while it asks a network by way of asking.py."""

import pytest

from conversations.answers import handing_over
from social.networks import asking
from tests.social.test_mastodon_answers import Killed

__all__ = ["Killed", "kill_asking"]


@pytest.fixture
def kill_asking(monkeypatch):
    """Arm it: the next worker dies at its nth request, before or after the server has it, or (0) before its own commit."""
    real_fetch, real_note, armed = asking.safe_fetch, handing_over.note_sent, {}

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

    monkeypatch.setattr(asking, "safe_fetch", fetch)
    monkeypatch.setattr(handing_over, "note_sent", note)
    return lambda at, before: armed.update(at=at or 99, before=before, last=at == 0)
