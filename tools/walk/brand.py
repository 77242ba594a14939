"""A picture by the API, a brand kit by its page: what is uploaded is shown to everybody, and the look is kept."""

import io
from urllib.parse import urlsplit

import httpx
from PIL import Image

from tools.walk.stack import Browser, Stack
from tools.walk.table import Table


def walk_brand(stack: Stack, browser: Browser, table: Table) -> None:
    """Uploaded twice as one, seen without a login, put into the kit, and then no longer to be removed."""
    table.title("A picture, and how emails look")
    file, head = io.BytesIO(), {"Authorization": f"Bearer {stack.api_key}"}
    Image.new("RGB", (1600, 400), "#a1532e").save(file, "WEBP")
    with httpx.Client(base_url=f"{stack.url}/api/v1/", headers=head, timeout=30, trust_env=False) as api:
        sent = [
            api.post("pictures", files={"file": ("pot.webp", file.getvalue())}, data={"alt": "A pot"}) for _ in range(2)
        ]
        made = sent[0].json()
        table.check("uploaded twice, answered alike", [201, 201], [one.status_code for one in sent])
        table.check("as one, ready for Outlook", (1, 1200), (len({one.json()["id"] for one in sent}), made["width"]))
        shown = httpx.get(made["url"], trust_env=False)
        table.check(
            "everybody sees it", (200, made["content_type"]), (shown.status_code, shown.headers["content-type"])
        )
        drawing = api.post("pictures", files={"file": ("a.svg", b"<svg/>")})
        table.check("an SVG is refused in words", (422, True), (drawing.status_code, "PNG" in drawing.json()["detail"]))
        said = {
            "logo": made["id"], "dark_logo": "", "ink": "#17251D", "accent": "a1532e", "paper": "#fdfaf4",
            "soft": "#f3eee3", "around": "#e5ece2", "heading_font": "georgia", "text_font": "verdana", "corner": 4,
            "social_name": "Journal", "social_url": "https://kettle.example/journal",
        }  # fmt: skip
        page = browser.post("emails/brand-kit/", said)
        table.check("the kit is saved by its page", True, "Drafts have the new look" in page.text)
        kit = api.get("brand-kit").json()
        table.check("and the API says the same", ("#a1532e", made["id"]), (kit["accent"], kit["logo"]))
        sample = browser.get("emails/brand-kit/preview/").text
        table.check("a sample email shows the logo", True, urlsplit(made["url"]).path in sample)
        table.check("a logo is not removed", 409, api.delete(f"pictures/{made['id']}").status_code)
