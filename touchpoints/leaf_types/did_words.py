"""What people did, in words: "opened an email at least 3 times in the last 30 days", "weder geöffnet noch geklickt"."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from segments.words.patterns import Found, Scene, longest_of
from segments.words.slots import SAID, comparison, number, times, times_words, whole, window, window_words
from segments.words.speech import BETWEEN, FARTHEST, NEGATIONS, Heard, Node, Words
from segments.words.tokens import number_words, quoted
from touchpoints.leaf_types.deeds import Kinds, deed_words, kind_of, own_kind, phrase_at, says_all
from touchpoints.leaf_types.kind_phrases import phrases_of
from touchpoints.leaf_types.which_words import WHERE, and_which, which, which_words

MOST_SAID = 10**13  # cents that are said as money
NOTHING = {"en": {"nothing": True}, "de": {"nichts": True}}
JOINTS = {"en": {"or": "any", "nor": "any", "and": "all"}, "de": {"oder": "any", "noch": "any", "und": "all"}}
SPENT = {
    "en": ("(spent|spend) [<comparison:op>] [€|$|£] <number:v> [euro|euros|dollars|pounds|eur|usd|€|$|£] [in total]",),
    "de": ("[insgesamt] [<comparison:op>] <number:v> [euro|franken|eur|chf|€] [insgesamt] (ausgegeben|ausgeben)",),
}
MEASURED = {
    "en": {"sum": "a total", "min": "a smallest", "max": "a largest", "distinct": "different"},
    "de": {"sum": "einer Summe", "min": "einem kleinsten", "max": "einem größten", "distinct": "verschiedenen"},
}
MOST_VERBS = 12  # of one clause


@dataclass
class _Said:
    """What was gathered of one clause."""

    verbs: list[tuple[Kinds, Kinds | None, bool]] = field(default_factory=list)
    own: str = ""
    joint: str = "any"
    more: Found = field(default_factory=dict)
    is_negated: bool = False
    tail: bool = False  # something stands behind the verb already

    @property
    def has_verb(self) -> bool:
        return bool(self.own) or (bool(self.verbs) and bool(self.verbs[-1][0]))


class DidWords(Words):
    """Reads the clause by hand: a verb and its thing, how often, when, which, in any order."""

    def hear(self, scene: Scene, place: int) -> Iterator[Heard]:
        yield from self._spent(scene, place)
        said, end = _gather(scene, place)
        node = _node(said, scene) if said.has_verb else None
        if node is not None:
            yield Heard(end, node, said.is_negated)

    def keywords(self, language: str) -> set[str]:
        verbs = {
            word for one in phrases_of(language).values() for text in one.verbs for word in text.casefold().split()
        }
        return verbs | {"spent", "ausgegeben", "counting", WHERE[language]}

    def negated(self, node: Node) -> Node | None:
        said = node["did"]
        measured = said.keys() & {"count", "sum", "min", "max", "distinct"}
        return None if measured else {"did": said | {"count": {"op": "=", "n": 0}}}

    def say(self, argument: Any, language: str) -> str:
        count, span = argument.get("count"), window_words(argument.get("window"), language)
        often = ""
        if count is not None:
            is_never = count["op"] == "=" and count["n"] == 0
            often = ("nie" if language == "de" else "never") if is_never else times_words(count, language)
        said = which_words(argument, language)
        deed, measure = deed_words(argument["kind"], language), _measure_words(argument, language)
        if spent := _spent_words(argument, language):
            deed, measure = spent, ""
        if language == "de":
            return " ".join(filter(None, ["die", span, often, deed, measure, said, "haben"]))
        is_never = often == "never"
        row = ["who", often if is_never else "", deed, "" if is_never else often, measure, said, span]
        return " ".join(filter(None, row))

    def _spent(self, scene: Scene, place: int) -> Iterator[Heard]:
        """So much money, in a span of time before it or behind."""
        end, more = place, {}
        for _round in range(2):
            if "window" not in more and (span := max(window(scene, end), key=lambda one: one[0], default=None)):
                end, more["window"] = span
            while not more.get("sum") and scene.word(end) in BETWEEN[scene.language]:
                end += 1
            if "sum" not in more and (found := longest_of(SPENT[scene.language], scene, end)):
                cents = round(found[1]["v"] * 100, 6)
                whole_cents = int(cents) if float(cents).is_integer() else cents
                end, more["sum"] = found[0], {"path": "value", "op": found[1].get("op", ">="), "value": whole_cents}
                end = and_which(scene, end, more)
        if "sum" in more:
            yield Heard(end, {"did": {"kind": "purchase"} | more})


def _gather(scene: Scene, place: int) -> tuple[_Said, int]:
    said, end, last = _Said(), place, place
    for _piece in range(FARTHEST):
        step = _step(said, scene, end) if scene.at(end) is not None else 0
        if step:
            end = last = step
        elif scene.word(end) in BETWEEN[scene.language]:
            end += 1
        else:
            break
    return said, last


def _step(said: _Said, scene: Scene, end: int) -> int:
    """Take the longest part of a clause that stands there; 0 where none does."""
    options = [*_deeds(said, scene, end)]
    for name, slot in (("window", window), ("count", _how_often), ("measure", _measure), ("which", which)):
        if name not in said.more:
            options += [(one, name, value) for one, value in slot(scene, end)]
    if no := _negation(said, scene, end):
        options.append((no, "no", True))
    if not options:
        return 0
    return _take(said, *max(options, key=lambda one: one[0]))


def _deeds(said: _Said, scene: Scene, end: int) -> Iterator[tuple[int, str, Any]]:
    """A verb, a thing, another verb of the same clause."""
    if not said.has_verb:
        if own := own_kind(scene, end):
            yield own[0], "own", own[1]
        if verb := phrase_at(scene, end, "verbs"):
            yield verb[0], "verb", (verb[1], says_all(scene, end, verb[0]))
    if (not said.verbs or said.verbs[-1][1] is None) and (thing := phrase_at(scene, end, "things")):
        yield thing[0], "thing", thing[1]
    if said.has_verb and not said.tail and (other := _other_verb(said, scene, end)):
        yield other


def _negation(said: _Said, scene: Scene, end: int) -> int:
    """Where a "not" ends that belongs to the clause: before the verb, or behind it with a thing ("opened no email")."""
    if scene.word(end) in NOTHING[scene.language]:
        return end + 1
    no = longest_of(NEGATIONS[scene.language], scene, end)
    if no is None or not said.has_verb:
        return no[0] if no else 0
    has_thing = phrase_at(scene, no[0], "things") or phrase_at(scene, no[0] + 1, "things")
    return no[0] if has_thing and scene.word(end) not in JOINTS[scene.language] else 0


def _take(said: _Said, end: int, name: str, value: Any) -> int:
    if name == "own":
        said.own = value
    elif name == "verb":
        things = said.verbs.pop()[1] if said.verbs else None
        said.verbs.append((value[0], things, value[1]))
    elif name == "thing":
        verbs, _things, is_whole = said.verbs.pop() if said.verbs else (frozenset(), None, False)
        said.verbs.append((verbs, value, is_whole))
    elif name == "no":
        said.is_negated = True
    elif name == "other":
        said.joint = value[0]
        said.verbs.append(value[1])
    elif name == "measure":
        said.more |= {"measure": True} | value
    elif name == "which":
        said.more |= value
    else:
        said.more[name] = value
    said.tail = said.tail or (said.has_verb and name in {"window", "count", "measure", "which"})
    return end


def _other_verb(said: _Said, scene: Scene, place: int, *, left: int = MOST_VERBS) -> tuple[int, str, Any] | None:
    """Another verb of the same clause: "opened or clicked …", "weder geöffnet noch geklickt"; with "and" bare ones."""
    joint = JOINTS[scene.language].get(scene.word(place))
    is_comma = scene.word(place) == ","
    if said.own or not left or (joint is None and not is_comma):
        return None
    end, verbs, things, is_whole = place + 1, None, None, False
    for _round in range(4):
        verb = phrase_at(scene, end, "verbs") if verbs is None else None
        thing = phrase_at(scene, end, "things") if things is None else None
        if verb:
            is_whole = says_all(scene, end, verb[0])
            end, verbs = verb
        elif thing:
            end, things = thing
        elif verbs is None and scene.word(end) in {"a", "an", "the", "eine", "einen", "ein", "uns"}:
            end += 1
    if verbs is None or (is_comma and _other_verb(said, scene, end, left=left - 1) is None):
        return None
    if joint == "all" and (things is not None or said.verbs[-1][1] is not None or end - place > 2):
        return None
    return end, "other", (joint or said.joint, (verbs, things, is_whole))


def _node(said: _Said, scene: Scene) -> Node | None:
    more = {name: value for name, value in said.more.items() if name != "measure"}
    if said.own:
        return {"did": {"kind": said.own} | more}
    kinds = []
    for verbs, things, is_whole in said.verbs:
        kind = kind_of(verbs, things, scene.language, is_whole=is_whole)
        if kind is None:
            return None
        kinds.append(kind)
    made: list[Node] = [{"did": {"kind": kind} | more} for kind in kinds]
    return made[0] if len(made) == 1 else {"each" if said.joint == "all" else "any": made}


def _how_often(scene: Scene, place: int) -> Iterator[tuple[int, Any]]:
    """How often; "at least 3 emails" says it without "times"."""
    yield from times(scene, place)
    for start, op in [(place, "="), *((end, op) for end, op in comparison(scene, place))]:
        for end, count in whole(scene, start):
            token = scene.at(start)
            if token is not None and token.kind == "number" and phrase_at(scene, end, "things"):
                yield end, {"op": op, "n": count}


def _measure(scene: Scene, place: int) -> Iterator[tuple[int, Found]]:
    """A measure of something recorded: "with a total “value” of at least 50"."""
    for name, words in MEASURED[scene.language].items():
        found = longest_of(
            (f"{'mit' if scene.language == 'de' else 'with'} {words.lower()} <quoted:path>",), scene, place
        )
        if found is None:
            continue
        for end, op in comparison(scene, found[0]):
            for last, value in number(scene, end):
                yield last, {name: {"path": found[1]["path"], "op": op, "value": value}}


def _measure_words(argument: Any, language: str) -> str:
    for name, words in MEASURED[language].items():
        if aim := argument.get(name):
            start = "mit" if language == "de" else "with"
            said = f"{SAID[language][aim['op']]} {number_words(aim['value'], language)}"
            return f"{start} {words} {quoted(aim['path'], language)} {said}"
    return ""


def _spent_words(argument: Any, language: str) -> str:
    """A total of purchases as money, where whole cents are asked for."""
    aim = argument.get("sum")
    if not aim or argument["kind"] != "purchase" or aim["path"] != "value":
        return ""
    if not float(aim["value"]).is_integer() or abs(aim["value"]) >= MOST_SAID:
        return ""
    money = f"{SAID[language][aim['op']]} {number_words(aim['value'] / 100, language)}"
    return f"{money} insgesamt ausgegeben" if language == "de" else f"spent {money} in total"
