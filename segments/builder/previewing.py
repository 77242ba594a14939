"""Who would enter and who would leave a segment if a draft were saved, with a few of each and why."""

from collections.abc import Sequence
from dataclasses import dataclass

from contacts.models import Contact
from lib.sql import load_sql, run_text
from segments.leaf_types.base import Path, RuleError
from segments.models import Segment
from segments.rules.compiler import Rule, compile_rule
from segments.rules.explaining import explain
from segments.rules.statements import bounded

SHOWN = 3  # of each; each costs an explanation


@dataclass(frozen=True, slots=True)
class Mover:
    """Somebody who would enter or leave, and the lines that make it so, in words."""

    contact: Contact
    why: list[str]


@dataclass(frozen=True, slots=True)
class Preview:
    """What saving would do to the members."""

    entering: int
    leaving: int
    enterers: list[Mover]
    leavers: list[Mover]


def preview(segment: Segment, rule: Rule, *, salt: str = "", hidden: Sequence[Path] = ()) -> Preview:
    """Who would enter and leave if `rule` were saved now; nothing is written. RuleError, TooSlowError.

    Whoever enters is told by the lines of `rule` that let them in, whoever leaves by those that they fail; of `hidden`
    lines nothing is told.
    """
    compiled = compile_rule(rule)
    params = compiled.params | {"r_segment": segment.pk, "r_salt": salt, "r_limit": SHOWN}
    with bounded():
        entering, leaving, came, gone = run_text(load_sql("segments/would_move", fits=compiled.sql), params)[0]
    people = Contact.objects.in_bulk([*came, *gone])
    return Preview(
        entering,
        leaving,
        [Mover(people[one], _why(rule, people[one], hidden)) for one in came if one in people],
        [Mover(people[one], _why(rule, people[one], hidden)) for one in gone if one in people],
    )


def _why(rule: Rule, contact: Contact, hidden: Sequence[Path]) -> list[str]:
    try:
        found = explain(rule, contact, hidden=hidden)
    except RuleError:
        return []
    telling = found.deciding or [line for line in found.lines if line.counts == found.fits]
    return [
        ": ".join(filter(None, [str(line.phrase), str(line.evidence.text if line.evidence else "")]))
        for line in telling
    ]
