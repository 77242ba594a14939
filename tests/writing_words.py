"""Where words in somebody's language (gettext) are written into a row: found in the source, call by call.

A word is followed through the names of its function and through the parameters of functions that store them, by a few
rounds until nothing new is found. What stands in `with team_language():` is in the workspace's language, and left out.
"""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from django.apps import apps
from django.db import models

WORDS = {"_", "_lazy", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy", "pgettext", "pgettext_lazy", "npgettext"}
WRITES = {"create", "get_or_create", "update_or_create", "update", "bulk_create"}
NOT_WORDS = {"self", "cls", "request", "by", "contact", "at"}
ROUNDS = 5


@dataclass(frozen=True)
class Place:
    """An expression whose value is written: under which condition, and which names and words it is made of."""

    line: int
    to: str
    names: frozenset[str]
    has_words: bool


@dataclass
class Function:
    """What a function of ours assigns, calls and stores; which of its parameters are stored in the end."""

    module: str
    node: ast.FunctionDef
    params: list[str]
    assigned: list[tuple[frozenset[str], frozenset[str], bool]] = field(default_factory=list)
    calls: list[tuple[ast.Call, list[tuple[int | str, Place]]]] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)
    storing: set[str] = field(default_factory=set)

    def reached_by(self, names: set[str], *, by_words: bool = False) -> set[str]:
        """The names that hold what these names hold, or words of a language."""
        found, before = set(names), -1
        while len(found) != before:
            before = len(found)
            for targets, sources, has_words in self.assigned:
                if sources & found or (by_words and has_words):
                    found |= targets
        return found


class Source:
    """The modules of these rooms, read once."""

    def __init__(self, paths: Iterable[tuple[str, Path]]) -> None:
        owned = [model for model in apps.get_models() if not model.__module__.startswith("django.")]
        self.models = {model.__name__ for model in owned} | {"Fact"}
        kinds = (models.CharField, models.TextField, models.JSONField)
        self.texts = {one.name for model in owned for one in model._meta.local_fields if isinstance(one, kinds)}
        self.texts -= {"choices"}  # of a form's field
        self.functions: dict[str, list[Function]] = {}
        self.imports: dict[str, dict[str, str]] = {}
        for module, path in paths:
            self._read(module, ast.parse(path.read_text()))
        for _round in range(ROUNDS):
            for one in self.all():
                for param in set(one.params) - one.storing - NOT_WORDS:
                    if any(True for _ in self._stored(one, one.reached_by({param}), words=False)):
                        one.storing.add(param)

    def all(self) -> Iterator[Function]:
        """Every function."""
        for some in self.functions.values():
            yield from some

    def written(self) -> Iterator[tuple[str, str, int, str]]:
        """(module, function, line, into what) of each place where words of a language are written."""
        for one in self.all():
            for place in self._stored(one, one.reached_by(set(), by_words=True), words=True):
                yield one.module, one.node.name, place.line, place.to

    def _stored(self, one: Function, names: set[str], *, words: bool) -> Iterator[Place]:
        for place in one.places:
            if place.names & names or (words and place.has_words):
                yield place
        for call, arguments in one.calls:
            for callee in self._called(one, call):
                for position, place in arguments:
                    offset = callee.params[:1] == ["self"] and isinstance(position, int)
                    at = position + offset if isinstance(position, int) else position
                    param = callee.params[at] if isinstance(at, int) and at < len(callee.params) else at
                    if param in callee.storing and (place.names & names or (words and place.has_words)):
                        yield place

    def _called(self, one: Function, call: ast.Call) -> list[Function]:
        name, known = call.func, self.imports[one.module]
        match name:
            case ast.Name(id=called):
                homes = {one.module, known.get(called, "")}
            case ast.Attribute(value=ast.Name(id="self"), attr=called):
                homes = {one.module}
            case ast.Attribute(value=ast.Name(id=owner), attr=called) if owner in known:
                homes = {f"{known[owner]}.{owner}"}
            case _:
                return []
        return [each for each in self.functions.get(called, []) if each.module in homes]

    def _read(self, module: str, tree: ast.Module) -> None:
        known = self.imports.setdefault(module, {})
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module:
                known |= {one.asname or one.name: node.module for one in node.names}
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef):
                made = Function(module, node, [one.arg for one in (*node.args.args, *node.args.kwonlyargs)])
                self._look_into(made)
                self.functions.setdefault(node.name, []).append(made)

    def _look_into(self, made: Function) -> None:
        for node in _outside_of_team_language(made.node):
            if isinstance(node, ast.Assign):
                self._assignment(made, node)
            elif isinstance(node, ast.Call):
                given = [(n, _place(node.lineno, _name(node), one)) for n, one in enumerate(node.args)]
                given += [(one.arg or "", _place(node.lineno, _name(node), one.value)) for one in node.keywords]
                made.calls.append((node, given))
                if _name(node) in self.models or (_name(node) in WRITES and "objects" in ast.unparse(node.func)):
                    made.places += [place for _position, place in given]

    def _assignment(self, made: Function, node: ast.Assign) -> None:
        place = _place(node.lineno, "", node.value)
        targets = [one for target in node.targets for one in getattr(target, "elts", [target])]
        stored = frozenset(one.id for one in targets if isinstance(one, ast.Name))
        made.assigned.append((stored, place.names, place.has_words))
        for one in targets:
            if isinstance(one, ast.Attribute) and one.attr in self.texts:
                made.places.append(Place(place.line, f".{one.attr}", place.names, place.has_words))


def _outside_of_team_language(node: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.With) and any("team_language" in ast.unparse(one.context_expr) for one in child.items):
            continue
        yield child
        yield from _outside_of_team_language(child)


def _place(line: int, to: str, value: ast.expr) -> Place:
    nodes = list(ast.walk(value))
    names = frozenset(one.id for one in nodes if isinstance(one, ast.Name))
    return Place(line, to, names, any(isinstance(one, ast.Call) and _name(one) in WORDS for one in nodes))


def _name(call: ast.Call) -> str:
    return getattr(call.func, "id", "") or getattr(call.func, "attr", "")
