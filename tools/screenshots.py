"""Take the README's pictures from a running stack: `python -m tools.screenshots [name …]`.

Reads var/run/stack.json, signs in, and writes docs/shots/<name>-<width>[-dark].png. A page that answers with an
error is named at the end, and the exit code is 1.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any, Literal

from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, sync_playwright

from backstage.dev.testing import find_browser

ROOT = Path(__file__).resolve().parent.parent
SHOTS = ROOT / "docs" / "shots"
ARGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
# name → where it begins in the workspace, and the link in the list that leads to the page itself
PAGES: dict[str, tuple[str, str]] = {
    "home": ("", ""),
    "contacts": ("contacts/", ""),
    "contact": ("contacts/?sort=heat", "main tbody a[href*='/contacts/']"),
    "segments": ("segments/", ""),
    "segment": ("segments/", "main a[href*='/segments/']"),
    "inbox": ("inbox/", ""),
    "programmes": ("programmes/", ""),
    "programme": ("programmes/", "main a[href*='/programmes/']:has-text('Second pot')"),
    "campaigns": ("campaigns/", ""),
    "calendar": ("campaigns/calendar/", ""),
    "library": ("emails/library/", ""),
    "campaign": ("campaigns/?state=sent", "main tbody a[href*='/campaigns/']"),
    "set-up": ("campaigns/", "main tbody a:has-text('Advent, second list')"),
    "engagement": ("engagement/", ""),
    "settings": ("settings/", ""),
    "metrics": ("metrics-explained/", ""),
}
type Theme = Literal["light", "dark"]
LOOKS: tuple[tuple[int, Theme], ...] = ((1440, "light"), (1440, "dark"), (390, "light"))


def main() -> int:
    stack = json.loads((Path(os.environ.get("ECRM_VAR", ROOT / "var")) / "run" / "stack.json").read_text())
    wanted = sys.argv[1:] or list(PAGES)
    SHOTS.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("ECRM_CHROMIUM") or find_browser(), args=ARGS
        )
        failed = take_all(browser, stack, wanted)
        browser.close()
    for name in failed:
        sys.stdout.write(f"not taken: {name}\n")
    return 1 if failed else 0


def take_all(browser: Browser, stack: dict[str, Any], wanted: list[str]) -> list[str]:
    """Take every wanted page in every look; the names of those that could not be taken."""
    state = sign_in(browser.new_context(base_url=stack["url"]), stack["login"])
    inside = f"/w/{stack['workspaces'][0]['slug']}/"
    failed = []
    for width, theme in LOOKS:
        viewport = ViewportSize(width=width, height=900 if width > 500 else 844)
        context = browser.new_context(
            base_url=stack["url"], storage_state=state, viewport=viewport, color_scheme=theme
        )  # fmt: skip
        for name in wanted:
            suffix = "-dark" if theme == "dark" else ""
            if not take(context.new_page(), inside, name, SHOTS / f"{name}-{width}{suffix}.png"):
                failed.append(f"{name} at {width} {theme}")
        context.close()
    return failed


def sign_in(context: BrowserContext, login: dict[str, str]) -> Any:
    """The cookies of somebody who is signed in."""
    page = context.new_page()
    page.goto("/accounts/login/")
    page.fill("[name=login]", login["email"])
    page.fill("[name=password]", login["password"])
    page.locator("form:has([name=password]) button[type=submit]").click()
    page.wait_for_url(lambda url: "/accounts/login" not in url)
    return context.storage_state()


def take(page: Page, inside: str, name: str, target: Path) -> bool:
    """One picture; False when the page cannot be reached."""
    path, link = PAGES[name]
    answer = page.goto(inside + path)
    if link and page.locator(link).count():
        with page.expect_navigation() as moved:
            page.locator(link).first.click()
        answer = moved.value
    if answer is None or not answer.ok:
        page.close()
        return False
    page.evaluate("document.fonts.ready")
    page.screenshot(path=target, full_page=name != "inbox", animations="disabled")
    with Image.open(target) as picture:
        picture.convert("RGB").quantize(256, dither=Image.Dither.NONE).save(target, optimize=True)
    page.close()
    return True


if __name__ == "__main__":
    sys.exit(main())
