"""A rule as a sentence, so written that it is read back as exactly this rule: groups within groups stand in brackets.

{"all": [A, {"any": [B, C]}, {"not": {"any": [D]}}]}  →  People who A and (who B or who C) and not (who D)
"""

from collections.abc import Sequence
from typing import Any

from segments.leaf_types.base import Path, RuleError, leaf_type
from segments.words.tokens import as_json, quoted

JOINTS = {"en": {"all": " and ", "any": " or "}, "de": {"all": " und ", "any": " oder "}}
NOT = {"en": "not", "de": "nicht"}
EMPTY = {"en": {"all": "everybody", "any": "nobody"}, "de": {"all": "alle", "any": "niemand"}}
ONE = {"en": {"all": "all of:", "any": "any of:"}, "de": {"all": "alles von:", "any": "eines von:"}}
PEOPLE = {"en": "People ", "de": "Personen, "}
RAW = {"en": "line", "de": "Zeile"}
HIDDEN = "…"


def sentence_of(rule: dict[str, Any], language: str, *, hidden: Sequence[Path] = ()) -> str:
    """The rule, in the builder's shape (segments/builder/drafting.py), as a sentence of this language.

    `rule_of` reads it back as the same rule, whatever stands in it. Of `hidden` lines nothing is told.
    """
    ((joint, nodes),) = rule.items() if rule else (("all", []),)
    if not nodes:
        return EMPTY[language][joint].capitalize()
    parts = [_node(one, (number,), language, hidden) for number, one in enumerate(nodes)]
    if joint == "any" and len(parts) == 1:
        return f"{ONE[language]['any'].capitalize()} {parts[0]}"
    return PEOPLE[language] + JOINTS[language][joint].join(parts)


def _node(node: Any, path: Path, language: str, hidden: Sequence[Path]) -> str:
    ((kind, argument),) = node.items()
    if kind in {"all", "any"}:
        return f"({_group(kind, argument, path, language, hidden)})"
    if kind == "not":
        return f"{NOT[language]} {_nothing_of(argument['any'], (*path, 0), language, hidden)}"
    return HIDDEN if path in hidden else leaf_words(kind, argument, language)


def _group(joint: str, nodes: Sequence[Any], path: Path, language: str, hidden: Sequence[Path]) -> str:
    if not nodes:
        return EMPTY[language][joint]
    parts = [_node(one, (*path, number), language, hidden) for number, one in enumerate(nodes)]
    return f"{ONE[language][joint]} {parts[0]}" if len(parts) == 1 else JOINTS[language][joint].join(parts)


def _nothing_of(nodes: Sequence[Any], path: Path, language: str, hidden: Sequence[Path]) -> str:
    """What stands behind "not": an "any" group; a single line of it without more words."""
    if len(nodes) == 1 and next(iter(nodes[0])) not in {"all", "any"}:
        return f"({_node(nodes[0], (*path, 0), language, hidden)})"
    return f"({_group('any', nodes, path, language, hidden)})"


def leaf_words(kind: str, argument: Any, language: str) -> str:
    """A line as a clause; what has no words, or cannot be read any more, as it stands in the rule."""
    known = leaf_type(kind)
    try:
        if known is not None and known.words is not None:
            known.open(argument)
            return known.words.say(argument, language)
    except (RuleError, KeyError, TypeError, ValueError, AttributeError):
        pass
    return f"{RAW[language]} {quoted(as_json({kind: argument}), language)}"
