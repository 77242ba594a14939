"""A sentence cut into words, numbers, days, quoted names and marks, each with its place; and how a name is quoted."""

import json
import re
from dataclasses import dataclass
from datetime import date
from typing import Literal

from contacts.folding import fold_case

OPENING = {'"': '"', "“": "”", "„": "“”", "«": "»", "»": "«"}
QUOTES = {"en": ("“", "”"), "de": ("„", "“")}
ESCAPED = frozenset('\\"“”„«»')
MARKS = frozenset("(),;:%€$£=<>")
NUMBER = re.compile(r"-?\d+(?:[.,]\d+)*(?:e[+-]?\d+)?(?![\w@-])")
ISO_DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?!\w)")
DOTTED_DAY = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})(?!\w)")
WORD = re.compile(r"[^\s(),;:%€$£=<>\"“”„«»]+")
GROUPED = {"en": re.compile(r"-?\d{1,3}(,\d{3})+(\.\d+)?"), "de": re.compile(r"-?\d{1,3}(\.\d{3})+(,\d+)?")}
COMPOUND = re.compile(r"(.+)-((?:abonnent|empfänger|leser|subscriber)\w*)", re.IGNORECASE)  # two words in one
Kind = Literal["word", "number", "day", "quoted", "mark"]


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a sentence: `text` is what it says (a quoted one without its quotes), `word` the same folded."""

    kind: Kind
    text: str
    word: str
    start: int
    end: int


def cut(sentence: str) -> list[Token]:
    """The tokens of a sentence, in order. A quote that never ends is a mark."""
    tokens, place = [], 0
    while place < len(sentence):
        if sentence[place].isspace():
            place += 1
            continue
        token = _quoted(sentence, place) or _day(sentence, place) or _number(sentence, place) or _word(sentence, place)
        if token.kind == "mark" or token.text:
            tokens.append(token)
        place = token.end
    return tokens


def quoted(name: str, language: str) -> str:
    """A name between quotes, so that it is read back whatever it holds."""
    left, right = QUOTES[language]
    body = "".join(f"\\{one}" if one in ESCAPED else one if one.isprintable() else _coded(one) for one in name)
    return f"{left}{body}{right}"


def number_of(text: str, language: str) -> int | float | None:
    """The number that a text says in a language: 1,000.5 or 1.000,5."""
    thousands, point = (",", ".") if language == "en" else (".", ",")
    clean = text.replace(thousands, "") if GROUPED[language].fullmatch(text) else text
    clean = clean.replace(point, ".").replace(thousands, ".")
    try:
        return int(clean) if re.fullmatch(r"-?\d+", clean) else float(clean)
    except ValueError:
        return None


def number_words(value: float, language: str) -> str:
    """A number as `number_of` reads it back exactly."""
    is_whole = isinstance(value, int) or (value.is_integer() and abs(value) < 10**15)
    text = str(int(value)) if is_whole else repr(value)
    return text if language == "en" else text.replace(".", ",")


def day_of(year: int, month: int, day: int) -> str | None:
    """The day in a rule's letters, or None where there is no such day."""
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None


def _quoted(sentence: str, start: int) -> Token | None:
    closing = OPENING.get(sentence[start])
    if closing is None:
        return None
    text, place = "", start + 1
    while place < len(sentence):
        letter = sentence[place]
        if letter in closing:
            return Token("quoted", text, fold_case(text), start, place + 1)
        if letter == "\\" and place + 1 < len(sentence):
            plain, place = _unescaped(sentence, place + 1)
            text += plain
            continue
        text += letter
        place += 1
    return Token("mark", sentence[start], sentence[start], start, start + 1)


def _unescaped(sentence: str, place: int) -> tuple[str, int]:
    letter = sentence[place]
    for mark, digits in (("x", 2), ("u", 4), ("U", 8)):
        if letter == mark and re.fullmatch(rf"[0-9a-f]{{{digits}}}", said := sentence[place + 1 : place + 1 + digits]):
            number = int(said, 16)
            is_letter = 0 < number < 0x110000 and not 0xD800 <= number < 0xE000  # what a database holds
            return (chr(number) if is_letter else ""), place + 1 + digits
    return letter, place + 1


def _coded(letter: str) -> str:
    number = ord(letter)
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"


def _day(sentence: str, start: int) -> Token | None:
    for pattern, order in ((ISO_DAY, (1, 2, 3)), (DOTTED_DAY, (3, 2, 1))):
        if found := pattern.match(sentence, start):
            year, month, day = (int(found[one]) for one in order)
            # A day of a rule is kept as it was written where that is a day already.
            if iso := day_of(year, month, day):
                text = found[0] if pattern is ISO_DAY else iso
                return Token("day", text, text, start, found.end())
    return None


def _number(sentence: str, start: int) -> Token | None:
    found = NUMBER.match(sentence, start)
    if found is None:
        return None
    end = found.end()
    if sentence[end : end + 1] == "." and not sentence[end + 1 : end + 2].isalnum():
        end += 1  # the dot of "1. Mai", and that at the end of a sentence
    return Token("number", found[0], found[0], start, end)


def _word(sentence: str, start: int) -> Token:
    if sentence[start] in MARKS or sentence[start] == "”":
        return Token("mark", sentence[start], sentence[start], start, start + 1)
    found = WORD.match(sentence, start)
    end = found.end() if found else start + 1
    if found and (two := COMPOUND.fullmatch(found[0])):
        end = start + two.end(1) + 1
        return Token("word", two[1], fold_case(two[1]), start, end)
    text = sentence[start:end].rstrip(".!?…")
    return Token("word", text, fold_case(text).replace("’", "'"), start, end)


def as_json(value: object) -> str:
    """A line that no words are known for, as a text to be quoted."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
