"""A rule as the builder draws it: nested groups of lines in words, with counts and the form that is open."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from segments.builder.drafting import Rule, write_path
from segments.leaf_types.base import Path, Phrase, RuleError, leaf_type
from segments.rules.counting import Count


@dataclass
class Node:
    """One line or group on the page."""

    path: str
    kind: str
    before: str = ""
    joint: str = ""
    inner: str = ""
    phrase: Phrase | None = None
    has_form: bool = False
    count: int | None = None
    count_word: str = ""
    form: Any = None
    form_kind: str = ""
    error: str = ""
    children: list["Node"] = field(default_factory=list)

    @property
    def next_path(self) -> str:
        """The path of a line to be added."""
        return f"{self.inner}.{len(self.children)}".lstrip(".") if self.inner else str(len(self.children))


@dataclass(frozen=True)
class Opened:
    """The line whose form is open: where, which word, the form."""

    path: Path
    kind: str
    form: Any


@dataclass(frozen=True)
class Drawing:
    """What the tree is drawn with: counts, the open line, the place of an error."""

    count: Count | None
    opened: Opened | None
    error: tuple[Path, str] | None
    hidden: Sequence[Path] = ()

    def node(self, node: Any, path: Path, place: int = 0, around: str = "all") -> Node:
        """One node with all below it; `place` among its siblings, `around` the group they stand in."""
        ((kind, argument),) = node.items()
        made = Node(write_path(path), kind, _before(around, node, place))
        self._add_count(made, path, place, around)
        if self.error and self.error[0] == path:
            made.error = self.error[1]
        if kind in {"all", "any", "not"}:
            self._add_children(made, kind, argument, path)
            return made
        known = leaf_type(kind)
        phrase = _phrase(kind, argument)
        made.phrase = phrase.masked() if path in self.hidden else phrase
        made.has_form = bool(known and known.form) and path not in self.hidden
        self._open(made, path)
        return made

    def _add_children(self, made: Node, kind: str, argument: Any, path: Path) -> None:
        inner = (*path, 0) if kind == "not" else path
        made.joint, made.inner = "none" if kind == "not" else kind, write_path(inner)
        children = argument["any"] if kind == "not" else argument
        made.children = [self.node(child, (*inner, n), n, made.joint) for n, child in enumerate(children)]
        self._open(made, (*inner, len(children)))

    def _open(self, made: Node, path: Path) -> None:
        if self.opened and self.opened.path == path:
            made.form, made.form_kind = self.opened.form, self.opened.kind

    def _add_count(self, made: Node, path: Path, place: int, around: str) -> None:
        if self.count is not None and path in self.count.lines:
            made.count = self.count.lines[path]
            made.count_word = _("fewer") if around == "none" else _("more") if around == "any" and place else ""


def draw(
    rule: Rule,
    count: Count | None,
    opened: Opened | None = None,
    error: tuple[Path, str] | None = None,
    hidden: Sequence[Path] = (),
) -> Node:
    """The tree of a rule in the builder's shape; of `hidden` lines the value is not shown."""
    return Drawing(count, opened, error, hidden).node(rule, ())


def leaf_form(kind: str) -> Any:
    """The form class of a leaf type, or None where it has none."""
    known = leaf_type(kind)
    return known.form if known else None


def _phrase(kind: str, argument: Any) -> Phrase:
    """The line in words, or a question mark where nobody can read it any more."""
    known = leaf_type(kind)
    try:
        return known.open(argument).phrase() if known else Phrase(kind, "", "?", "help-hexagon")
    except RuleError:
        return Phrase(known.label if known else kind, "", "?", "help-hexagon")


def _before(joint: str, child: Any, number: int) -> str:
    if not number:
        return ""
    if joint != "all":
        return _("or")
    return _("but") if "not" in child else _("and")
