"""From a rule tree to ONE statement.

    node := {"all": [node…]} | {"any": [node…]} | {"not": node} | {kind: argument}

An empty "all" is everybody, an empty "any" nobody. Everybody means known people: not erased, not anonymous, not
merged into somebody else. Negations include people with no value. The same statement restricted to some contacts is
their re-check.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from contacts.models import Merged, Segment
from contacts.segments.words import Building, Path, RuleError, Word, word

DEEPEST, MOST_LEAVES = 6, 50
Rule = dict[str, Any]
GROUPS = ("all", "any")


@dataclass(frozen=True)
class Compiled:
    """`sql` selects the contact_id of everybody who fits; `conditions` holds each node's boolean by its path."""

    sql: str
    params: dict[str, Any]
    conditions: dict[Path, str] = field(default_factory=dict)
    base: str = ""

    def select(self, columns: str) -> str:
        """A statement over everybody looked at (not only who fits), with these columns."""
        return self.base.replace("/*columns*/", columns)


def check_rule(rule: Rule, *, segment_id: int | None = None) -> None:
    """Raise RuleError with the place and the reason if `rule` cannot be compiled.

    `segment_id`: the segment the rule is for, so that it cannot lead back to itself.
    """
    leaves = 0
    for path, node in walk(rule):
        if len(path) >= DEEPEST:
            raise RuleError(path, _("Groups go at most %(n)s deep.") % {"n": DEEPEST})
        kind, argument = _open(node, path)
        if kind in GROUPS:
            if not isinstance(argument, list):
                raise RuleError(path, _("A group holds a list of lines."))
            continue
        if kind == "not":
            continue
        leaves += 1
        if leaves > MOST_LEAVES:
            raise RuleError(path, _("A segment holds at most %(n)s lines.") % {"n": MOST_LEAVES})
        _known(kind, path).check(argument, path)
    _refuse_cycles(rule, segment_id)


def compile_rule(rule: Rule, *, only: Sequence[int] | None = None, now: datetime | None = None) -> Compiled:
    """The statement of a rule; with `only`, for these contacts alone. RuleError if the rule cannot be read."""
    check_rule(rule)
    building = Building(now=now or timezone.now(), is_restricted=only is not None)
    if only is not None:
        building.params |= _whom(only)
    conditions: dict[Path, str] = {}
    whole = _condition(rule, (), building, conditions)
    base = _base(building)
    return Compiled(
        sql=base.replace("/*columns*/", "c.id AS contact_id") + f"\n  AND {whole}",
        params=building.params,
        conditions=conditions,
        base=base,
    )


def walk(rule: Rule, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every node with its path, from the top; stops below what is deeper than a rule may be."""
    yield path, rule
    if len(path) > DEEPEST or not isinstance(rule, dict) or len(rule) != 1:
        return
    ((kind, argument),) = rule.items()
    if kind in GROUPS and isinstance(argument, list):
        for number, child in enumerate(argument):
            yield from walk(child, (*path, number))
    elif kind == "not":
        yield from walk(argument, (*path, 0))


def leaves_of(rule: Rule) -> list[tuple[Path, str, Any]]:
    """(path, kind, argument) of every leaf."""
    found = []
    for path, node in walk(rule):
        kind, argument = _open(node, path)
        if kind not in {*GROUPS, "not"}:
            found.append((path, kind, argument))
    return found


def segments_named_in(rule: Rule) -> set[int]:
    """The ids of the segments that a rule reads."""
    named = set()
    for _path, kind, argument in leaves_of(rule):
        if kind == "segment" and isinstance(argument, dict) and isinstance(argument.get("id"), int):
            named.add(argument["id"])
    return named


def _open(node: Any, path: Path) -> tuple[str, Any]:
    if node == {}:
        return "all", []
    if not isinstance(node, dict) or len(node) != 1:
        raise RuleError(path, _("A line is one word with its value."))
    ((kind, argument),) = node.items()
    return str(kind), argument


def _known(kind: str, path: Path) -> Word:
    known = word(kind)
    if known is None:
        raise RuleError(path, _("Nobody here knows the word “%(kind)s”.") % {"kind": kind})
    return known


def _condition(node: Rule, path: Path, building: Building, conditions: dict[Path, str]) -> str:
    kind, argument = _open(node, path)
    if kind in GROUPS:
        parts = [_condition(child, (*path, n), building, conditions) for n, child in enumerate(argument)]
        joint, empty = (" AND ", "TRUE") if kind == "all" else (" OR ", "FALSE")
        text = f"({joint.join(parts)})" if parts else empty
    elif kind == "not":
        text = f"(NOT {_condition(argument, (*path, 0), building, conditions)})"
    else:
        text = _known(kind, path).condition(argument, building)
    conditions[path] = text
    return text


def _base(building: Building) -> str:
    names = [one.split(" ", 1)[0] for one in building.sets]
    steps = "WITH " + ",\n".join(building.sets) + "\n" if building.sets else ""
    joins = "".join(f"\nLEFT JOIN {name} ON {name}.contact_id = c.id" for name in names)
    restriction = "\n  AND c.id = ANY(%(r_only)s)" if building.is_restricted else ""
    return f"""{steps}SELECT /*columns*/
FROM contacts_contact c{joins}
LEFT JOIN contacts_merged gone ON gone.workspace_id = %(workspace)s AND gone.loser_id = c.id
WHERE c.workspace_id = %(workspace)s AND c.erased_at IS NULL AND NOT c.is_anonymous AND gone.id IS NULL{restriction}"""


def _whom(only: Sequence[int]) -> dict[str, Any]:
    """The survivors of the contacts asked for, and everybody whose rows count as theirs."""
    links = dict(Merged.objects.filter(loser__in=list(only)).values_list("loser_id", "survivor_id"))
    survivors = sorted({links.get(one, one) for one in only})
    losers = Merged.objects.filter(survivor__in=survivors).values_list("loser_id", flat=True)
    return {"r_only": survivors, "r_members": sorted({*survivors, *losers})}


def _refuse_cycles(rule: Rule, segment_id: int | None) -> None:
    """Follow the segments that a rule names; none may be missing, none may lead back."""
    rules = dict(Segment.objects.values_list("pk", "rule")) if segments_named_in(rule) else {}

    safe: set[int] = set()

    def follow(current: Rule, trail: tuple[int, ...]) -> None:
        for named in sorted(segments_named_in(current) - safe):
            place = _place(rule, (*trail, named)[0])
            if named not in rules:
                raise RuleError(place, _("A segment named here is gone."))
            if named == segment_id or named in trail:
                raise RuleError(place, _("This leads back to the segment itself."))
            follow(rules[named], (*trail, named))
            safe.add(named)

    follow(rule, ())


def _place(rule: Rule, segment_id: int) -> Path:
    found = (path for path, kind, arg in leaves_of(rule) if kind == "segment" and arg.get("id") == segment_id)
    return next(found, ())
