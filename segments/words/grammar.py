"""The grammar of a sentence about people, by recursive descent over the lines that leaf types read.

    sentence := part* scope*                    "customers in Berlin", "who …" again and again: all of it holds
    scope    := (who | die) any-of              "who A and B or C": and binds tighter than or
    part     := line | "(" any-of ")" | not part | (all of | any of): part

What is said at the beginning of a sentence before any "who" is one scope too; a noun that begins it ("customers") holds
of everything behind it. A word that nobody understands is noted with its place and passed over.
"""

from dataclasses import dataclass, field

from lib.foreign.foreign_json import BadJsonError, read_json
from segments.leaf_types.base import LeafType, leaf_type, leaf_types
from segments.words.patterns import Scene, longest_of, pattern
from segments.words.slots import SLOTS
from segments.words.speech import BETWEEN, NEGATIONS, Heard, Node, Words
from segments.words.tokens import cut

MOST_TOKENS, DEEPEST = 3_000, 12
MOST_LOOKED = 150_000  # times that phrases are looked for in a sentence: what stands behind that is not understood
AND = {"en": frozenset({"and", "but", "plus"}), "de": frozenset({"und", "aber", "sowie", "jedoch", "sondern"})}
OR = {"en": frozenset({"or"}), "de": frozenset({"oder"})}
EXCEPT = {"en": ("except [for]", "excluding", "but not", "other than"), "de": ("außer", "ausgenommen", "bis auf")}
WHO = {
    "en": frozenset({"who", "that", "which", "whose", "whom"}),
    "de": frozenset({"die", "deren", "denen", "welche", "dessen"}),
}
ENGLISH_FILLERS = """
people persons person contacts contact users user everyone everybody anyone anybody all every those
with it them their please show me find only
"""
GERMAN_FILLERS = """
personen person kontakte kontakt leute menschen nutzer alle allen alles jeder jede diejenigen
denjenigen mit deren bitte zeige mir finde nur
"""
FILLERS = {
    "en": BETWEEN["en"] | frozenset(ENGLISH_FILLERS.split()),
    "de": BETWEEN["de"] | frozenset(GERMAN_FILLERS.split()),
}
NOBODY = {"en": ("nobody", "no one"), "de": ("niemand", "niemanden")}
EVERYBODY = {"en": frozenset({"everybody", "everyone"}), "de": frozenset({"alle"})}
ALL_OF = {"en": ("all of :",), "de": ("alles von :",)}
ANY_OF = {"en": ("any of :",), "de": ("eines von :",)}
RAW = {"en": "line", "de": "zeile"}


@dataclass
class Reading:
    """What is left of a sentence while it is read."""

    scene: Scene
    leaves: list[tuple[type[LeafType], Words]]
    place: int = 0
    unknown: list[int] = field(default_factory=list)  # tokens that nobody understood
    heard: dict[int, Heard | None] = field(default_factory=dict)

    @property
    def word(self) -> str:
        """The plain word or mark that is next."""
        return self.scene.word(self.place)

    def takes(self, *phrases: str) -> bool:
        """Step over the longest of these phrases, if one is next."""
        found = longest_of(phrases, self.scene, self.place)
        self.place = found[0] if found else self.place
        return found is not None

    def marks(self, mark: str) -> bool:
        """Step over this mark, if it is next."""
        is_next = self.word == mark
        self.place += is_next
        return is_next


def read_sentence(sentence: str, language: str) -> tuple[Node, Scene, list[int]]:
    """(the rule's node, the scene, the tokens that nobody understood)."""
    reading = open_reading(sentence, language)
    return _sentence(reading), reading.scene, reading.unknown


def open_reading(sentence: str, language: str) -> Reading:
    """A sentence before it is read."""
    leaves = [(one, one.words) for one in leaf_types() if one.words is not None]
    slots, keywords = dict(SLOTS), set(_own_words(language))
    for _leaf, words in leaves:
        slots |= words.slots()
        keywords |= words.keywords(language)
    return Reading(Scene(cut(sentence)[:MOST_TOKENS], language, slots, frozenset(keywords)), leaves)


