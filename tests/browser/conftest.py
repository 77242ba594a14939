"""Pages in a real browser: at a width, in a theme, watched for errors and refusals of the security policy.

    def test_contacts_look_right(page_at, kettle, axe_clean):
        page = page_at(390, "dark", path="/w/kettle/contacts/")
        axe_clean(page)

A page that logs an error, throws, loads something missing or breaks the policy fails its test; a test that expects
such a thing takes it out of `problems`.
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.signals import request_finished, request_started
from django.test import Client

from tests.backstage.dev.launching import wait_until

pytest.importorskip("playwright", reason="the browser group is not installed: the browser tests were SKIPPED")
axe_module = pytest.importorskip("axe_playwright_python")
pytest.importorskip("playwright.sync_api").expect.set_options(timeout=30_000)  # as long as Playwright waits elsewhere

ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
AXE = Path(axe_module.__file__).parent / "axe.min.js"


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """The chromium that the launcher found, else Playwright's own."""
    found = os.environ.get("ECRM_CHROMIUM")
    return {"args": ARGS} | ({"executable_path": found} if found else {})


@pytest.fixture
def problems() -> list[str]:
    """What the pages of this test complained about."""
    return []


@pytest.fixture
def page_at(
    browser: Any, live_server: Any, problems: list[str], request: pytest.FixtureRequest
) -> Iterator[Callable[..., Any]]:
    """`page_at(width, theme, path=…, user=…, javascript=True, zone=…)`: Ada is signed in unless `user` is None."""
    contexts: list[Any] = []

    def open_page(
        width: int = 1440,
        theme: str = "light",
        *,
        path: str = "",
        user: Any = "ada",
        javascript: bool = True,
        zone: str = "UTC",
    ) -> Any:
        context = browser.new_context(
            base_url=live_server.url,
            viewport={"width": width, "height": 900 if width > 500 else 844},
            color_scheme=theme,
            java_script_enabled=javascript,
            reduced_motion="reduce",
            timezone_id=zone,
        )
        contexts.append(context)
        if user is not None:
            client = Client()
            client.force_login(request.getfixturevalue(user) if isinstance(user, str) else user)
            cookie = client.cookies["sessionid"].value
            context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
        page = context.new_page()
        page.on("console", lambda line: problems.append(f"console: {line.text}") if line.type == "error" else None)
        page.on("pageerror", lambda error: problems.append(f"script: {error}"))
        page.on("response", lambda one: problems.append(f"{one.status} {one.url}") if one.status >= 400 else None)
        if path:
            page.goto(path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert problems == []


@pytest.fixture
def settled(live_server: Any) -> Iterator[None]:
    """The last poll of a page has its answer before the tables are emptied."""
    begun, ended = [], []

    def begin(**_: Any) -> None:
        begun.append(1)

    def end(**_: Any) -> None:
        ended.append(1)

    request_started.connect(begin)
    request_finished.connect(end)
    yield
    assert wait_until(lambda: len(ended) >= len(begun))
    request_started.disconnect(begin)
    request_finished.disconnect(end)


@pytest.fixture
def axe_clean() -> Callable[[Any], None]:
    """Fails with a readable list when axe finds anything, or when the page is wider than its window."""

    def check(page: Any) -> None:
        page.evaluate(AXE.read_text() + ";0")
        found = page.evaluate(
            "rules => axe.run(document, {preload: false, runOnly: rules}).then(all => all.violations.flatMap("
            "rule => rule.nodes.map(node => rule.id + ' ' + node.target.join(' ') + ' ' + node.failureSummary)))",
            RULES,
        )
        assert found == []
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, "the page scrolls sideways"

    return check
