"""Links of a message: each gets a number, its target stays with us, so that a click can be counted but not misled."""

import re
from dataclasses import dataclass, field
from html import escape, unescape

from delivery.content.marking import KEPT, place
from delivery.content.texts import write_text

ANCHOR = re.compile(r'(<a\b[^>]*?\bhref=")([^"]*)("[^>]*>)(.*?)(?=</a>)', re.IGNORECASE | re.DOTALL)
PICTURE = re.compile(r'<img\b[^>]*?\balt="([^"]*)"', re.IGNORECASE)
COUNTED = ("http://", "https://")
PLAIN = ("mailto:", "tel:", "#")
HONEYPOT = 999
MOST_LINKS = 200


@dataclass
class Links:
    """The links of one message: (number, target, label), and what is wrong with some."""

    rows: list[tuple[int, str, str]] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


def number_links(html: str, *, counts: bool) -> tuple[str, Links]:
    """The markup with a place in each counted link; a link that holds a field stays as it is, uncounted."""
    links = Links()

    def rewrite(match: re.Match[str]) -> str:
        before, href, after, inside = match.groups()
        target = unescape(href).strip()
        static_head = KEPT.split(target)[0].lower()
        if not static_head.startswith((*COUNTED, *PLAIN)) or static_head in COUNTED:
            if target and not _is_our_place(target):
                links.refused.append(target[:80])
            return match[0] if _is_our_place(target) else before + "#" + after + inside
        if not counts or KEPT.search(target) or static_head.startswith(PLAIN) or len(links.rows) >= MOST_LINKS:
            return before + escape(target) + after + inside
        number = len(links.rows) + 1
        links.rows.append((number, target, _label(inside)))
        return before + place(number) + after + inside

    return ANCHOR.sub(rewrite, html), links


def _is_our_place(target: str) -> bool:
    return target in {place("unsubscribe"), place("page"), place("honeypot")}


def _label(inside: str) -> str:
    words = write_text(KEPT.sub("…", inside)).strip().replace("\n", " ")
    picture = PICTURE.search(inside)
    return (words or (picture[1] if picture else ""))[:200]
