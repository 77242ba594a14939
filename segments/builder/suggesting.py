"""Lines for who types words into the builder, each with how many people it would leave."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from time import monotonic

from segments.builder import drafting
from segments.leaf_types.base import LeafType, Path, Phrase, RuleError, leaf_types
from segments.rules.compiler import Rule, check_rule
from segments.rules.counting import count_lines
from segments.rules.statements import TooSlowError, bounded

MOST = 6
LONGEST = 80
SECONDS = 2  # of counting, for all of them: the rest stand there without a number


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A line in words, what to press to take it, and how many people are left with it (None: not counted)."""

    phrase: Phrase
    leaf: str
    people: int | None


def suggest(words: str, rule: Rule, path: Path) -> list[Suggestion]:
    """The first lines whose words begin with all of `words`, as they would stand at `path` of `rule`."""
    asked = words.casefold()[:LONGEST].split()
    if not asked:
        return []
    begun, found = monotonic(), []
    for leaf in _matching(asked):
        raw = {leaf[0]: leaf[1]}
        people = _left_by(drafting.put(rule, path, raw)) if monotonic() - begun < SECONDS else None
        found.append(Suggestion(leaf[2], json.dumps(raw), people))
        if len(found) == MOST:
            break
    return found


def _matching(asked: list[str]) -> Iterator[tuple[str, object, Phrase]]:
    for kind in leaf_types():
        for argument in kind.usual():
            phrase = _phrase(kind, argument)
            if phrase is None:
                continue
            said = str(phrase).casefold().split()
            if all(any(word.startswith(one) for word in said) for one in asked):
                yield kind.type, argument, phrase


def _phrase(kind: type[LeafType], argument: object) -> Phrase | None:
    try:
        return kind.open(argument).phrase()
    except RuleError:
        return None  # gone between two statements


def _left_by(rule: Rule) -> int | None:
    try:
        check_rule(rule)
        with bounded(SECONDS):
            return count_lines(rule).people
    except (RuleError, TooSlowError):
        return None
