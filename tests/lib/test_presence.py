"""Who still lives on this host."""

import os

from lib import presence


def test_two_threads_that_ask_for_the_first_time_at_once_find_one_name(settings, tmp_path, monkeypatch):
    """The other one does all of it while the first is in the middle."""
    settings.VAR_DIR = tmp_path
    link, found = os.link, []

    def link_late(*paths):
        monkeypatch.setattr(os, "link", link)
        found.append(presence.host_id())
        link(*paths)

    monkeypatch.setattr(os, "link", link_late)

    assert [presence.host_id()] == found
    assert [one.name for one in (tmp_path / "journal").iterdir()] == ["host_id"]
