"""Foreign text made harmless: HTML becomes plain text, invisible tricks go, lengths have limits."""

import html
import re
import unicodedata

import nh3

LONGEST_TEXT = 10_000
# Overrides and isolates of writing direction, zero-width blanks, tags; joiners stay: emoji and Persian need them.
INVISIBLE = dict.fromkeys(
    [0x200B, 0x2060, 0xFEFF, 0x00AD, *range(0x202A, 0x202F), *range(0x2066, 0x206A), *range(0xE0000, 0xE0080)]
)
BREAKS = re.compile(r"<br\s*/?>|</(?:p|div|li|h[1-6]|blockquote|tr)>", re.IGNORECASE)
BLANK_LINES = re.compile(r"\n{3,}")
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
    """What a person would have read: no tags, no scripts, no control characters, at most `longest` letters."""
    text = foreign[: 4 * longest]
    if "<" in text or "&" in text:
        text = html.unescape(nh3.clean(BREAKS.sub("\n", text), tags=set(), clean_content_tags={"script", "style"}))
    text = text.translate(INVISIBLE).replace("\r\n", "\n").replace("\xa0", " ")
    text = "".join(one for one in text if one in "\n\t" or unicodedata.category(one) not in {"Cc", "Cs", "Co"})
    text = BLANK_LINES.sub("\n\n", "\n".join(line.strip() for line in text.split("\n"))).strip()
    return text if len(text) <= longest else text[: longest - 1] + "…"


def to_line(foreign: str, longest: int) -> str:
    """The same on one line."""
    return " ".join(to_text(foreign, longest * 2).split())[:longest]


def to_link(foreign: str) -> str:
    """An http or https address, or "": nothing else becomes a link."""
    text = foreign.strip()
    return (
        text[:500] if text.lower().startswith(("http://", "https://")) and not re.search(r"[\s\x00-\x1f]", text) else ""
    )
