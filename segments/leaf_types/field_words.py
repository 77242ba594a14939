"""A contact's field in words: "whose city is “Berlin”", "in Germany", "with more than 500 points", "added this week"."""

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from django.utils.translation import override

from contacts.countries import country_code
from contacts.fields import FieldType, Place, field_at, fields_at, is_own
from contacts.models import Contact, CustomType, FieldDefinition, FieldValue
from segments.leaf_types.field_tests import read_test, test_keywords, value
from segments.models import Segment
from segments.words.patterns import Found, Scene, Slot
from segments.words.slots import day_words, number_said
from segments.words.speech import Node, Words
from segments.words.tokens import quoted
from segments.words.values import listed, named, text

MOST_KNOWN = 2_000
ALSO_CALLED = {
    "en": {"email": ("email address", "e-mail", "email"), "given_name": ("given name",), "family_name": ("surname",),
           "created_at": ("known to us",), "city": ("town",), "zone": ("timezone",)},
    "de": {"email": ("e-mail-adresse", "mailadresse"), "given_name": ("vornamen",), "family_name": ("nachnamen",),
           "city": ("stadt", "wohnort"), "country": ("land",), "name": ("namen",)},
}  # fmt: skip
LANGUAGES = {
    "german": "de", "deutsch": "de", "english": "en", "englisch": "en", "french": "fr", "französisch": "fr",
    "italian": "it", "italienisch": "it", "spanish": "es", "spanisch": "es", "dutch": "nl", "niederländisch": "nl",
    "polish": "pl", "polnisch": "pl", "portuguese": "pt", "portugiesisch": "pt", "swedish": "sv", "schwedisch": "sv",
    "danish": "da", "dänisch": "da", "czech": "cs", "tschechisch": "cs", "turkish": "tr", "türkisch": "tr",
}  # fmt: skip
CODES = frozenset({"US", "UK"})
OPPOSITES = {"=": "!=", "!=": "=", "set": "unset", "unset": "set"}
# Of each operator: how it is said behind "whose city", in German behind "deren Ort".
TEXT_SAID = {
    "en": {"=": "is {v}", "!=": "is not {v}", "contains": "contains {v}", "starts": "begins with {v}",
           "in": "is one of {v}", "set": "is known", "unset": "is not known"},
    "de": {"=": "{v} ist", "!=": "nicht {v} ist", "contains": "{v} enthält", "starts": "mit {v} beginnt",
           "in": "eines von {v} ist", "set": "bekannt ist", "unset": "unbekannt ist"},
}  # fmt: skip
NUMBER_SAID = {
    "en": {"=": "is {v}", "!=": "is not {v}", "<": "is below {v}", "<=": "is at most {v}", ">": "is above {v}",
           ">=": "is at least {v}"},
    "de": {"=": "{v} ist", "!=": "nicht {v} ist", "<": "unter {v} liegt", "<=": "höchstens {v} ist", ">": "über {v} liegt",
           ">=": "mindestens {v} ist"},
}  # fmt: skip
MOMENT_SAID = {
    "en": {"before": "is before {v}", "after": "is on or after {v}", "last_days": "is in the last {v} days",
           "<": "is earlier than {v}", "<=": "is not later than {v}", ">": "is later than {v}", ">=": "is not earlier than {v}"},
    "de": {"before": "vor dem {v} liegt", "after": "am oder nach dem {v} liegt", "last_days": "in den letzten {v} Tagen liegt",
           "<": "früher als am {v} ist", "<=": "nicht später als am {v} ist", ">": "später als am {v} ist",
           ">=": "nicht früher als am {v} ist"},
}  # fmt: skip
YES = {"en": {True: "yes", False: "no"}, "de": {True: "ja", False: "nein"}}


