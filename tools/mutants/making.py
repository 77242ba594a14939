"""All mutants of the rooms, and a seeded sample of them."""

import ast
import random
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import cosmic_ray.plugins
from cosmic_ray.ast import get_ast_from_path
from cosmic_ray.mutating import mutate_code

from tools.mutants.places import ROOT, verbs
from tools.mutants.sql_mutations import mutations_of

SAME_MEANING = ("_Is", "_IsNot", "NotEq_IsNot", "Eq_Is")  # `==` and `is` agree on small numbers and enums


@dataclass(frozen=True, slots=True)
class Mutant:
    """One wrong token in one file."""

    path: str
    line: int
    change: str
    text: str

    def kept(self) -> dict[str, Any]:
        return {name: value for name, value in asdict(self).items() if name != "text"}


def sample(seed: int, count: int) -> list[Mutant]:
    """`count` mutants, the same for the same code and seed: a random mutant of each of `count` random lines."""
    by_line: dict[tuple[str, int], list[Callable[[], Mutant | None]]] = defaultdict(list)
    for path in verbs():
        for line, make in _of_sql(path) if path.suffix == ".sql" else _of_python(path):
            by_line[str(path), line].append(make)
    chance = random.Random(seed)  # noqa: S311
    lines = sorted(by_line)
    chance.shuffle(lines)
    made = (chance.choice(by_line[line])() for line in lines)
    return list(islice((mutant for mutant in made if mutant), count))


def _of_sql(path: Path) -> Iterator[tuple[int, Callable[[], Mutant]]]:
    for line, change, text in mutations_of((ROOT / path).read_text()):
        yield line, partial(Mutant, str(path), line, change, text)


def _of_python(path: Path) -> Iterator[tuple[int, Callable[[], Mutant | None]]]:
    code = (ROOT / path).read_text()
    left_out = _annotations(code)
    nodes = list(_nodes(get_ast_from_path(ROOT / path)))
    for name in cosmic_ray.plugins.operator_names():
        operator = cosmic_ray.plugins.get_operator(name)
        if name.endswith(SAME_MEANING) or operator.arguments():
            continue
        places = [place for node in nodes for place in operator().mutation_positions(node)]
        for occurrence, (start, _end) in enumerate(places):
            if start not in left_out:
                yield start[0], partial(_mutate, path, code, name, occurrence, start[0])


def _mutate(path: Path, code: str, name: str, occurrence: int, line: int) -> Mutant | None:
    """The mutant, or None where the operator cannot change this place after all (an exception's dotted name)."""
    try:
        mutated = mutate_code(code, cosmic_ray.plugins.get_operator(name)(), occurrence)
    except AttributeError:
        return None
    if not mutated or mutated == code or not _is_python(mutated):
        return None
    return Mutant(str(path), line, f"{name.removeprefix('core/')} {occurrence}", mutated)


def _is_python(code: str) -> bool:
    """False for `def f(a, /, b)` made of `def f(a, *, b)` and the like: nothing was tested there."""
    try:
        wrong = ast.parse(code)
    except SyntaxError:
        return False
    return not any(len(node.posonlyargs) for node in ast.walk(wrong) if isinstance(node, ast.arguments))


def _nodes(node: Any) -> Iterator[Any]:
    yield node
    for child in getattr(node, "children", ()):
        yield from _nodes(child)


def _annotations(code: str) -> set[tuple[int, int]]:
    """Where a wrong token dies, or cannot be seen, whatever the tests do: names of types, options of dataclasses."""
    spans: list[Any] = []
    for node in ast.walk(ast.parse(code)):
        spans += filter(None, (getattr(node, "annotation", None), getattr(node, "returns", None)))
        if isinstance(node, ast.TypeAlias):
            spans.append(node.value)
        if isinstance(node, ast.ClassDef):
            spans += node.decorator_list
    return {
        (line, column)
        for span in spans
        for line in range(span.lineno, span.end_lineno + 1)
        for column in range(
            span.col_offset if line == span.lineno else 0, span.end_col_offset if line == span.end_lineno else 200
        )
    }
