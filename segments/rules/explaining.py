"""Why is she in, or not: each line of a rule for one person, with what decides it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from contacts.merging import everyone_in, survivor_of
from contacts.models import Contact
from lib.sql import run_text
from segments.leaf_types.base import Evidence, Path, Phrase
from segments.rules.compiler import Rule, compile_rule
from segments.rules.statements import bounded


@dataclass(frozen=True, slots=True)
class Line:
    """One leaf for one person. `holds`: as the rule reads it there; `decides`: the person is in or out by it."""

    path: Path
    phrase: Phrase
    holds: bool
    is_wanted: bool
    decides: bool
    evidence: Evidence | None

    @property
    def counts(self) -> bool:
        """Whether the line helps the person in."""
        return self.holds == self.is_wanted


@dataclass(frozen=True, slots=True)
class Explanation:
    """The verdict on one person, line by line."""

    contact: Contact
    fits: bool
    lines: list[Line]

    @property
    def deciding(self) -> list[Line]:
        """The lines without which it would be otherwise."""
        return [line for line in self.lines if line.decides]


def explain(rule: Rule, contact: Contact, *, hidden: Sequence[Path] = ()) -> Explanation:
    """Whether `contact` fits and why: one statement for the verdicts, one small read for each line's evidence.

    Of `hidden` lines neither the value nor the evidence is told.
    """
    person = survivor_of(contact.pk)
    members = everyone_in(person)
    compiled = compile_rule(rule, only=[person])
    columns = [compiled.conditions[path] for path in compiled.leaves]
    with bounded():
        rows = run_text(compiled.select(", ".join(["c.id", *columns])), compiled.params)
    held = dict(zip(compiled.leaves, rows[0][1:], strict=True)) if rows else {}
    fits = bool(rows) and evaluate(rule, (), held)
    lines = []
    for path, leaf in compiled.leaves.items():
        if path not in held:
            continue
        decides = evaluate(rule, (), {**held, path: not held[path]}) != fits
        wanted = not is_negated(rule, path)
        is_hidden = path in hidden
        phrase = leaf.phrase().masked() if is_hidden else leaf.phrase()
        evidence = None if is_hidden else leaf.evidence(members)
        lines.append(Line(path, phrase, held[path], wanted, decides, evidence))
    return Explanation(contact, fits, lines)


def evaluate(node: Any, path: Path, held: dict[Path, bool]) -> bool:
    """The rule's truth from its leaves' truths."""
    kind, argument = next(iter(node.items()), ("all", []))
    if kind == "all":
        return all(evaluate(child, (*path, n), held) for n, child in enumerate(argument))
    if kind == "any":
        return any(evaluate(child, (*path, n), held) for n, child in enumerate(argument))
    if kind == "not":
        return not evaluate(argument, (*path, 0), held)
    return held[path]


def is_negated(rule: Any, path: Path) -> bool:
    """Whether an odd number of "not" stands above the leaf at `path`."""
    negated, node = False, rule
    for number in path:
        kind, argument = next(iter(node.items()))
        negated, node = (not negated, argument) if kind == "not" else (negated, argument[number])
    return negated
