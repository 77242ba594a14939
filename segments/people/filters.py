"""Filters of the list of people: lines of a rule that stand in the address, each a chip that can be taken off.

`?f={"tag":{"has_any":["vip"]}}&f=…`: everybody who fits all of them. They are the lines of a segment that nobody
saved: read by the leaf types, compiled by the compiler, written by the leaf types' own forms or by the grammar.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from lib.foreign.foreign_json import BadJsonError, read_json
from segments.builder.drafting import in_shape
from segments.builder.wording import language_here, understand
from segments.leaf_types.base import LeafForm, LeafType, Phrase, RuleError, leaf_type, leaf_types
from segments.masking import check_may_ask
from segments.rules.compiler import Rule, check_rule, leaves_of, read_leaves, segments_named_in
from segments.seeing import visible
from segments.words.saying import sentence_of
from segments.words.understanding import Understood
from workspaces.requests import Request

MOST, LONGEST = 20, 2_000
PREFIX = "x"  # of the fields of the form that adds a filter: none is a filter itself


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter as words: its place among the filters, its kind where one form can change it."""

    place: int
    phrase: Phrase
    kind: str = ""


@dataclass
class Filters:
    """The filters that can be read, and a sentence for each that was left out."""

    nodes: list[Rule] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    @property
    def rule(self) -> Rule:
        """What somebody must fit to be on the list."""
        return {"all": self.nodes}

    @property
    def texts(self) -> list[str]:
        """The filters as they stand in the address."""
        return [write_filter(node) for node in self.nodes]

    def chips(self) -> list[Chip]:
        """Each in words."""
        return [_chip(place, node) for place, node in enumerate(self.nodes)]


def write_filter(node: Rule) -> str:
    """A filter for the address."""
    return json.dumps(node, ensure_ascii=False, separators=(",", ":"))


def read_filters(request: Request, texts: Iterable[str]) -> Filters:
    """The filters of an address, as far as this member may ask them; what cannot be read is left out with a reason."""
    found = Filters()
    for text in list(texts)[: MOST * 2]:
        try:
            node = _open(text)
            if node in found.nodes:
                continue
            if len(found.nodes) >= MOST:
                raise RuleError((), _("The list takes at most %(n)s filters.") % {"n": MOST})
            check_filters(request, [*found.nodes, node])
        except RuleError as error:
            found.left_out.append(_("Left out, because it cannot be read: %(why)s") % {"why": error.text})
        else:
            found.nodes.append(node)
    return found


def check_filters(request: Request, nodes: Sequence[Rule]) -> None:
    """Refuse filters that nobody can read, or that this member may not ask. RuleError."""
    rule = {"all": list(nodes)}
    check_rule(rule)
    check_may_ask(request, rule)
    named = segments_named_in(rule) | {
        int(argument["list"]) for _path, kind, argument in leaves_of(rule) if kind == "picked"
    }
    if named and visible(request).filter(pk__in=named).count() < len(named):
        raise RuleError((), _("A segment named here is gone."))


def form_for(kind: str, data: Any = None, *, node: Rule | None = None) -> LeafForm | None:
    """The form of a kind of filter, filled with `data` or the values of a filter; None for a kind without one."""
    known = leaf_type(kind)
    if known is None or known.form is None:
        return None
    initial = known.form.initial_of(node[kind]) if node and kind in node else None
    return known.form(data, prefix=PREFIX, initial=initial)


def kinds() -> list[type[LeafType]]:
    """The kinds of filter that have a form, in the builder's order."""
    return [one for one in leaf_types() if one.form is not None]


def filters_in_words(sentence: str) -> tuple[list[Rule], Understood]:
    """The filters that a sentence means (none where it was not understood), and how it was read."""
    understood = understand(sentence)
    rule = understood.rule
    if rule is None:
        return [], understood
    return (rule.get("all", [rule])), understood


def _open(text: str) -> Rule:
    """One node in the builder's shape. RuleError."""
    try:
        found = read_json(text) if len(text) <= LONGEST else None
    except BadJsonError:
        found = None
    if not isinstance(found, dict) or len(found) != 1:
        raise RuleError((), _("“%(text)s” is no filter.") % {"text": text[:40]})
    node: Rule = in_shape({"all": [found]})["all"][0]
    if not read_leaves({"all": [node]}):
        raise RuleError((), _("“%(text)s” is no filter.") % {"text": text[:40]})
    return node


def _chip(place: int, node: Rule) -> Chip:
    ((kind, argument),) = node.items()
    known = leaf_type(kind)
    if known is not None:
        return Chip(place, known.open(argument).phrase(), kind if known.form is not None else "")
    return Chip(place, Phrase("", "", sentence_of({"all": [node]}, language_here())))
