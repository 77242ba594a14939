"""How many messages a text is on the wire: phones take 160 letters of GSM 03.38 at once, or 70 of anything else.

A longer text is cut, and each piece loses room for its number (153 or 67). A letter of GSM's extension table costs two
and is never torn apart; nor is a letter of UCS-2 that is two units long.
"""

from dataclasses import dataclass

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENSION = frozenset("\f^{}\\[~]|€")
ALONE, TOGETHER = {False: 160, True: 70}, {False: 153, True: 67}


@dataclass(frozen=True, slots=True)
class Segments:
    """`unit_count` of `room` are used; `odd` are the letters that GSM does not have, each once."""

    count: int
    unit_count: int
    room: int
    odd: str = ""

    @property
    def is_unicode(self) -> bool:
        return bool(self.odd)


def count_segments(text: str) -> Segments:
    """The messages that this text is; none for an empty one."""
    odd = "".join(dict.fromkeys(one for one in text if one not in BASIC and one not in EXTENSION))
    is_unicode = bool(odd)
    sizes = [_units(one, is_unicode=is_unicode) for one in text]
    total, alone, each = sum(sizes), ALONE[is_unicode], TOGETHER[is_unicode]
    if total <= alone:
        return Segments(int(total > 0), total, alone, odd)
    count, used = 1, 0
    for size in sizes:
        if used + size > each:
            count, used = count + 1, 0
        used += size
    return Segments(count, total, count * each, odd)


def _units(letter: str, *, is_unicode: bool) -> int:
    if is_unicode:
        return 1 + (ord(letter) > 0xFFFF)
    return 1 + (letter in EXTENSION)
