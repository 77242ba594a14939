"""Names and free values in a sentence: one of the workspace's own, one that is quoted, one or several words."""

from collections.abc import Iterator, Sequence
from typing import Any

from segments.words.patterns import Scene, Slot

type Ends = Iterator[tuple[int, Any]]


def listed(one: Slot, scene: Scene, place: int) -> Ends:
    """Several of `one` with commas or "or" between them, as (values, whether all are meant: "and")."""
    values, is_all, end = [], False, place
    while True:
        found = max(one(scene, end), key=lambda found: found[0], default=None)
        if found is None:
            return
        end, value = found
        values.append(value)
        yield end, (list(values), is_all)
        joint = scene.word(end)
        if joint == "," and scene.word(end + 1) in OR[scene.language] | AND[scene.language]:
            end, joint = end + 1, scene.word(end + 1)
        if joint not in OR[scene.language] | AND[scene.language] | {","}:
            return
        is_all = is_all or joint in AND[scene.language]
        end += 1
        if scene.language == "de" and scene.word(end) in {"der", "die", "das", "den", "dem"}:
            end += 1


OR = {"en": frozenset({"or"}), "de": frozenset({"oder"})}
AND = {"en": frozenset({"and"}), "de": frozenset({"und", "sowie"})}


def named(names: Sequence[str], scene: Scene, place: int) -> Ends:
    """One of these names: quoted, or as words that stand there (a name of several words wins by its length)."""
    token = scene.at(place)
    if token is None:
        return
    if token.kind == "quoted":
        exact = [name for name in names if name == token.text] or [
            name for name in names if _flat(name) == _flat(token.text)
        ]
        if exact:
            yield place + 1, exact[0]
        return
    for name in names:
        if end := _spelt(_flat(name), scene, place):
            yield end, name


def _flat(text: str) -> str:
    return " ".join(text.casefold().split())


def _spelt(name: str, scene: Scene, place: int) -> int:
    """The end of tokens that spell this name one after another; 0 where they do not."""
    rest, end = name, place
    while rest:
        token = scene.at(end)
        if token is None or token.kind == "quoted" or not (piece := _flat(token.text)):
            return 0
        if not rest.startswith(piece):
            if scene.language == "de" and rest + "s" == piece:  # des Newsletters
                return end + 1
            return 0
        rest, end = rest[len(piece) :].lstrip(), end + 1
        if not rest and scene.word(end) == "'s":
            return end
    return end


def text(scene: Scene, place: int) -> Ends:
    """A free value: what is quoted, a word, or several that begin with capitals; no word of the grammar."""
    token = scene.at(place)
    if token is None or token.kind == "mark":
        return
    if token.kind in {"quoted", "day"}:
        yield place + 1, token.text
        return
    words, end = [token.text], place + 1
    if token.word not in scene.keywords:
        yield end, token.text
    elif not token.text[0].isupper():
        return
    while (
        (more := scene.at(end)) and more.kind == "word" and more.word not in scene.keywords and more.text[0].isupper()
    ):
        words.append(more.text)
        end += 1
        if token.text[0].isupper():
            yield end, " ".join(words)  # New York, though "new" is a word of the grammar


def texts(scene: Scene, place: int) -> Ends:
    """One or more free values."""
    yield from listed(text, scene, place)


def quoted_text(scene: Scene, place: int) -> Ends:
    """What is quoted."""
    token = scene.at(place)
    if token and token.kind == "quoted":
        yield place + 1, token.text
