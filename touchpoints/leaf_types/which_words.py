"""Which moments of a kind are meant, in words: conditions on one in brackets, and whether machines count."""

from collections.abc import Iterator
from typing import Any

from segments.leaf_types.field_tests import read_test
from segments.leaf_types.field_words import compared_words
from segments.words.patterns import Found, Scene, longest_of
from segments.words.tokens import quoted

MACHINES = {"en": "counting machines too", "de": "Maschinen mitgezählt"}
WHERE = {"en": "where", "de": "wobei"}


def which_words(argument: Any, language: str) -> str:
    """What a line says of its moments beside their kind and span, as `which` reads it back; nothing for none."""
    tests = [_where_words(one, language) for one in argument.get("where") or ()]
    said = [f"({WHERE[language]} {'; '.join(tests)})"] if tests else []
    said += [MACHINES[language]] if argument.get("certainty", "human") == "any" else []
    return " ".join(said)


def and_which(scene: Scene, end: int, more: Found) -> int:
    """Conditions on a moment, and whether machines count, behind what they belong to."""
    for read in (_wheres, _machines):
        if found := read(scene, end):
            end = found[0]
            more |= found[1]
    return end


def which(scene: Scene, place: int) -> Iterator[tuple[int, Found]]:
    """One of them, where it ends, as the keys of a rule."""
    for read in (_wheres, _machines):
        if found := read(scene, place):
            yield found


def _machines(scene: Scene, place: int) -> tuple[int, Found] | None:
    found = longest_of((MACHINES[scene.language].lower(),), scene, place)
    return (found[0], {"certainty": "any"}) if found else None


def _wheres(scene: Scene, place: int) -> tuple[int, Found] | None:
    """Conditions on each moment, in brackets: "(where “size” is at least 3; “sku” is “A”)"."""
    if scene.word(place) != "(" or scene.word(place + 1) != WHERE[scene.language]:
        return None
    end, tests = place + 2, []
    while (token := scene.at(end)) is not None and token.kind == "quoted":
        found = max(read_test(scene, end + 1), key=lambda one: one[0], default=None)
        if found is None:
            return None
        op, value = found[1]
        tests.append({"path": token.text, "op": op} | ({} if value is None else {"value": value}))
        end = found[0]
        if scene.word(end) == ")":
            return end + 1, {"where": tests}
        end += 1
    return None


def _where_words(test: Any, language: str) -> str:
    return f"{quoted(test['path'], language)} {compared_words(test['op'], test.get('value'), language)}"
