"""What somebody did, read out of a sentence: a verb and its object, in the order of the language."""

from collections.abc import Iterator
from functools import cache

from segments.words.patterns import Scene, pattern
from segments.words.speech import BETWEEN
from segments.words.tokens import quoted
from touchpoints.kind_names import find_code
from touchpoints.leaf_types.kind_phrases import KindPhrase, nouns_of, phrases_of

Kinds = frozenset[str]


@cache
def _index(language: str, what: str) -> dict[str, dict[str, Kinds]]:
    """Phrases by their first word, each with the kinds that it speaks of."""
    found: dict[str, dict[str, set[str]]] = {}
    for key, one in phrases_of(language).items():
        for text in one.verbs if what == "verbs" else one.things:
            folded = text.casefold()
            for said in (folded, folded.partition(" ")[2]) if _begins_with_article(folded, language) else (folded,):
                found.setdefault(said.split()[0], {}).setdefault(said, set()).add(key)
    return {first: {text: frozenset(keys) for text, keys in more.items()} for first, more in found.items()}


def _begins_with_article(text: str, language: str) -> bool:
    return " " in text and text.split()[0] in BETWEEN[language] and text.split()[0] != "uns"


def phrase_at(scene: Scene, place: int, what: str) -> tuple[int, Kinds] | None:
    """The longest verb or thing ("verbs", "things") that stands there, with the kinds that it can mean."""
    best: tuple[int, Kinds] | None = None
    for text, kinds in _index(scene.language, what).get(scene.word(place), {}).items():
        found = pattern(text).longest(scene, place)
        if found and (best is None or found[0] > best[0]):
            best = found[0], kinds
        elif found and best is not None and found[0] == best[0]:
            best = found[0], best[1] | kinds
    return best


def kind_of(verbs: Kinds, things: Kinds | None, language: str, *, is_whole: bool = False) -> str | None:
    """The kind that a verb means with a thing, or alone; the first of the table where several are possible."""
    for key, one in phrases_of(language).items():
        if key in verbs and (key in things if things is not None else not one.needs_thing or is_whole):
            return key
    return None


def says_all(scene: Scene, place: int, end: int) -> bool:
    """Whether the tokens are a kind's own verb that needs no thing, though its other verbs do."""
    said = " ".join(scene.word(one) for one in range(place, end))
    return any(one.verb.casefold() == said and not one.thing for one in phrases_of(scene.language).values())


def deed(scene: Scene, place: int) -> Iterator[tuple[int, str]]:
    """A slot: what somebody did, as the key of its kind, with small words before and between."""
    verbs: Kinds | None = None
    things: Kinds | None = None
    is_whole, end, last = False, place, place
    while scene.at(end) is not None:
        verb = phrase_at(scene, end, "verbs") if verbs is None else None
        thing = phrase_at(scene, end, "things") if things is None else None
        if verb and (thing is None or verb[0] >= thing[0]):
            is_whole = says_all(scene, end, verb[0])
            end, verbs = verb
        elif thing:
            end, things = thing
        elif own := own_kind(scene, end):
            yield own
            return
        elif scene.word(end) in BETWEEN[scene.language]:
            end += 1
            continue
        else:
            break
        last = end
    if verbs is not None and (key := kind_of(verbs, things, scene.language, is_whole=is_whole)):
        yield last, key


def own_kind(scene: Scene, place: int) -> tuple[int, str] | None:
    """A kind by its name: did “Ticket scanned”; „Ticket scanned“ getan."""
    is_german = scene.language == "de"
    token = scene.at(place if is_german else place + 1)
    word = scene.word(place + 1 if is_german else place)
    if token is None or token.kind != "quoted" or word != ("getan" if is_german else "did"):
        return None
    return (place + 2, token.text) if find_code(token.text) is not None else None


def noun(scene: Scene, place: int) -> Iterator[tuple[int, str]]:
    """A slot: a noun of what is done ("purchase", "Kauf"), as the key of its kind."""
    for text, key in nouns_of(scene.language).items():
        if found := pattern(text).longest(scene, place):
            yield found[0], key


def deed_words(key: str, language: str) -> str:
    """What somebody did, as `deed` reads it back."""
    one: KindPhrase | None = phrases_of(language).get(key)
    if one is None:
        return f"{quoted(key, language)} getan" if language == "de" else f"did {quoted(key, language)}"
    parts = (one.thing, one.verb) if language == "de" else (one.verb, one.thing)
    return " ".join(filter(None, parts))
