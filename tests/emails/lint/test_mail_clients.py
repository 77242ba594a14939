"""tools/mail_clients.py makes support.json of caniemail's data: the newest version of each client, or the one we name."""

import pytest

from tools.mail_clients import CLIENTS, compact

STATS = {
    "gmail": {"desktop-webmail": {"2019-02": "n", "2023-01": "a #1 #6"}},
    "outlook": {
        "windows": {"2016": "n", "2019": "a #4", "2024": "y"},
        "macos": {"2021-10": "n", "16.80": "y"},
    },
    "thunderbird": {"macos": {"78.1": "y"}},
}


@pytest.fixture
def kept() -> dict:
    notes = {"1": "One.", "4": "Four.", "6": "Six.", "9": "Nobody's."}
    return compact({"slug": "css-x", "title": " x ", "stats": STATS, "notes_by_num": notes})


def letter(kept: dict, client: str) -> str:
    return kept["support"][list(CLIENTS).index(client)]


def test_the_newest_version_counts_and_of_outlook_for_windows_that_of_2019(kept):
    clients = ("gmail_web", "outlook_2019", "outlook_mac", "thunderbird", "yahoo")

    assert [letter(kept, one) for one in clients] == ["a", "a", "y", "y", "u"]


def test_only_notes_that_one_of_the_twelve_has_are_kept(kept):
    assert kept["on"] == {"gmail_web": ["1", "6"], "outlook_2019": ["4"]}
    assert kept["notes"] == {"1": "One.", "4": "Four.", "6": "Six."}
    assert kept["title"] == "x"
