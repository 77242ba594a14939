"""Which browser the tests and the pictures are made with."""

import pytest

from backstage.dev.testing import find_browser


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """`installed("chromium", …)`: a PATH with these programs alone, and nothing that Playwright has fetched."""
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path / "fetched"))
    (tmp_path / "bin").mkdir()

    def install(*names: str) -> None:
        for name in names:
            program = tmp_path / "bin" / name
            program.parent.mkdir(parents=True, exist_ok=True)
            program.touch(mode=0o755)

    return install


def test_the_one_without_a_window_is_taken_first(installed):
    installed("chromium", "chromium-headless-shell")

    assert find_browser().endswith("/bin/chromium-headless-shell")


def test_any_will_do(installed):
    installed("google-chrome")

    assert find_browser().endswith("/bin/google-chrome")


def test_what_playwright_has_fetched_counts(installed):
    installed(
        "../fetched/chromium-1200/chrome-linux64/chrome",
        "../fetched/chromium_headless_shell-1200/chrome-headless-shell-linux64/chrome-headless-shell",
    )

    assert find_browser().endswith("/chrome-headless-shell")


def test_none_is_said(installed):
    assert find_browser() is None
