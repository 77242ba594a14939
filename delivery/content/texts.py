"""The plain-text part, written from the email's own markup: for those who read without HTML, and for ears."""

import re
from html.parser import HTMLParser

BLOCKS = {"p", "div", "tr", "table", "h1", "h2", "h3", "h4", "ul", "ol", "blockquote", "section", "article", "hr"}
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
UNSEEN = {"style", "script", "head", "title"}
SPACES = re.compile(r"[ \t\r\n]+")
MANY_LINES = re.compile(r"\n{3,}")


class _Writer(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.unseen = 0
        self.href = ""
        self.label_from = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if self.unseen or tag in UNSEEN or "data-unseen" in given:
            self.unseen += tag not in VOID
        elif tag == "br":
            self.parts.append("\n")
        elif tag == "li":
            self.parts.append("\n- ")
        elif tag in BLOCKS:
            self.parts.append("\n\n")
        elif tag == "a":
            self.href, self.label_from = given.get("href", ""), len(self.parts)
        elif tag == "img":
            self.parts.append(given.get("alt", ""))

    def handle_endtag(self, tag: str) -> None:
        if self.unseen:
            self.unseen -= tag not in VOID
            return
        if tag in BLOCKS:
            self.parts.append("\n\n")
        elif tag == "a" and self.href:
            label = "".join(self.parts[self.label_from :]).strip()
            if self.href not in {label, f"mailto:{label}"}:
                self.parts.append(f": {self.href}" if label else self.href)
            self.href = ""

    def handle_data(self, data: str) -> None:
        if not self.unseen:
            self.parts.append(SPACES.sub(" ", data))


def write_text(html: str) -> str:
    """The markup as text: paragraphs apart, links with their address behind their words."""
    writer = _Writer()
    writer.feed(html)
    writer.close()
    lines = [line.strip() for line in "".join(writer.parts).split("\n")]
    return MANY_LINES.sub("\n\n", "\n".join(lines)).strip() + "\n"