class FieldWords(Words):
    patterns = {
        "en": (
            "[with] [a|an] <field:set>",
            "[whose|with] [a|an] <field> <test>",
            "[with] [a|an] <comparison:op> <number:v> <field>",
            "[with] [a|an] <field> [of] <comparison:op> <number:v>",
            "[with] [a|an] <field> of <number:v>",
            "[whose] <field> <number:v>",
            "(in|from|near) [the] [city of|town of] <cities>",
            "(live|lives|living|based) in [the] <cities>",
            "(in|from) [the] <countries>",
            "(live|lives|living|based) in [the] <countries>",
            "(speak|speaks|speaking) <tongue>",
            "[with] (unknown|missing) <field:unset>",
            "(added|created|joined|new) <window:known>",
            "[we] [have] known <window:known>",
            "[with] [an|a] (open|unresolved) (complaint|complaints) <nothing:complaint>",
        ),
        "de": (
            "[mit] [einer|einem] <field:set>",
            "[deren|mit] <field> <test>",
            "[mit] <comparison:op> <number:v> <field>",
            "[mit] [einem|einer] <field> [von] <comparison:op> <number:v>",
            "[mit] [einem|einer] <field> von <number:v>",
            "(in|aus|bei) [der|dem|den] [stadt] <cities> [wohnen|leben|wohnend|kommen]",
            "(in|aus) [der|dem|den] <countries> [wohnen|leben|wohnend|kommen]",
            "<tongue> (sprechen|sprechend|spricht)",
            "[mit] (unbekannt*|fehlend*) <field:unset>",
            "<window:known> (dazugekommen|hinzugekommen|hinzugefügt|angelegt|aufgenommen|bekannt)",
            "(neu|bekannt) <window:known>",
            "[mit] offen* (beschwerde|beschwerden) <nothing:complaint>",
        ),
    }

    def slots(self) -> dict[str, Slot]:
        return {
            "field": _one_field,
            "test": read_test,
            "value": value,
            "cities": lambda scene, place: listed(_one_city, scene, place),
            "countries": lambda scene, place: listed(_one_country, scene, place),
            "tongue": _one_tongue,
            "nothing": lambda scene, place: iter([(place, True)]),
        }

    def keywords(self, language: str) -> set[str]:
        return super().keywords(language) | test_keywords(language)

    def node(self, found: Found, scene: Scene) -> Node | None:
        for name, make in NODES.items():
            if name in found:
                return make(found[name])
        if "test" in found:
            is_yes_no = found["field"] in scene.look_up("fields of yes and no", _yes_no_names)
            return _tested(found["field"], *found["test"], is_yes_no=is_yes_no)
        return _line(found["field"], found.get("op", "="), found["v"]) if _is_number(found["field"]) else None

    def negated(self, node: Node) -> Node | None:
        said = node["field"]
        opposite = OPPOSITES.get(said["op"])
        if opposite is None or isinstance(said.get("value"), bool):
            return None
        return {"field": said | {"op": opposite}}

    def say(self, argument: Any, language: str) -> str:
        name, op, value = argument["name"], argument["op"], argument.get("value")
        own = field_at(Place.SEGMENT, name)
        said = _label(name, language) if own else f"{'Feld' if language == 'de' else 'field'} {quoted(name, language)}"
        words = compared_words(op, value, language)
        return f"deren {said} {words}" if language == "de" else f"whose {said} {words}"


def compared_words(op: str, value: Any, language: str) -> str:
    """A comparison, as segments/leaf_types/field_tests.py reads it back. KeyError where there are no words for it."""
    if isinstance(value, bool):
        return (
            (f"{YES['de'][value]} ist" if language == "de" else f"is {YES['en'][value]}") if op == "=" else _no_words()
        )
    if isinstance(value, (int, float)) and op != "last_days":
        return NUMBER_SAID[language][op].format(v=number_said(value, language))
    if op in MOMENT_SAID[language]:
        if op == "last_days":
            return MOMENT_SAID[language][op].format(v=value)
        return MOMENT_SAID[language][op].format(v=day_words(value, language))
    if isinstance(value, list):
        return TEXT_SAID[language][op].format(v=", ".join(quoted(one, language) for one in value))
    return TEXT_SAID[language][op].format(v="" if value is None else quoted(value, language))


def _no_words() -> str:
    raise KeyError


def _line(name: str, op: str, *value: Any) -> Node:
    return {"field": {"name": name, "op": op} | ({"value": value[0]} if value else {})}


def _known(window: dict[str, Any]) -> Node | None:
    """Since when somebody is known, from a span of time."""
    for span, op in (("last_days", "last_days"), ("before", "before"), ("after", "after")):
        if span in window:
            return _line("created_at", op, window[span])
    return None


