"""What a leaf type says of itself in words: how it is read out of a sentence, and how it is said.

A leaf type without words of its own is said as `line “{…}”`, which is read back all the same.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from segments.words.patterns import Found, Scene, Slot, longest_of, pattern

NEGATIONS = {
    "en": ("not", "never", "no", "without", "neither", "nor", "don't", "doesn't", "didn't", "haven't", "hasn't", "isn't",
           "aren't", "wasn't", "weren't", "cannot", "lacking"),
    "de": ("nicht", "[noch] (nie|niemals|nicht)", "[noch] (kein|keine|keinen|keiner|keinem|keines)", "ohne", "weder", "noch"),
}  # fmt: skip
ENGLISH_BETWEEN = """
a an the have has had having are is was were be been being did do does ever yet also already to of
us our their his her any some they we with by for
"""
GERMAN_BETWEEN = """
ein eine einen einem einer eines der die das den dem des hat haben hatten sind ist war waren wurde
wurden worden auch schon bereits uns unser unsere unserem unseren ihr ihre ihren sich bei je jemals
mit es
"""
BETWEEN = {"en": frozenset(ENGLISH_BETWEEN.split()), "de": frozenset(GERMAN_BETWEEN.split())}
FARTHEST = 40  # pieces of one clause: a sentence of a thousand "not"s is not read a thousand times
Node = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Heard:
    """A line read out of a sentence: where it ends, the node, whether a "not" stood in it."""

    end: int
    node: Node
    is_negated: bool = False


class Words:
    """How one leaf type is read and said. `patterns` are phrases by language; `node` makes the rule's node of one."""

    patterns: Mapping[str, Sequence[str]] = {}
    parts: Mapping[str, str] = {}  # slots that may stand before or behind the phrase, once each, by their names
    noise: Mapping[str, Sequence[str]] = {}
    is_head = False  # whether it can be the noun that a sentence begins with: "customers", "subscribers"

    def slots(self) -> Mapping[str, Slot]:
        """Slots of its own, by the names that its patterns use."""
        return {}

    def node(self, found: Found, scene: Scene) -> Node | None:
        """The node that a phrase means; None where what was found makes no sense."""
        raise NotImplementedError

    def say(self, argument: Any, language: str) -> str:
        """A clause that is read back as exactly this argument. KeyError, TypeError where it has no words for it."""
        raise KeyError

    def negated(self, node: Node) -> Node | None:
        """The line that says the opposite, where the leaf type has one."""
        return None

    def hear(self, scene: Scene, place: int) -> Iterator[Heard]:
        """The lines that begin at `place`."""
        found = gather(self, scene, place)
        if found is not None and (node := self.node(found[1], scene)) is not None:
            yield Heard(found[0], node, found[2])

    def keywords(self, language: str) -> set[str]:
        """The plain words of its phrases."""
        return {word for text in self.patterns.get(language, ()) for word in pattern(text).words}


def gather(words: Words, scene: Scene, place: int) -> tuple[int, Found, bool] | None:
    """One phrase with its parts before and behind it, in any order: (end, what was found, whether it is negated)."""
    found: Found = {}
    has_core = is_negated = False
    end = last = place
    for _step in range(FARTHEST):
        if scene.at(end) is None:
            break
        options = [
            one
            for one in _pieces(words, scene, end)
            if (not has_core if one[1] in {"core", "no"} else one[1] == "noise" or one[1] not in found)
        ]
        best = max(options, key=lambda one: one[0], default=None)
        if best is None:
            if scene.word(end) not in BETWEEN[scene.language]:
                break
            end += 1
            continue
        end, name, more = best
        found |= more
        last, has_core = end, has_core or name == "core"
        is_negated = is_negated or name == "no"
    return (last, found, is_negated) if has_core else None


def _pieces(words: Words, scene: Scene, place: int) -> list[tuple[int, str, Found]]:
    """What of a clause can stand here: (end, its name, what was found). Looked for once, from wherever the clause begins."""
    key = (id(words), place, tuple(scene.said.items()))
    if (known := scene.pieces.get(key)) is not None:
        return known
    options: list[tuple[int, str, Found]] = []
    if core := longest_of(tuple(words.patterns.get(scene.language, ())), scene, place):
        options.append((core[0], "core", core[1]))
    for name, slot in words.parts.items():
        options += [(one, name, {name: value}) for one, value in scene.slots[slot](scene, place)]
    if other := longest_of(tuple(words.noise.get(scene.language, ())), scene, place):
        options.append((other[0], "noise", other[1]))
    if no := longest_of(NEGATIONS[scene.language], scene, place):
        options.append((no[0], "no", {}))
    scene.pieces[key] = options
    return options