def _own_words(language: str) -> frozenset[str]:
    negations = {word for text in NEGATIONS[language] for word in pattern(text).words}
    return AND[language] | OR[language] | WHO[language] | FILLERS[language] | negations | {RAW[language]}


def _sentence(reading: Reading) -> Node:
    """The whole sentence, as a group in the builder's shape."""
    language = reading.scene.language
    if reading.takes(*NOBODY[language]):
        return {"any": []}
    if reading.takes(*ANY_OF[language]):
        inner = _any_of(reading, 0)
        return {"any": _lines(inner) if inner else []}
    scopes: list[Node] = []
    heads = _heads(reading)
    while reading.scene.at(reading.place) is not None:
        if reading.word == ")":
            reading.unknown.append(reading.place)
            reading.place += 1
        elif (scope := _any_of(reading, 0)) is not None:
            scopes.append(scope)
    if not heads and len(scopes) == 1:
        return scopes[0]
    return {"all": [*heads, *(one for scope in scopes for one in _lines(scope))]}


def _heads(reading: Reading) -> list[Node]:
    """The nouns that the sentence begins with, unless "and" or "or" follows them."""
    found, start = [], 0
    while True:
        begun = reading.place
        _skip_fillers(reading)
        heard = _heard(reading)
        if heard is None or heard.is_negated or not _is_head(reading, heard):
            reading.place = begun
            break
        found.append(heard.node)
        start, reading.place = begun, heard.end
        joint = reading.word if reading.word != "," else reading.scene.word(reading.place + 1)
        if joint in OR[reading.scene.language]:
            reading.place = start
            return found[:-1]
    return found


def _is_head(reading: Reading, heard: Heard) -> bool:
    kinds = {next(iter(one)) for one in heard.node.get("any", [heard.node])}
    return all(any(leaf.type == kind and words.is_head for leaf, words in reading.leaves) for kind in kinds)


def _any_of(reading: Reading, depth: int) -> Node | None:
    """One scope: groups of lines with "or" between them. None where nothing stands in it."""
    scope = _Scope()
    while reading.scene.at(reading.place) is not None and reading.word != ")":
        if reading.word in WHO[reading.scene.language] and _opens(reading):
            if scope.is_begun and not scope.is_joined:
                break  # another "who" begins another scope; one behind a joint goes on
            reading.place += 1
        elif not _joint(reading, scope):
            _take_part(reading, scope, depth)
    rows = [row for row in scope.rows if row]
    if not rows:
        return None
    if len(rows) == len(rows[0]) == 1 and "any" in rows[0][0] and reading.scene.word(reading.place - 1) != ")":
        return rows[0][0]  # one clause of several verbs, not a group in brackets
    if len(rows) > 1:
        return {"any": [row[0] if len(row) == 1 else {"all": row} for row in rows]}
    return {"all": rows[0]}


@dataclass
class _Scope:
    """Lines as they come: a row holds those joined by "and", "or" begins another."""

    rows: list[list[Node]] = field(default_factory=lambda: [[]])
    is_joined: bool = True
    is_begun: bool = False
    is_except: bool = False


def _joint(reading: Reading, scope: _Scope) -> bool:
    """Step over an "and", an "or", a comma, an "except"; False where none stands there."""
    language, word = reading.scene.language, reading.word
    if reading.takes(*EXCEPT[language]):
        scope.is_joined = scope.is_except = True
        return True
    if word in OR[language]:
        scope.rows.append([])
    elif word not in AND[language] | {",", ";"}:
        return False
    scope.is_joined = scope.is_joined or word in AND[language] | OR[language]
    reading.place += 1
    return True


def _take_part(reading: Reading, scope: _Scope, depth: int) -> None:
    """A line or a group; a word between them is passed over, any other is noted as unknown."""
    part = _part(reading, depth, is_except=scope.is_except)
    if part is not None:
        scope.rows[-1] += part.get("each", [part])
        scope.is_joined, scope.is_except, scope.is_begun = False, False, True
        return
    if reading.word not in FILLERS[reading.scene.language]:
        reading.unknown.append(reading.place)
        scope.is_joined = False
    reading.place += 1


