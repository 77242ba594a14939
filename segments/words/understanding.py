"""A sentence in words becomes a rule, or is told back with what was not understood and what it could have meant."""

from dataclasses import dataclass
from typing import Any

from rapidfuzz import fuzz, process

from segments.builder.drafting import in_shape
from segments.words.grammar import FILLERS, read_sentence
from segments.words.patterns import Scene

LONGEST = 6_000
MOST_SUGGESTED = 3
ALIKE = 70  # of 100: what a word must have in common with another to be offered for it
NAMES = ("tags", "topics", "segments", "custom fields", "cities", "messages")


@dataclass(frozen=True, slots=True)
class Unknown:
    """A part of a sentence that was not understood: where it stands, its text, whole sentences that it could be."""

    start: int
    end: int
    text: str
    instead: tuple[str, ...] = ()  # words for it
    sentences: tuple[str, ...] = ()  # the sentence with each of them

    @property
    def choices(self) -> list[tuple[str, str]]:
        """Each word with the sentence that it makes."""
        return list(zip(self.instead, self.sentences, strict=True))


@dataclass(frozen=True, slots=True)
class Understood:
    """What a sentence means: a rule, unless something in it is unknown."""

    sentence: str
    rule: dict[str, Any] | None
    unknown: tuple[Unknown, ...] = ()


def rule_of(sentence: str, language: str) -> Understood:
    """The rule that a sentence means, in the builder's shape; or what in it was not understood. Asks for no model.

    Looks up the workspace's own names (tags, topics, fields, segments, emails) as it meets them.
    """
    sentence = sentence.replace("\0", " ")
    text = sentence[:LONGEST]
    node, scene, places = read_sentence(text, language)
    if len(sentence) > LONGEST:
        places = [*places, len(scene.tokens) - 1]
    if not scene.tokens:
        return Understood(sentence, None)
    if places:
        return Understood(sentence, None, tuple(_unknown(text, scene, places)))
    return Understood(sentence, in_shape(node))


def _unknown(sentence: str, scene: Scene, places: list[int]) -> list[Unknown]:
    """The tokens that nobody understood, neighbours together."""
    spans: list[list[int]] = []
    for place in sorted(set(places)):
        between = range(spans[-1][1], place) if spans else ()
        if spans and all(scene.word(one) in FILLERS[scene.language] for one in between):
            spans[-1][1] = place + 1
        else:
            spans.append([place, place + 1])
    found = []
    for first, behind in spans:
        start, end = scene.tokens[first].start, scene.tokens[behind - 1].end
        choices = [one for place in range(first, behind) for one in _choices(sentence, scene, place)][:MOST_SUGGESTED]
        words, sentences = zip(*choices, strict=True) if choices else ((), ())
        found.append(Unknown(start, end, sentence[start:end], words, sentences))
    return found


def _choices(sentence: str, scene: Scene, place: int) -> list[tuple[str, str]]:
    """Words for a token that is none of the grammar's, each with the sentence that it would make."""
    token = scene.tokens[place]
    if token.kind == "mark" or token.word in scene.keywords:
        return []
    return [(one, f"{sentence[: token.start]}{one}{sentence[token.end :]}") for one in _like(token.text, scene)]


def _like(text: str, scene: Scene) -> tuple[str, ...]:
    """Words of the grammar and names of the workspace that are written like this."""
    names = {str(one) for kind in NAMES for one in _names(scene.known.get(kind, ()))}
    choices = sorted(names | {one for one in scene.keywords if len(one) > 2})
    near = process.extract(
        text, choices, scorer=fuzz.ratio, limit=MOST_SUGGESTED, score_cutoff=ALIKE, processor=str.casefold
    )
    return tuple(one for one, _score, _number in near)


def _names(known: Any) -> list[Any]:
    return [*known, *known.values()] if isinstance(known, dict) else list(known)
