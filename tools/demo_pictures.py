"""Draw the demo's pictures: `python -m tools.demo_pictures` writes a PNG beside each SVG of backstage/demo/pictures.

Needed once after a drawing has changed; the PNGs are kept, so that the demo asks for no browser.
"""

import os
import re
from pathlib import Path

from playwright.sync_api import sync_playwright

from backstage.demo.brand import FOLDER
from backstage.dev.testing import find_browser
from emails.remaking import remake_picture

PAGE = "<!doctype html><style>body{{margin:0}}svg{{display:block;width:{width}px;height:{height}px}}</style>{svg}"


def main() -> None:
    """A PNG for each drawing, with nothing behind it where nothing is drawn."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("ECRM_CHROMIUM") or find_browser(), args=["--no-sandbox"]
        )
        page = browser.new_page()
        for drawing in sorted(FOLDER.glob("*.svg")):
            svg = drawing.read_text()
            width, height = size_of(svg)
            page.set_viewport_size({"width": width, "height": height})
            page.set_content(PAGE.format(width=width, height=height, svg=svg))
            made = remake_picture(page.screenshot(omit_background=True))
            Path(drawing.with_suffix(".png")).write_bytes(made.data)
        browser.close()


def size_of(svg: str) -> tuple[int, int]:
    """Width and height of a drawing."""
    found = re.search(r'viewBox="0 0 (\d+) (\d+)"', svg)
    if found is None:
        raise ValueError("a drawing without a viewBox")
    return int(found[1]), int(found[2])


if __name__ == "__main__":
    main()
