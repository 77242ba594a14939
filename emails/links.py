"""Where the parts of an email lead."""

import re
from collections.abc import Iterator
from html import unescape

HREF = re.compile(r'<a\s[^>]*?href="([^"]*)"', re.IGNORECASE)
LEADS = re.compile(r"(?:https?://[^\s/]|mailto:[^\s@]+@|tel:\+?\d|\{\{|\{%|#)", re.IGNORECASE)


def links_in(html: str) -> Iterator[str]:
    """The targets of the links in a piece of markup."""
    yield from (unescape(one) for one in HREF.findall(html))


def leads_somewhere(target: str) -> bool:
    """Whether a target is an address of the web, an email address, a phone, or made by Liquid."""
    return LEADS.match(target.strip()) is not None
