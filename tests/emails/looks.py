"""Brand kits for tests: the usual look, a serif one on cream, a dark one; and what can be read in an email."""

from html.parser import HTMLParser

import tinycss2

from emails.lint.pages import VOID
from emails.palette import contrast

SOCIAL = [{"name": "Mastodon", "url": "https://m.example/@k"}, {"name": "Journal", "url": "https://kettle.example/j"}]
KITS = {
    "usual": {},
    "serif": {
        "heading_font": "georgia", "text_font": "verdana", "ink": "#1d2a24", "accent": "#9e532b", "paper": "#fdfbf6",
        "soft": "#f2eee3", "around": "#efeade", "social": SOCIAL,
    },
    "dark": {
        "heading_font": "trebuchet", "text_font": "arial", "ink": "#eceff4", "accent": "#f2a65a", "paper": "#1c1f2b",
        "soft": "#262a38", "around": "#14161f", "corner": 12, "social": SOCIAL,
    },
}  # fmt: skip


class _Painter(HTMLParser):
    """Words with the colour they have and the ground they stand on, by the styles of the elements alone."""

    def __init__(self) -> None:
        super().__init__()
        self.stack = [("", "#000000", "#ffffff", False)]
        self.seen: list[tuple[str, float]] = []

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        _tag, ink, ground, hidden = self.stack[-1]
        for one in tinycss2.parse_blocks_contents(given.get("style") or ""):
            if one.type == "declaration":
                value = tinycss2.serialize(one.value).strip().lower()
                ink = value if one.lower_name == "color" else ink
                ground = value if one.lower_name in {"background", "background-color"} and value[0] == "#" else ground
                hidden = hidden or (one.lower_name, value) == ("display", "none")
        if tag not in VOID:
            self.stack.append((tag, ink, ground, hidden or tag in {"style", "title"}))

    def handle_endtag(self, tag):
        while len(self.stack) > 1 and self.stack.pop()[0] != tag:
            pass

    def handle_data(self, data):
        _tag, ink, ground, hidden = self.stack[-1]
        if data.strip() and not hidden:
            self.seen.append((data.strip(), contrast(ink, ground)))


def hard_to_read(html: str) -> list[tuple[str, float]]:
    """Words whose contrast is less than 4.5, with it. At least some words must have been looked at."""
    painter = _Painter()
    painter.feed(html)
    assert len(painter.seen) > 3
    return [one for one in painter.seen if one[1] < 4.5]
