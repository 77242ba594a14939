"""Strangers' JSON: its depth is counted before a decoder sees it, then it is read and made harmless, once.

Decoders written in C recurse: 14 kB of brackets end the whole process, whatever is caught around them. So every place
that reads JSON from outside comes through here, or calls `check_depth` before a decoder of its own.
"""

import json
import math
import re
from typing import Any

from lib.foreign.cleaning import has_surrogates, without_nul

DEEPEST = 64
LONGEST_WHOLE = 18  # digits; more are the number of a thing, not a quantity, and stay text
LONGEST_NUMBER = 64
NOT_SIGNS = bytes(sorted(set(range(256)) - set(b'"[]{}')))
ESCAPED = re.compile(rb"\\.", re.DOTALL)
STRING = re.compile(rb'"[^"]*"?')
# Every alternative takes what it begins: an unclosed string is one token, not a new search from each of its letters.
TOKEN = re.compile(rb'"(?:[^"\\]++|\\.?)*+"?|[\[\]{},:]', re.DOTALL)
TROUBLE = re.compile(rb"\\u0000|\d{19}")


class BadJsonError(ValueError):
    """Text that is no JSON we read; the message says why."""


def check_depth(raw: bytes) -> None:
    """Refuse brackets nested deeper than 64, in one pass over the bytes. BadJsonError.

    Strings are left out of the count; what is broken otherwise is for the decoder to say.
    """
    if raw.count(b"[") + raw.count(b"{") <= DEEPEST:
        return
    signs = ESCAPED.sub(b"", raw).translate(None, NOT_SIGNS)
    depth = 0
    for sign in STRING.sub(b"", signs):
        if sign in b"[{":
            depth += 1
            if depth > DEEPEST:
                raise BadJsonError(f"nested deeper than {DEEPEST}")
        else:
            depth -= 1


def needs_care(raw: bytes) -> bool:
    """Whether a fast decoder's tree could hold what `read_json` takes out: NUL, or numbers without bounds."""
    return TROUBLE.search(raw) is not None


def read_json(raw: bytes | str) -> Any:
    """The tree, without NUL, with numbers in bounds. BadJsonError for what is no JSON.

    Also refused: NaN and Infinity, lone surrogates, bytes that are no UTF-8, more than 64 levels. A whole number of
    more than 18 digits is read as its text.
    """
    try:
        raw = (raw.encode() if isinstance(raw, str) else raw).removeprefix(b"\xef\xbb\xbf")
        check_depth(raw)
        tree = json.loads(raw.decode(), parse_int=_whole, parse_float=_real, parse_constant=_constant)
    except BadJsonError:
        raise
    except UnicodeError as error:
        raise BadJsonError("not UTF-8") from error
    except ValueError as error:
        raise BadJsonError(f"not JSON: {error}"[:200]) from error
    return clean(tree)


def read_what_can_be(raw: bytes, levels: int = 12) -> Any:
    """The tree of a page that holds many things, with None wherever one cannot be read: it does not spoil the others.

    BadJsonError where the page itself is no JSON: another thing, or cut off. `levels`: how deep it looks for what is bad.
    """
    try:
        return read_json(raw)
    except BadJsonError:
        members, elements = (split_object(raw), split_list(raw)) if levels else (None, None)
        if members is None and elements is None:
            raise
    if members is not None:
        return {without_nul(name): _or_none(value, levels - 1) for name, value in members.items()}
    return [_or_none(value, levels - 1) for value in elements or []]


def _or_none(raw: bytes, levels: int) -> Any:
    try:
        return read_what_can_be(raw, levels)
    except BadJsonError:
        return None


def clean(tree: Any) -> Any:
    """The same tree without NUL in texts and names. BadJsonError for a lone surrogate."""
    if isinstance(tree, str):
        if has_surrogates(tree):
            raise BadJsonError("half of a surrogate pair stands in a text")
        return without_nul(tree)
    if isinstance(tree, dict):
        return {clean(name): clean(value) for name, value in tree.items()}
    if isinstance(tree, list):
        return [clean(value) for value in tree]
    return tree


def split_list(raw: bytes) -> list[bytes] | None:
    """The elements of a JSON array as they are written, unread; None where its brackets do not close.

    So that one broken element does not spoil the others.
    """
    return _split(raw, b"[", b"]")


def split_object(raw: bytes) -> dict[str, bytes] | None:
    """The members of a JSON object, their values unread; None where its brackets do not close."""
    parts = _split(raw, b"{", b"}")
    if parts is None:
        return None
    members = {}
    for part in parts:
        name = TOKEN.match(part)
        if name is None or not part[name.end() :].lstrip().startswith(b":"):
            return None
        members[name[0].strip(b'"').decode(errors="replace")] = part[name.end() :].lstrip()[1:].strip()
    return members


def _split(raw: bytes, opening: bytes, closing: bytes) -> list[bytes] | None:
    raw = raw.removeprefix(b"\xef\xbb\xbf").strip()
    if not (raw.startswith(opening) and raw.endswith(closing)):
        return None
    parts, start, depth = [], 1, 0
    for token in TOKEN.finditer(raw):
        sign = token[0]
        if sign in {b"[", b"{"}:
            depth += 1
        elif sign in {b"]", b"}"}:
            depth -= 1
            if depth == 0:
                parts.append(raw[start : token.start()].strip())
                return ([] if parts == [b""] else parts) if token.end() == len(raw) else None
        elif sign == b"," and depth == 1:
            parts.append(raw[start : token.start()].strip())
            start = token.end()
    return None


def _whole(text: str) -> int | str:
    return int(text) if len(text.lstrip("-")) <= LONGEST_WHOLE else text[:LONGEST_NUMBER]


def _real(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise BadJsonError(f"the number {text[:40]} is out of range")
    return number


def _constant(text: str) -> Any:
    raise BadJsonError(f"{text} is no number")