def _tested(name: str, op: str, value: Any, *, is_yes_no: bool = False) -> Node | None:
    own = field_at(Place.SEGMENT, name)
    kind = own.type if own else None
    if kind is FieldType.YES_NO or (is_yes_no and op == "="):
        return _line(name, "=", value) if isinstance(value, bool) else None
    if isinstance(value, bool):
        return None
    if kind is FieldType.TEXT and isinstance(value, (int, float)):
        value = str(value)
    if name == "country" and op in {"=", "!="} and isinstance(value, str):
        value = value if len(value) == 2 else country_code(value) or value
    return _line(name, op) if value is None else _line(name, op, value)


def _may_lack(name: str) -> bool:
    own = field_at(Place.SEGMENT, name)
    return own is None or own.type in {FieldType.TEXT, FieldType.MOMENT}


def _is_number(name: str) -> bool:
    own = field_at(Place.SEGMENT, name)
    return own is None or own.type is FieldType.NUMBER


@cache
def _label(name: str, language: str) -> str:
    with override(language):
        return next(str(one.label) for one in fields_at(Place.SEGMENT) if one.name == name)


def _one_field(scene: Scene, place: int) -> Iterator[tuple[int, str]]:
    """A field of the table by its label, or one of the workspace by its name."""
    language = scene.language
    if scene.word(place) in {"field", "feld"} and (token := scene.at(place + 1)) is not None and token.kind == "quoted":
        if token.text and not is_own(token.text):
            yield place + 2, token.text
        return
    for one in fields_at(Place.SEGMENT):
        words = (_label(one.name, language), *ALSO_CALLED[language].get(one.name, ()))
        yield from ((end, one.name) for end, _word in named(words, scene, place))
    custom = scene.look_up("custom fields", _custom_names)
    yield from ((end, name) for end, name in named(custom, scene, place) if not is_own(name))


def _custom_names() -> list[str]:
    used = FieldValue.objects.order_by("name").values_list("name", flat=True).distinct()[:MOST_KNOWN]
    declared = FieldDefinition.objects.filter(archived_at=None).values_list("name", flat=True)
    return list(dict.fromkeys([*used, *declared]))


def _yes_no_names() -> set[str]:
    return set(FieldDefinition.objects.filter(type=CustomType.YES_NO).values_list("name", flat=True))


def _one_city(scene: Scene, place: int) -> Iterator[tuple[int, str]]:
    """A city that somebody lives in, or any word with a capital that is no country."""
    known = scene.look_up(
        "cities", lambda: list(Contact.objects.values_list("city", flat=True).distinct()[:MOST_KNOWN])
    )
    found = max(named([one for one in known if one], scene, place), key=lambda one: one[0], default=None)
    if found is not None:
        yield found
        return
    token = scene.at(place)
    is_segment = token is not None and token.kind == "quoted" and token.text in _segments(scene)
    if token is None or is_segment or any(_one_country(scene, place)):
        return
    if token.kind == "quoted" or token.text[:1].isupper():
        yield from ((end, one) for end, one in text(scene, place) if isinstance(one, str))


def _segments(scene: Scene) -> set[str]:
    """Names of segments: in “VIPs” is none of a city."""
    known: set[str] = scene.look_up("segment names", lambda: set(Segment.objects.values_list("name", flat=True)))
    return known


def _one_country(scene: Scene, place: int) -> Iterator[tuple[int, str]]:
    """A country by its name in English, German or its own tongue, as two letters."""
    words, end = "", place
    while (token := scene.at(end)) is not None and token.kind in {"word", "quoted"} and end < place + 4:
        words, end = f"{words} {token.text}".strip(), end + 1
        if (len(words) > 2 or token.text in CODES) and (code := country_code(words)):
            yield end, code


def _one_tongue(scene: Scene, place: int) -> Iterator[tuple[int, str]]:
    if code := LANGUAGES.get(scene.word(place)):
        yield place + 1, code


def _listed(name: str, values: list[str]) -> Node:
    return _line(name, "in", values) if len(values) > 1 else _line(name, "=", values[0])


def _filled(name: str, op: str) -> Node | None:
    return _line(name, op) if _may_lack(name) else None


# What each slot of a phrase makes.
NODES: dict[str, Callable[[Any], Node | None]] = {
    "complaint": lambda _true: _line("complaint_since", "set"),
    "tongue": lambda code: _line("language", "=", code),
    "known": _known,
    "cities": lambda found: _listed("city", found[0]),
    "countries": lambda found: _listed("country", found[0]),
    "set": lambda name: _filled(name, "set"),
    "unset": lambda name: _filled(name, "unset"),
}
