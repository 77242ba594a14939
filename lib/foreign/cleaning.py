"""Foreign text made harmless: HTML becomes plain text, invisible tricks go, lengths have limits.

Whether a text is HTML is said by its source; plain text never passes the cleaner of HTML, which would eat `a<b`.
"""

import html
import re

import nh3

LONGEST_TEXT = 10_000
# Overrides and isolates of writing direction, zero-width blanks; joiners stay: emoji and Persian need them.
INVISIBLE = dict.fromkeys([0x200B, 0x2060, 0xFEFF, 0x00AD, *range(0x202A, 0x202F), *range(0x2066, 0x206A)])
# Tag characters can hide a text inside a text. They stay (group 1) only where they spell a flag: a black flag, the
# letters of a region, the end (UTS 51, ED-14a).
TAGS = re.compile("(\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{3,6}\U000e007f)|[\U000e0000-\U000e007f]")
USUAL_TAG = re.compile(
    r"</?(?:p|br|a|b|i|u|s|em|strong|small|span|div|ul|ol|li|dl|dt|dd|img|figure|figcaption|h[1-6]|hr|blockquote|pre|code"
    r"|table|tbody|thead|tr|td|th|sup|sub|q|cite|del|ins|mark|section|article|video|audio|iframe|script|style|font"
    r"|center)(?:\s[^<>]*)?/?>|&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,30});",
    re.IGNORECASE,
)
BREAKS = re.compile(r"<br\s*/?>|</(?:p|div|li|h[1-6]|blockquote|tr)>", re.IGNORECASE)
OPENED = re.compile(r"<(/)?(?:(br|hr|img|input|meta|link|wbr|col)\b)?[a-z]?", re.IGNORECASE)
UNREAD = re.compile(r"<(script|style)\b.*?(?:</\1\s*>|\Z)|<!--.*?(?:-->|\Z)", re.IGNORECASE | re.DOTALL)
ANY_TAG = re.compile(r"<[a-z/!?][^>]*(?:>|\Z)", re.IGNORECASE)
MOST_DEEP = 500
BLANK_LINES = re.compile(r"\n{3,}")
# control characters, lone surrogates, private use: Unicode's categories Cc, Cs and Co without line feed and tab
UNPRINTED = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ue000-\uf8ff\U000f0000-\U000ffffd\U00100000-\U0010fffd]"
)
SURROGATES = re.compile("[\ud800-\udfff]")


def without_nul(text: str) -> str:
    """The same without NUL, which PostgreSQL stores nowhere."""
    return text.replace("\0", "") if "\0" in text else text


def has_surrogates(text: str) -> bool:
    """Whether half of a surrogate pair stands in it: no encoding can write that."""
    return not text.isascii() and SURROGATES.search(text) is not None


def to_storable(text: str, longest: int = 0) -> str:
    """What a column can hold: no NUL, no lone surrogate, no blanks around, at most `longest` letters (0: any)."""
    kept = SURROGATES.sub("\ufffd", without_nul(text)) if not text.isascii() else without_nul(text)
    kept = kept.strip()
    return kept[:longest].strip() if longest else kept


def to_text(foreign: str, longest: int = LONGEST_TEXT) -> str:
    """Plain text as its writer meant it, at most `longest` letters: `a<b` and `<anna@example.org>` stay as they are.

    Control characters and invisible tricks go; a flag written by tags stays a flag.
    """
    text = foreign[: 4 * longest].translate(INVISIBLE).replace("\r\n", "\n").replace("\xa0", " ")
    text = UNPRINTED.sub("", text)
    text = BLANK_LINES.sub("\n\n", "\n".join(line.strip() for line in text.split("\n"))).strip()
    text = text if len(text) <= longest else text[: longest - 1] + "…"
    return TAGS.sub(lambda found: found[1] or "", text)  # last: a cut may have left half a flag


def html_to_text(foreign: str, longest: int = LONGEST_TEXT) -> str:
    """What a person would have read of this HTML: no tags, no scripts; then as plain text."""
    text = foreign[: 8 * longest]
    if is_deep(text):
        text = html.unescape(ANY_TAG.sub("", UNREAD.sub("", BREAKS.sub("\n", text))))
    elif "<" in text or "&" in text:
        text = html.unescape(nh3.clean(BREAKS.sub("\n", text), tags=set(), clean_content_tags={"script", "style"}))
    return to_text(text, longest)


def is_deep(text: str) -> bool:
    """Whether elements stand in one another deeper than any page that people write: a cleaner's time grows by the square."""
    depth = 0
    for found in OPENED.finditer(text):
        depth = max(0, depth + (-1 if found[1] else 0 if found[2] else 1))  # what closes nothing lifts nothing
        if depth > MOST_DEEP:
            return True
    return False


def looks_like_html(text: str) -> bool:
    """Whether a text that may be HTML is: it holds a tag that people use, or an entity."""
    return USUAL_TAG.search(text) is not None


def to_line(foreign: str, longest: int) -> str:
    """Plain text on one line."""
    return " ".join(to_text(foreign, longest * 2).split())[:longest]


def to_link(foreign: str) -> str:
    """An http or https address, or "": nothing else becomes a link."""
    text = foreign.strip()
    is_link = text.lower().startswith(("http://", "https://")) and not re.search(r"[\s\x00-\x1f\x7f-\x9f]", text)
    return text[:500] if is_link and not has_surrogates(text) else ""