def _opens(reading: Reading) -> bool:
    """Whether the word is a relative pronoun here; in German it may be an article, too."""
    before = reading.scene.word(reading.place - 1)
    if reading.scene.language == "en" or reading.place == 0:
        return True
    return before in {",", "(", ":"} | AND["de"] | OR["de"] or reading.word == "deren"


def _part(reading: Reading, depth: int, *, is_except: bool) -> Node | None:
    """A line, a group in brackets, or the negation of one; None where none begins here."""
    if depth > DEEPEST:
        return None
    heard = _heard(reading)
    if heard is not None:
        reading.place = heard.end
        return _negated(reading, heard.node) if heard.is_negated != is_except else heard.node
    begun = reading.place
    is_not = reading.takes(*NEGATIONS[reading.scene.language])
    group = _bracketed(reading, depth, may_be_bare=is_not)
    if group is None:
        reading.place = begun
    elif "each" not in group and is_not != is_except:
        return {"not": group if "any" in group else {"any": [group]}}
    return group


def _bracketed(reading: Reading, depth: int, *, may_be_bare: bool = False) -> Node | None:
    """What stands in brackets. A single line within is that line alone, unless a group of one is said ("any of:")."""
    language = reading.scene.language
    if may_be_bare and reading.takes(*NOBODY[language]):
        return {"any": []}
    begun = reading.place
    if not reading.marks("("):
        return None
    made = None
    for phrases, joint in ((ALL_OF, "all"), (ANY_OF, "any")):
        if reading.takes(*phrases[language]):
            inner = _any_of(reading, depth + 1)
            made = {joint: _lines(inner) if inner else []}
            break
    else:
        if reading.takes(*NOBODY[language]):
            made = {"any": []}
        elif reading.word in EVERYBODY[language] and reading.scene.word(reading.place + 1) == ")":
            reading.place += 1
            made = {"all": []}
        elif inner := _any_of(reading, depth + 1):
            made = inner["all"][0] if len(inner.get("all", ())) == 1 else inner
    if made is None:  # nothing in it was understood, and it is not read again: brackets in brackets would take for ever
        reading.unknown.append(begun)
        reading.marks(")")
        return {"each": []}
    if not reading.marks(")"):
        reading.unknown.append(min(reading.place, len(reading.scene.tokens) - 1))
    return made


def _lines(scope: Node) -> list[Node]:
    """The lines of a scope: those of an "all" one by one, an "any" as one group."""
    return list(scope["all"]) if "all" in scope else [scope]


def _skip_fillers(reading: Reading) -> None:
    while reading.word in FILLERS[reading.scene.language]:
        if _heard(reading) is not None:
            return
        reading.place += 1


def _heard(reading: Reading) -> Heard | None:
    """The longest line that begins here; of equals that of the first leaf type."""
    place = reading.place
    if reading.scene.looked > MOST_LOOKED:
        return None
    if place not in reading.heard:
        options = [_raw(reading), *(one for _leaf, words in reading.leaves for one in words.hear(reading.scene, place))]
        known = [one for one in options if one is not None]
        reading.heard[place] = max(known, key=lambda one: one.end, default=None)
    return reading.heard[place]


def _raw(reading: Reading) -> Heard | None:
    """A line that has no words: `line “{…}”`."""
    token = reading.scene.at(reading.place + 1)
    if reading.word != RAW[reading.scene.language] or token is None or token.kind != "quoted":
        return None
    try:
        node = read_json(token.text)
    except BadJsonError:
        return None
    return Heard(reading.place + 2, node) if isinstance(node, dict) and len(node) == 1 else None


def _negated(reading: Reading, node: Node) -> Node:
    """The opposite, in a leaf type's own words where it has some."""
    ((kind, argument),) = node.items()
    if kind in {"any", "each"}:  # neither … nor: each of them
        return {"each": [_negated(reading, one) for one in argument]}
    known = leaf_type(kind)
    opposite = known.words.negated(node) if known is not None and known.words is not None else None
    return opposite or {"not": {"any": [node]}}
