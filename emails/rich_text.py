"""Words with bold, italic, links and lists, from whoever wrote or pasted them: the rest of their markup goes."""

import re
import secrets
from html import escape, unescape

import nh3

from lib.liquid_tags import TAG

ELEMENTS = {"p", "br", "strong", "em", "a", "ul", "ol", "li"}
SCHEMES = {"http", "https", "mailto", "tel"}
LONGEST = 20_000
# Word and Google Docs say bold and headings in their own ways; a bold that is switched off is their wrapper. Word's
# mso-bidi-font-weight speaks of other scripts.
NO_BOLD = re.compile(r"<(/?)b\b(?=[^>]*(?<![\w-])font-weight:\s*(?:normal|400))[^>]*>", re.IGNORECASE)
BOLD_SPAN = re.compile(
    r"<span\b[^>]*(?<![\w-])font-weight:\s*(?:bold|[6-9]00)[^>]*>((?:(?!</?span).)*)</span>", re.IGNORECASE | re.DOTALL
)
ITALIC_SPAN = re.compile(
    r"<span\b[^>]*(?<![\w-])font-style:\s*italic[^>]*>((?:(?!</?span).)*)</span>", re.IGNORECASE | re.DOTALL
)
HEADING = re.compile(r"<h[1-6]\b[^>]*>(.*?)</h[1-6]\s*>", re.IGNORECASE | re.DOTALL)
SAME = (
    (re.compile(r"<(/?)b(?=[\s>])", re.IGNORECASE), r"<\1strong"),
    (re.compile(r"<(/?)i(?=[\s>])", re.IGNORECASE), r"<\1em"),
)
BLOCKS = re.compile(r"<(/?)(?:div|section|article|blockquote|tr)\b[^>]*>", re.IGNORECASE)
HAS_BLOCK = re.compile(r"<(?:p|ul|ol)\b", re.IGNORECASE)
LEADS_NOWHERE = re.compile(r"<a>(.*?)</a>", re.IGNORECASE | re.DOTALL)
EMPTY = re.compile(r"<(p|strong|em|li|a)(?:\s[^>]*)?>(?:\s|&nbsp;|<br\s*/?>)*</\1>", re.IGNORECASE)
STRAY = re.compile(
    r"<!--.*?(?:-->|\Z)|<(style|script|head|title|xml|o:p)\b.*?(?:</\1\s*>|\Z)", re.IGNORECASE | re.DOTALL
)
ANY = re.compile(r"<[^>]+>")
# In a tag of Liquid a text between quotes is its own; markup that an editor put around it goes.
QUOTED_OR_MARKUP = re.compile(r"""("[^"]*"|'[^']*')|</?[a-z][^<>]*>""", re.IGNORECASE)
QUOTED_OR_LESS = re.compile(r"""("[^"]*"|'[^']*')|<(?=[a-z/])""", re.IGNORECASE)
BETWEEN = re.compile(r"</(?:p|li)>|<br />", re.IGNORECASE)


def clean(html: str) -> str:
    """The words with their bold, italic, links and lists, in paragraphs, as markup that MJML reads; Liquid stays.

    A link leads to the web, an address or a phone, else it goes and its words stay.
    """
    kept: list[str] = []
    mark = f"t{secrets.token_hex(6)}"

    def keep(found: re.Match[str]) -> str:
        kept.append(_plain_tag(found[0]))
        return f"{mark}n{len(kept) - 1}e"

    text = TAG.sub(keep, html[:LONGEST])
    text = HEADING.sub(r"<p><strong>\1</strong></p>", NO_BOLD.sub("", STRAY.sub("", text)))
    text = ITALIC_SPAN.sub(r"<em>\1</em>", BOLD_SPAN.sub(r"<strong>\1</strong>", text))
    for found, instead in SAME:
        text = found.sub(instead, text)
    text = BLOCKS.sub(r"<\1p>", text)
    text = nh3.clean(
        text, tags=ELEMENTS, attributes={"a": {"href"}}, url_schemes=SCHEMES, link_rel=None, strip_comments=True
    )
    text = LEADS_NOWHERE.sub(r"\1", text.replace("\xa0", " ").replace("&nbsp;", " "))
    text = _without_empty(text).replace("<br>", "<br />").strip()
    if ANY.sub("", text).strip() and not HAS_BLOCK.search(text):
        text = f"<p>{text}</p>"
    text = text if ANY.sub("", text).strip() else ""
    return re.sub(rf"{mark}n(\d+)e", lambda found: kept[int(found[1])], text)


def _plain_tag(tag: str) -> str:
    """A tag of Liquid as its language writes it; doing it twice changes nothing more."""
    bare = unescape(QUOTED_OR_MARKUP.sub(lambda found: found[1] or "", tag))
    return QUOTED_OR_LESS.sub(lambda found: found[1] or "< ", bare)


def plain_to_rich(text: str) -> str:
    """Lines of plain text as paragraphs."""
    paragraphs = [one.strip() for one in re.split(r"\n\s*\n", text.strip()) if one.strip()]
    return clean("".join(f"<p>{escape(one, quote=False).replace(chr(10), '<br>')}</p>" for one in paragraphs))


def plain(html: str) -> str:
    """The words alone, for a line in a list."""
    return " ".join(unescape(ANY.sub("", BETWEEN.sub(" ", html))).split())


def _without_empty(text: str) -> str:
    while (less := EMPTY.sub("", text)) != text:
        text = less
    return text
