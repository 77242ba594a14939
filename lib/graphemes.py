"""Letters as a person counts them: an accent, a flag or a family of emoji is one (UAX 29, extended grapheme clusters).

Made of what `unicodedata` knows. Of the rules for Indic conjuncts only the older ones are here: such a text may count a few
letters more than its network does, never fewer.
"""

import unicodedata

ZWJ = "\u200d"
EXTENDS = {"Mn", "Me", "Mc"}
# What extends the letter before it and is no mark: joiners, skin tones, the letters of a flag's tag, halfwidth sound marks.
EXTENDING = {"\u200c", ZWJ, "\uff9e", "\uff9f"}
PREPENDS = {
    *map(chr, range(0x600, 0x606)),
    "\u06dd",
    "\u070f",
    "\u0890",
    "\u0891",
    "\u08e2",
    "\U000110bd",
    "\U000110cd",
}


def graphemes(text: str) -> list[str]:
    """The letters, in order; joined again they are the text."""
    found, start = list[str](), 0
    for place in range(1, len(text)):
        if _breaks(text, start, place):
            found.append(text[start:place])
            start = place
    return [*found, text[start:]] if text else []


def count_graphemes(text: str) -> int:
    """How many letters it has."""
    return len(text) if text.isascii() and "\r\n" not in text else len(graphemes(text))


def _breaks(text: str, start: int, place: int) -> bool:
    """Whether a new letter begins at `place`, where the one before began at `start`."""
    before, here = text[place - 1], text[place]
    if before == "\r" and here == "\n":
        return False
    if _is_control(before) or _is_control(here):
        return True
    if _extends(here) or before in PREPENDS:
        return False
    if before == ZWJ and _is_picture(here):
        return not _is_picture(text[start])
    if _is_regional(before) and _is_regional(here):
        return (place - start) % 2 == 0
    return not _joins_hangul(before, here)


def _is_control(one: str) -> bool:
    kind = unicodedata.category(one)
    is_invisible = kind == "Cf" and one not in EXTENDING and one not in PREPENDS and not _is_tag(one)
    return kind in {"Cc", "Zl", "Zp"} or is_invisible


def _extends(one: str) -> bool:
    return one in EXTENDING or unicodedata.category(one) in EXTENDS or _is_skin_tone(one) or _is_tag(one)


def _is_skin_tone(one: str) -> bool:
    return "\U0001f3fb" <= one <= "\U0001f3ff"


def _is_tag(one: str) -> bool:
    return "\U000e0020" <= one <= "\U000e007f"


def _is_picture(one: str) -> bool:
    """An emoji that may join others: all of them stand among the symbols, © and ‼ too. A skin tone alone joins nothing."""
    is_symbol = unicodedata.category(one) == "So" or one in "‼⁉↔↕▶◀◾◽⬅⬆⬇➡〰〽"
    return (is_symbol or "\U0001f000" <= one <= "\U0001faff") and not (_is_regional(one) or _is_skin_tone(one))


def _is_regional(one: str) -> bool:
    return "\U0001f1e6" <= one <= "\U0001f1ff"


def _joins_hangul(before: str, here: str) -> bool:
    left, right = _hangul(before), _hangul(here)
    return (left, right) in {
        ("L", "L"), ("L", "V"), ("L", "LV"), ("L", "LVT"), ("LV", "V"), ("V", "V"), ("LV", "T"), ("V", "T"), ("LVT", "T"),
        ("T", "T"),
    }  # fmt: skip


def _hangul(one: str) -> str:
    if "\uac00" <= one <= "\ud7a3":
        return "LV" if (ord(one) - 0xAC00) % 28 == 0 else "LVT"
    if "\u1100" <= one <= "\u115f" or "\ua960" <= one <= "\ua97c":
        return "L"
    if "\u1160" <= one <= "\u11a7" or "\ud7b0" <= one <= "\ud7c6":
        return "V"
    return "T" if "\u11a8" <= one <= "\u11ff" or "\ud7cb" <= one <= "\ud7fb" else ""
