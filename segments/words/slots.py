"""What can stand in a phrase: numbers, comparisons, days, spans of time, how often, free values, channels."""

import re
from typing import Any

from segments.words.patterns import Scene, Slot, longest_of
from segments.words.tokens import day_of, number_of, number_words, quoted
from segments.words.values import Ends, quoted_text, text, texts

COMPARISONS: dict[str, dict[str, tuple[str, ...]]] = {
    "en": {
        "!=": ("is not", "not exactly", "not equal to", "isn't"),
        ">=": ("[is] at least", "no less than", "(a minimum|minimum) of", "[is] not below"),
        "<=": ("[is] at most", "[is] up to", "no more than", "(a maximum|maximum) of", "[is] not above"),
        ">": ("[is] (more|greater|higher|bigger|larger) than", "[is] (over|above)"),
        "<": ("[is] (less|fewer|lower|smaller) than", "[is] (below|under)"),
        "=": ("[is] exactly", "[is] equal to", "=", "is"),
    },
    "de": {
        "!=": ("nicht genau", "ungleich"),
        ">=": ("mindestens", "wenigstens", "nicht weniger als"),
        "<=": ("höchstens", "maximal", "bis zu", "nicht mehr als"),
        ">": ("(mehr|größer|höher) als", "über"),
        "<": ("(weniger|kleiner|niedriger|geringer) als", "unter"),
        "=": ("genau", "gleich", "="),
    },
}
SAID = {
    "en": {"=": "exactly", "!=": "not exactly", "<": "less than", "<=": "at most", ">": "more than", ">=": "at least"},
    "de": {
        "=": "genau",
        "!=": "nicht genau",
        "<": "weniger als",
        "<=": "höchstens",
        ">": "mehr als",
        ">=": "mindestens",
    },
}
NUMERALS = {
    "en": ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    "de": ("null", "ein*", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun", "zehn", "elf", "zwölf"),
}
ONCE = {
    "en": {"once": 1, "twice": 2, "thrice": 3},
    "de": {"einmal": 1, "zweimal": 2, "dreimal": 3, "viermal": 4, "fünfmal": 5, "sechsmal": 6, "zehnmal": 10},
}
MONTHS = {
    "en": "january february march april may june july august september october november december",
    "de": "januar februar märz april mai juni juli august september oktober november dezember",
}
SHORT_MONTHS = {"en": {"sept": 9}, "de": {"jänner": 1, "feber": 2, "mrz": 3}}
UNITS = {
    "en": {"day": 1, "days": 1, "week": 7, "weeks": 7, "fortnight": 14, "month": 30, "months": 30, "quarter": 90,
           "quarters": 90, "year": 365, "years": 365},
    "de": {"tag": 1, "tage": 1, "tagen": 1, "woche": 7, "wochen": 7, "monat": 30, "monate": 30, "monaten": 30,
           "monats": 30, "quartal": 90, "quartale": 90, "quartalen": 90, "quartals": 90, "jahr": 365, "jahre": 365,
           "jahren": 365, "jahres": 365},
}  # fmt: skip
MANY_TIMES = re.compile(r"(\d+)(?:x|-?mal|×)")


def number(scene: Scene, place: int) -> Ends:
    """A number in figures or, up to twelve, as a word."""
    token = scene.at(place)
    if token is None:
        return
    if token.kind == "number" and (value := number_of(token.text, scene.language)) is not None:
        yield place + 1, value
    for value, word in enumerate(NUMERALS[scene.language][1:], 1):
        if scene.word(place) == word or (word[-1] == "*" and scene.word(place).startswith(word[:-1])):
            yield place + 1, value


def whole(scene: Scene, place: int) -> Ends:
    """A whole number that is not negative."""
    yield from ((end, value) for end, value in number(scene, place) if isinstance(value, int) and value >= 0)


def comparison(scene: Scene, place: int) -> Ends:
    """How a number compares: "at least"."""
    signs = scene.word(place) + (scene.word(place + 1) if scene.word(place + 1) == "=" else "")
    if signs in {"<", "<=", ">", ">="}:
        yield place + len(signs), signs
    for op, phrases in COMPARISONS[scene.language].items():
        if found := longest_of(phrases, scene, place):
            yield found[0], op


def day(scene: Scene, place: int) -> Ends:
    """A day, or a moment that is quoted as a rule holds it."""
    token = scene.at(place)
    if token is None:
        return
    if token.kind in {"day", "quoted"}:
        yield place + 1, token.text
    if token.kind == "number" and token.text.isdigit():
        number, place = int(token.text), place + 1
        month = _month(scene, place)
        year = scene.at(place + 1)
        if month and year and year.kind == "number" and (said := day_of(_year(year.text), month, number)):
            yield place + 2, said
    elif month := _month(scene, place):  # May 1, 2026
        figure, comma = scene.at(place + 1), 1 if scene.word(place + 2) == "," else 0
        year = scene.at(place + 2 + comma)
        if figure and year and {figure.kind, year.kind} == {"number"}:
            said = day_of(_year(year.text), month, _year(figure.text))
            if said:
                yield place + 3 + comma, said


def _year(text: str) -> int:
    return int(text) if text.isdigit() and len(text) <= 4 else 0


def _month(scene: Scene, place: int) -> int:
    word = scene.word(place)
    for number, name in enumerate(MONTHS[scene.language].split(), 1):
        if word and (word == name or (len(word) == 3 and name.startswith(word))):
            return number
    return SHORT_MONTHS[scene.language].get(word, 0)


def day_words(value: str, language: str) -> str:
    """A day as `day` reads it back exactly; anything else is quoted."""
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        year, month, number = (int(one) for one in value.split("-"))
        if day_of(year, month, number) and year > 999:
            name = MONTHS[language].split()[month - 1].capitalize()
            return f"{number}{'.' if language == 'de' else ''} {name} {year}"
    return quoted(value, language)


def days(scene: Scene, place: int) -> Ends:
    """So many days: "30 days", "2 weeks", "a month"."""
    unit_words = UNITS[scene.language]
    for end, count in number(scene, place):
        if isinstance(count, int) and count > 0 and (unit := unit_words.get(scene.word(end))):
            yield end + 1, count // 12 * 365 if unit == 30 and not count % 12 else count * unit
    if scene.word(place) in {"a", "an"} and (unit := unit_words.get(scene.word(place + 1))):
        yield place + 2, unit
    if unit := unit_words.get(scene.word(place)):
        yield place + 1, unit


LAST = {
    "en": ("(in|within|during|over) [the] (last|past|previous) <days:n>", "within <days:n>", "(this|last|past) <days:n>",
           "for [the last] <days:n>"),
    "de": ("(in|während|innerhalb) (den|der|dem) (letzten|vergangenen|letzter|vergangener) <days:n>",
           "(im|innerhalb des) (letzten|vergangenen) <days:n>", "(diese|diesen|dieses|letzte|letzten|letztes) <days:n>",
           "(seit|innerhalb von|binnen) <days:n>"),
}  # fmt: skip
TODAY = {"en": ("today",), "de": ("heute",)}
BETWEEN = {
    "en": ("between <day:a> and <day:b>", "from <day:a> (to|until|till) <day:b>"),
    "de": ("zwischen [dem] <day:a> und [dem] <day:b>", "(vom|von) <day:a> bis [zum] <day:b>"),
}
BEFORE = {"en": ("[since] before <day:t>", "until <day:t>"), "de": ("[seit] vor [dem] <day:t>", "bis [zum] <day:t>")}
AFTER = {
    "en": ("since <day:t>", "(on or after|after|from) <day:t>"),
    "de": ("(seit|ab|nach) [dem] <day:t>",),
}


def window(scene: Scene, place: int) -> Ends:
    """A span of time, as segments/rules/windows.py has it in a rule."""
    language = scene.language
    if found := longest_of(LAST[language], scene, place):
        yield found[0], {"last_days": found[1]["n"]}
    if found := longest_of(TODAY[language], scene, place):
        yield found[0], {"last_days": 1}
    if found := longest_of(BETWEEN[language], scene, place):
        yield found[0], {"between": [found[1]["a"], found[1]["b"]]}
    if found := longest_of(BEFORE[language], scene, place):
        yield found[0], {"before": found[1]["t"]}
    if found := longest_of(AFTER[language], scene, place):
        yield found[0], {"after": found[1]["t"]}


def window_words(said: dict[str, Any] | None, language: str) -> str:
    """A span as `window` reads it back; none is nothing."""
    if not said:
        return ""
    is_german = language == "de"
    if (count := said.get("last_days")) is not None:
        return f"in den letzten {count} Tagen" if is_german else f"in the last {count} days"
    if between := said.get("between"):
        first, last = (day_words(one, language) for one in between)
        return f"zwischen dem {first} und dem {last}" if is_german else f"between {first} and {last}"
    if (before := said.get("before")) is not None:
        return f"vor dem {day_words(before, language)}" if is_german else f"before {day_words(before, language)}"
    return (
        f"seit dem {day_words(said['after'], language)}" if is_german else f"since {day_words(said['after'], language)}"
    )


def times(scene: Scene, place: int) -> Ends:
    """How often, as {op, n}: "at least 3 times", "twice", "mehr als 5-mal"; without a comparison exactly so often."""
    for start, op in [(place, "="), *((end, op) for end, op in comparison(scene, place))]:
        once = ONCE[scene.language].get(scene.word(start))
        if once is not None:
            yield start + 1, {"op": op, "n": once}
        if found := MANY_TIMES.fullmatch(scene.word(start)):
            yield start + 1, {"op": op, "n": int(found[1])}
        for end, count in whole(scene, start):
            if scene.word(end) in {"times", "time", "x", "mal"}:
                yield end + 1, {"op": op, "n": count}


def times_words(said: dict[str, Any], language: str) -> str:
    """How often, as `times` reads it back."""
    words = SAID[language][said["op"]].replace("less than", "fewer than")
    return f"{words} {int(said['n'])}-mal" if language == "de" else f"{words} {int(said['n'])} times"


def number_said(value: Any, language: str) -> str:
    """A number, or a text between quotes: told apart when read back."""
    return quoted(value, language) if isinstance(value, str) else number_words(value, language)


SLOTS: dict[str, Slot] = {
    "number": number,
    "whole": whole,
    "comparison": comparison,
    "day": day,
    "days": days,
    "window": window,
    "times": times,
    "text": text,
    "texts": texts,
    "quoted": quoted_text,
}
