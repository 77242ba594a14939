"""Phrases written as patterns: `(bought|ordered) [something] <window>`, compiled once, matched against tokens.

`word` is that word, `word*` one that begins so, `(a|b)` a choice, `[a]` may be left out, `<name>` a slot: something to
be read there, by a function of the scene (segments/words/slots.py, or the leaf type's own), kept under that name;
`<name:other>` keeps under `other`.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from contacts.folding import fold_case
from segments.words.tokens import Token

PIECE = re.compile(r"[()\[\]|]|<[^>]+>|[^\s()\[\]|<]+")
MOST_ENDS = 40  # of one pattern at one place: choices within choices must not grow without bounds


@dataclass
class Scene:
    """A sentence being read: its tokens, its language, and what was looked up for it so far."""

    tokens: list[Token]
    language: str
    slots: dict[str, "Slot"]
    keywords: frozenset[str] = frozenset()
    known: dict[str, Any] = field(default_factory=dict)
    said: dict[str, Any] = field(default_factory=dict)  # what "it" stands for, by what it is
    pieces: "dict[Any, list[tuple[int, str, Found]]]" = field(
        default_factory=dict
    )  # what was found at a place, by who looked for it
    longest: "dict[Any, tuple[int, Found] | None]" = field(default_factory=dict)  # the same of phrases
    looked: int = 0  # how often phrases were looked for

    def at(self, place: int) -> Token | None:
        """The token there; None behind the last."""
        return self.tokens[place] if 0 <= place < len(self.tokens) else None

    def word(self, place: int) -> str:
        """The plain word or mark there, folded; nothing for what is quoted."""
        token = self.at(place)
        return token.word if token and token.kind in {"word", "mark"} else ""

    def look_up(self, name: str, load: Callable[[], Any]) -> Any:
        """What `load` gives, asked once a sentence."""
        if name not in self.known:
            self.known[name] = load()
        return self.known[name]


Slot = Callable[[Scene, int], Iterator[tuple[int, Any]]]
Found = dict[str, Any]
Match = Iterator[tuple[int, Found]]


class Pattern:
    """One compiled phrase."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._pieces = PIECE.findall(text)
        self._place = 0
        self._tree = self._choice()
        self._first, has_slot, is_optional = _firsts(self._tree)
        self._begins_anyhow = has_slot or is_optional
        self.words = frozenset(fold_case(one) for one in self._pieces if one[0] not in "()[]|<" and one[-1] != "*")

    def ends(self, scene: Scene, place: int) -> Match:
        """Where the phrase can end when it begins at `place`, with what its slots hold."""
        if not self._begins_anyhow and not self._may_begin(scene.word(place)):
            return
        for number, found in enumerate(_match(self._tree, scene, place)):
            if number >= MOST_ENDS:
                return
            yield found

    def longest(self, scene: Scene, place: int) -> tuple[int, Found] | None:
        """The longest of them."""
        return max(self.ends(scene, place), key=lambda one: one[0], default=None)

    def _may_begin(self, word: str) -> bool:
        return bool(word) and (
            word in self._first or any(one[-1] == "*" and word.startswith(one[:-1]) for one in self._first)
        )

    def _choice(self) -> Any:
        ways: list[Any] = []
        row: list[Any] = []
        while self._place < len(self._pieces):
            piece = self._pieces[self._place]
            if piece in ")]":
                break
            self._place += 1
            if piece == "|":
                ways.append(row)
                row = []
            else:
                row.append(self._one(piece))
        return ("choice", [*ways, row])

    def _one(self, piece: str) -> Any:
        if piece in "([":
            inner = self._choice()
            self._place += 1
            return inner if piece == "(" else ("choice", [*inner[1], []])
        if piece[0] == "<":
            slot, _colon, name = piece[1:-1].partition(":")
            return ("slot", slot, name or slot)
        return ("start", fold_case(piece[:-1])) if piece[-1] == "*" and len(piece) > 1 else ("word", fold_case(piece))


def _firsts(node: Any) -> tuple[frozenset[str], bool, bool]:
    """(the words that a phrase can begin with, whether a slot can, whether it can be left out)."""
    if node[0] == "slot":
        return frozenset(), True, False
    if node[0] != "choice":
        return frozenset({node[1] + ("*" if node[0] == "start" else "")}), False, False
    words: frozenset[str] = frozenset()
    has_slot = is_optional = False
    for row in node[1]:
        for one in row:
            more, begins_by_slot, may_be_left_out = _firsts(one)
            words, has_slot = words | more, has_slot or begins_by_slot
            if not may_be_left_out:
                break
        else:
            is_optional = True
    return words, has_slot, is_optional


def _match(node: Any, scene: Scene, place: int) -> Match:
    kind = node[0]
    if kind == "choice":
        for row in node[1]:
            yield from _row(row, 0, scene, place)
    elif kind == "word":
        if scene.word(place) == node[1]:
            yield place + 1, {}
    elif kind == "start":
        if scene.word(place).startswith(node[1]):
            yield place + 1, {}
    else:
        for end, value in scene.slots[node[1]](scene, place):
            yield end, {node[2]: value}


def _row(row: list[Any], number: int, scene: Scene, place: int) -> Match:
    if number == len(row):
        yield place, {}
        return
    for end, found in _match(row[number], scene, place):
        for last, more in _row(row, number + 1, scene, end):
            yield last, found | more


@cache
def pattern(text: str) -> Pattern:
    """The pattern, compiled once."""
    return Pattern(text)


def longest_of(patterns: tuple[str, ...], scene: Scene, place: int) -> tuple[int, Found] | None:
    """The longest match of several patterns; of equals the first. Looked for once at each place of a sentence."""
    scene.looked += 1
    key = (patterns, place, tuple(scene.said.values()))
    if key not in scene.longest:
        scene.longest[key] = _longest_of(patterns, scene, place)
    return scene.longest[key]


def _longest_of(patterns: tuple[str, ...], scene: Scene, place: int) -> tuple[int, Found] | None:
    found = [one for text in patterns if (one := pattern(text).longest(scene, place)) is not None]
    return max(found, key=lambda one: one[0], default=None)
