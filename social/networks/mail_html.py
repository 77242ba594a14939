"""The text of an email's HTML, with what its structure says of quotes and signatures as lines of their own."""

import html
import re
from collections.abc import Iterator
from itertools import groupby

import nh3

from lib.foreign.cleaning import UNPRINTED, html_to_text, is_deep, to_text
from social.networks.mail_quoting import MARKS, QUOTE, SAID, SIGNATURE

TAGS = {
    "p",
    "div",
    "br",
    "li",
    "tr",
    "td",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "blockquote",
    "pre",
    "span",
    "table",
}
UNREAD = {"script", "style", "head", "title"}
# As nh3 writes: names in small letters, values in double quotes
PIECE = re.compile(r'<(/?)([a-z0-9]+)((?:\s+[a-z-]+="[^"]*")*)\s*/?>|([^<]+)')
BREAKING = TAGS - {"span", "td"}
BLANKS = re.compile(r"\s+")
# What programs call what they quote to the end, the sentence above a quote, and a signature
QUOTES = re.compile(
    r'\sid="(?:x_)*(?:appendonsend|divRplyFwdMsg|mail-editor-reference-message-container|yahoo_quoted[^"]*)"'
    r'|\sclass="[^"]*\byahoo_quoted\b|\sname="quote"|\sstyle="[^"]*border-top:\s?solid #(?:E1E1E1|B5C4DF)',
    re.IGNORECASE,
)
SENTENCES = re.compile(r'\sclass="[^"]*\b(?:gmail_attr|moz-cite-prefix|protonmail_quote)\b', re.IGNORECASE)
SIGNATURES = re.compile(
    r'\sclass="[^"]*\b(?:gmail_signature|moz-signature|protonmail_signature_block)\b|\sclass="signature"'
    r'|\sid="(?:x_)*(?:Signature|ms-outlook-mobile-signature|composer_signature|AppleMailSignature'
    r'|lineBreakAtBeginningOfSignature)"',
    re.IGNORECASE,
)


def marked_text(foreign: str, longest: int) -> str:
    """What a person would have read, at most `longest` letters; quotes marked by ">", containers by lines of mail_quoting."""
    text = foreign[: 8 * longest]
    if is_deep(text):
        return html_to_text(text, longest)
    attributes = {"*": {"class", "id", "name", "style"}}
    kept = nh3.clean(text, tags=TAGS, attributes=attributes, clean_content_tags=UNREAD, link_rel=None)
    return "\n".join(_cleaned(_pieces(kept), longest))


def _cleaned(pieces: Iterator[str], longest: int) -> Iterator[str]:
    """Marks as they are, and the text between them without invisible tricks."""
    for is_mark, group in groupby(pieces, key=MARKS.__contains__):
        if is_mark:
            yield from group
        elif text := to_text("".join(group), longest):
            yield text


def _pieces(kept: str) -> Iterator[str]:
    """The text piece by piece, each line behind as many ">" as quotes it stands in; and the marks."""
    depth, at_start = 0, True
    for closes, tag, attributes, words in PIECE.findall(kept):
        if words:
            said = BLANKS.sub(" ", UNPRINTED.sub("", html.unescape(words)))
            said = said.lstrip() if at_start else said
            if said:
                yield f"{'>' * depth} {said}" if at_start and depth else said
                at_start = False
            continue
        depth += 0 if tag != "blockquote" else -1 if closes and depth else 0 if closes else 1
        if tag in BREAKING:
            yield "\n" if not at_start or tag in {"br", "hr"} else ""
            at_start = True
        yield from _marks(attributes) if not closes and attributes else ()


def _marks(attributes: str) -> Iterator[str]:
    """What an element's name says, as a line of its own."""
    for pattern, mark in ((QUOTES, QUOTE), (SENTENCES, SAID), (SIGNATURES, SIGNATURE)):
        if pattern.search(attributes):
            yield mark
