"""An email's HTML as the lint sees it: elements, style sheets, links, pictures, each with the block it stems from."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
BLOCK = re.compile(r"\s*(/?)b:(\w{1,20})\s*")
FOR_WORD = re.compile(r"\[if\b[^\]]*\bmso\b", re.IGNORECASE)
NOT_FOR_WORD = re.compile(r"\[if\s*!mso\b", re.IGNORECASE)
SPACES = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Element:
    """`has_twin`: Outlook for Windows gets a table of its own around it. `word_sees`: Outlook sees it at all."""

    tag: str
    attributes: dict[str, str]
    block: str = ""
    has_twin: bool = False
    word_sees: bool = True


@dataclass(frozen=True, slots=True)
class Sheet:
    """What stands in a <style>; `media` is its attribute."""

    css: str
    media: str = ""
    block: str = ""


@dataclass(slots=True)
class Anchor:
    """A link: where it leads, and what can be read or heard of it. `is_ours`: it stands in the foot that we write."""

    target: str
    text: str = ""
    block: str = ""
    is_ours: bool = False


@dataclass(slots=True)
class Page:
    """What was read."""

    elements: list[Element] = field(default_factory=list)
    sheets: list[Sheet] = field(default_factory=list)
    links: list[Anchor] = field(default_factory=list)
    doctype: str = ""


def read_page(html: str) -> Page:
    """The page, whatever its markup is like: what is broken is read as a browser's first pass would."""
    reader = _Reader()
    reader.feed(_closed(html))
    reader.close()
    return reader.page


def _closed(html: str) -> str:
    """The markup up to where a comment or a tag is never closed: the parser would look for its end again and again."""
    html = html.replace("<![CDATA[", "")
    for opens, closes in (("<!--", "-->"), ("<", ">")):
        if (at := html.find(opens, html.rfind(closes) + 1)) >= 0:
            html = html[:at]
    return html


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.page = Page()
        self.block = ""
        self.has_twin = False
        self.word_sees = True
        self.link: Anchor | None = None
        self.style: dict[str, str] | None = None
        self.css: list[str] = []
        self.foot = self.unseen = 0  # how deep inside

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in reversed(attrs)}
        self.page.elements.append(Element(tag, given, self.block, self.has_twin, self.word_sees))
        self.has_twin = False
        if tag == "style":
            self.style, self.css = given, []
        if tag == "a" and "href" in given and not self.unseen:
            self.link = Anchor(given["href"].strip(), "", self.block, self.foot > 0)
            self.page.links.append(self.link)
        if tag == "img" and self.link is not None:
            self.link.text += f" {given.get('alt', '')} "
        if tag not in VOID:
            is_div = tag == "div"
            self.foot += is_div and (self.foot > 0 or "foot" in given.get("class", "").split())
            self.unseen += self.unseen > 0 or "data-unseen" in given

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag == "style" and self.style is not None:
            self.page.sheets.append(Sheet("".join(self.css), self.style.get("media", ""), self.block))
            self.style = None
        elif tag == "a" and self.link is not None:
            self.link.text = SPACES.sub(" ", self.link.text).strip()
            self.link = None
        if tag not in VOID:
            self.foot = max(0, self.foot - (tag == "div"))
            self.unseen = max(0, self.unseen - 1)

    def handle_data(self, data: str) -> None:
        if self.style is not None:
            self.css.append(data)
        elif self.link is not None:
            self.link.text += data

    def handle_comment(self, data: str) -> None:
        if found := BLOCK.fullmatch(data):
            self.block = "" if found[1] else found[2]
        elif NOT_FOR_WORD.match(data):
            self.word_sees = False
        elif data.strip() == "<![endif]":
            self.word_sees = True
        elif FOR_WORD.match(data):
            self.has_twin = "<table" in data or "<td" in data

    def handle_decl(self, decl: str) -> None:
        self.page.doctype = decl

    def unknown_decl(self, data: str) -> None:
        """What stands in <![ … ]>: nothing to see."""
