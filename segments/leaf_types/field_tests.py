"""What a field is compared with, in words: "is “Berlin”", "contains …", "is before 1 May 2026", "nicht Oolong ist"."""

from collections.abc import Iterator
from typing import Any

from segments.words.patterns import Scene, longest_of, pattern
from segments.words.slots import number

Test = tuple[str, Any]
# Phrases of each operator with the slot of its value; the longest one that fits counts, of equals the first.
PHRASES: dict[str, tuple[tuple[str, str], ...]] = {
    "en": (
        ("unset", "is (not known|unknown|missing|empty)"),
        ("unset", "(isn't|not) known"),
        ("set", "is (known|there|filled)"),
        ("in", "[is] one of <texts:v>"),
        ("=", "(is|are|=|:) [either] <value:v>"),
        ("=", "<value:v>"),
        ("!=", "(is not|isn't|are not) <value:v>"),
        ("contains", "(contains|contain|containing|includes) <text:v>"),
        ("starts", "(starts|begins|start|begin|starting|beginning) with <text:v>"),
        ("<", "is earlier than <day:v>"),
        ("<=", "is not later than <day:v>"),
        (">", "is later than <day:v>"),
        (">=", "is not earlier than <day:v>"),
        ("before", "[is|was|lies] before <day:v>"),
        ("after", "[is|was|lies] (on or after|since|after) <day:v>"),
        ("last_days", "[is|was|lies] (in|within) the last <days:v>"),
    ),
    "de": (
        ("unset", "(unbekannt|nicht bekannt|leer) [ist]"),
        ("set", "bekannt [ist]"),
        ("in", "eines von <texts:v> [ist]"),
        ("=", "[ist] <value:v> [ist|lautet]"),
        ("!=", "[ist] nicht <value:v> [ist|lautet]"),
        ("contains", "<text:v> enthält"),
        ("contains", "enthält <text:v>"),
        ("starts", "[beginnt] mit <text:v> (beginnt|anfängt)"),
        ("starts", "beginnt mit <text:v>"),
        ("<", "früher als am <day:v> [ist]"),
        ("<=", "nicht später als am <day:v> [ist]"),
        (">", "später als am <day:v> [ist]"),
        (">=", "nicht früher als am <day:v> [ist]"),
        ("before", "vor [dem] <day:v> [liegt|ist|war]"),
        ("after", "(am oder nach|nach|seit|ab) [dem] <day:v> [liegt|ist|war]"),
        ("last_days", "in den letzten <days:v> [liegt|ist|war]"),
    ),
}
NUMBERS = {
    "en": "[is|are|was] [of] <comparison:op> <number:v>",
    "de": "[von] <comparison:op> <number:v> [ist|liegt]",
}
YES = {"en": {"yes": True, "true": True, "no": False, "false": False}, "de": {"ja": True, "nein": False}}


def read_test(scene: Scene, place: int) -> Iterator[tuple[int, Test]]:
    """What is said of a field there, as (op, value), each way it can be read."""
    if found := longest_of((NUMBERS[scene.language],), scene, place):
        yield found[0], (found[1]["op"], found[1]["v"])
    for op, phrase in PHRASES[scene.language]:
        match = longest_of((phrase,), scene, place)
        if match is None:
            continue
        end = match[0]
        said: Any = match[1].get("v")
        if op in {"set", "unset"}:
            yield end, (op, None)
        elif op == "in":
            yield end, (op, said[0])
        elif isinstance(said, list):
            if op == "=" or len(said) == 1:
                yield end, ("in" if len(said) > 1 else op, said if len(said) > 1 else said[0])
        else:
            yield end, (op, said)


def value(scene: Scene, place: int) -> Iterator[tuple[int, Any]]:
    """A value to be equal to: yes or no, a number, or a list of texts."""
    if (answer := YES[scene.language].get(scene.word(place))) is not None:
        yield place + 1, answer
    yield from number(scene, place)
    yield from ((end, values) for end, (values, is_all) in scene.slots["texts"](scene, place) if not is_all)


def test_keywords(language: str) -> set[str]:
    """The plain words of these phrases: none is a value unless it is quoted."""
    return {word for _op, phrase in PHRASES[language] for word in pattern(phrase).words} | {*YES[language]}
