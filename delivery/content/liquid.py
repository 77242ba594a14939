"""The marketers' template language, on plain dictionaries, with limits: nothing in it can call, loop or grow for ever.

Bounds stand before the step that would be dear: numbers and tags are counted before a template is parsed, ranges when
they are made, texts and lists after every filter and before those filters that multiply. What a template may do in all
for one person is a budget of steps (MOST_WORK): a filter costs one, and one more for each hundred characters or items.
`sandbox.py` is the last resort behind these: a process that can be killed.

A field that a person lacks, and that has no stand-in (`| default: "friend"`), raises MissingFieldError wherever it is
used, before a filter or as its argument: nobody is greeted with "Hi ,". Asking for it (`{% if contact.city %}`, `==
blank`) is allowed. What a person's field says is plain text, or one of people.py's values that also are a number or a
moment (`Numeral`, `Moment`).
"""

import re
from collections.abc import Iterable, Mapping
from contextvars import ContextVar
from decimal import Decimal
from functools import lru_cache
from io import StringIO
from typing import Any

from django.utils.translation import gettext as _
from liquid import BoundTemplate, Environment, StrictDefaultUndefined
from liquid.builtin.expressions import logical
from liquid.builtin.expressions.primitive import Blank, Empty, RangeLiteral
from liquid.exceptions import LiquidError, LiquidTypeError, OutputStreamLimitError, UndefinedError
from liquid.output import LimitedStringIO

from delivery.content.filters import COUNTING, check_numbers, dated, narrow, web_address, without_tags
from lib.liquid_tags import TAG

MOST_OUTPUT = 1_000_000  # characters
MOST_LOOPS = 1_000
MOST_TAGS = 1_500
MOST_TEXT = 100_000  # characters in a value
MOST_ITEMS = 1_000  # in a list or a range; `uniq` and `contains` look at each pair
MOST_DIGITS = 15  # of a number
MOST_WORK = 30_000
TAGS = {
    "content", "output", "illegal", "if", "unless", "case", "for", "break", "continue", "assign", "capture", "comment",
    "#",
}  # fmt: skip
FILTERS = {
    "abs", "at_most", "at_least", "ceil", "divided_by", "floor", "minus", "plus", "round", "times", "modulo",
    "capitalize", "append", "downcase", "escape", "lstrip", "prepend", "remove", "slice", "split", "upcase", "strip",
    "rstrip", "strip_html", "strip_newlines", "truncate", "truncatewords", "url_encode", "squish", "join", "first",
    "last", "reverse", "sort", "uniq", "compact", "size", "default", "date", "replace", "replace_first", "web_address",
}  # fmt: skip
QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
LONG_NUMBER = re.compile(rf"\d{{{MOST_DIGITS + 1},}}")
CONTROL = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]+")
Fields = Mapping[str, Any]


class BadTemplateError(ValueError):
    """A template that cannot be read or takes too much; the text says what and where."""


class MissingFieldError(ValueError):
    """This person lacks `field`, and the template has no stand-in for it."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


class Missing(StrictDefaultUndefined):
    """A field that is not there: may be asked for and given a stand-in, never printed."""

    allowed_properties = StrictDefaultUndefined.allowed_properties | {"__liquid__", "__eq__", "__class__"}

    def __liquid__(self) -> object:
        return None

    def __eq__(self, other: object) -> bool:
        return other is None or isinstance(other, Missing)

    __hash__ = None  # type: ignore[assignment]


class Characters(LimitedStringIO):
    """What is written for one person, up to a number of characters: to encode 20 kB for their bytes costs 10 µs a person."""

    def write(self, text: str) -> int:
        """OutputStreamLimitError when it is too much."""
        self.size += len(text)
        if self.size > self.limit:
            raise OutputStreamLimitError("output stream limit reached", token=None)
        return StringIO.write(self, text)


class Page(BoundTemplate):
    """A template that counts characters."""

    def _get_buffer(self) -> StringIO:
        return Characters(limit=MOST_OUTPUT)


class Language(Environment):
    """Liquid with our limits."""

    template_class = Page
    block_nesting_limit = 10
    context_depth_limit = 10
    loop_iteration_limit = MOST_LOOPS
    local_namespace_limit = 50_000
    output_stream_limit = MOST_OUTPUT


@lru_cache(maxsize=2)
def language(*, escapes: bool) -> Environment:
    """The environment for HTML (values escaped) or for text and headers (as they are)."""
    found = Language(undefined=Missing, autoescape=escapes, strict_filters=True)
    for name in set(found.tags) - TAGS:
        del found.tags[name]
    for name in set(found.filters) - FILTERS:
        del found.filters[name]
    checks: dict[str, Any] = {"replace": _check_replace, "join": _check_join} | dict.fromkeys(COUNTING, check_numbers)
    for name, check in checks.items():
        found.filters[name] = narrow(found.filters[name], check)
    found.filters |= {"date": dated(found.filters["date"]), "strip_html": without_tags, "web_address": web_address}
    for name, one in found.filters.items():
        found.filters[name] = Bounded(one, gives_stand_in=name == "default")
    return found


def parse(text: str, *, escapes: bool) -> BoundTemplate:
    """The parsed template, or BadTemplateError."""
    _check_size(text)
    try:
        found = language(escapes=escapes).from_string(text)
        strange = sorted(set(found.analyze().filters) - FILTERS)
    except LiquidError as error:
        raise BadTemplateError(_first_line(error)) from error
    except RecursionError as error:
        raise BadTemplateError("nested too deeply") from error
    if strange:
        raise BadTemplateError(f"unknown filter '{strange[0]}'")  # else it would be noticed person by person
    return found


def render(template: BoundTemplate, fields: Fields) -> str:
    """The text for one person. MissingFieldError, BadTemplateError."""
    fresh_budget()
    try:
        return str(template.render(fields))
    except UndefinedError as error:
        raise MissingFieldError(_missing_name(error)) from error
    except LiquidTypeError as error:
        raise BadTemplateError(_("a text is compared with a number")) from error
    except (LiquidError, ArithmeticError, ValueError, TypeError, RecursionError, MemoryError) as error:
        raise BadTemplateError(_first_line(error)) from error


def render_line(template: BoundTemplate, fields: Fields) -> str:
    """The same for a header: one line, whatever a person's fields hold."""
    return CONTROL.sub(" ", render(template, fields)).strip()


def paths_used(templates: Iterable[BoundTemplate]) -> list[tuple[str, ...]]:
    """The fields these templates read, as paths: ("contact", "city"). What is looked up by a field's value is not told."""
    found = set()
    for template in templates:
        for variables in template.analyze().globals.values():
            for variable in variables:
                if all(isinstance(part, str | int) for part in variable.segments):
                    found.add(tuple(str(part) for part in variable.segments))
    return sorted(found)


def names_used(templates: Iterable[BoundTemplate]) -> set[str] | None:
    """The fields of a contact that these templates may read; None where one is looked up by a value, or all are taken."""
    found = set()
    for template in templates:
        for variables in template.analyze().globals.values():
            for root, *rest in (variable.segments for variable in variables):
                if not isinstance(root, str) or (root == "contact" and not (rest and isinstance(rest[0], str))):
                    return None
                if root == "contact":
                    found.add(rest[0])
    return found


def clean_value(value: str) -> str:
    """A field without control characters: it may stand in a header, and on a page."""
    return CONTROL.sub(" ", value)


_left: ContextVar[int] = ContextVar("steps_left", default=MOST_WORK)


def fresh_budget() -> None:
    """What is written from here on may do as much as one template may for one person."""
    _left.set(MOST_WORK)


class Bounded:
    """A filter that pays for its step and whose answer fits."""

    def __init__(self, filter_: Any, *, gives_stand_in: bool) -> None:
        self.filter, self.gives_stand_in = filter_, gives_stand_in
        self.with_context = getattr(filter_, "with_context", False)
        self.with_environment = getattr(filter_, "with_environment", False)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if not self.gives_stand_in:
            for one in args:
                if isinstance(one, Missing):
                    str(one)  # raises: `{{ contact.points | plus: 1 }}` would say 1 to who has no points
        answer = self.filter(*args, **kwargs)
        left = _left.get() - 1 - _size(answer) // 100
        if left < 0:
            raise BadTemplateError("the template does more than an email needs")
        _left.set(left)
        return answer


def _size(value: object) -> int:
    """How much a value holds, in characters or items; BadTemplateError when that is too much."""
    if isinstance(value, str):
        size, most = len(value), MOST_TEXT
    elif isinstance(value, list | tuple | range | dict):
        size, most = len(value), MOST_ITEMS
    elif isinstance(value, int | float | Decimal) and abs(value) >= 10**MOST_DIGITS:
        raise BadTemplateError(f"a number has at most {MOST_DIGITS} digits")
    else:
        return 0
    if size > most:
        raise BadTemplateError("a value is larger than an email can hold")
    return size


def _check_size(text: str) -> None:
    """Refuse what would be dear to read: tags without end, numbers of hundreds of digits."""
    tags = TAG.findall(text)
    if len(tags) > MOST_TAGS:
        raise BadTemplateError(f"it has more than {MOST_TAGS:,} tags")
    if any(LONG_NUMBER.search(QUOTED.sub("", tag)) for tag in tags):
        raise BadTemplateError(f"a number has at most {MOST_DIGITS} digits")


_any_range = RangeLiteral._make_range


def _short_range(literal: RangeLiteral, start: Any, stop: Any) -> range:
    """`(1..n)`: its length is looked at before anything walks over it."""
    found: range = _any_range(literal, start, stop)
    if found.stop - found.start > MOST_ITEMS:
        raise BadTemplateError(f"a range has at most {MOST_ITEMS:,} numbers")
    return found


RangeLiteral._make_range = _short_range  # type: ignore[method-assign]
_any_eq = logical._eq


def _eq(left: object, right: object) -> bool:
    """`contact.city == blank` is true of who has none; the library says so of nil alone."""
    if isinstance(left, Missing) and isinstance(right, Empty | Blank):
        return True
    return bool(_any_eq(left, right))


logical._eq = _eq


def _check_replace(value: object, seq: object, sub: object = "", *_: object) -> None:
    text, seek = str(value), str(seq)
    times = text.count(seek) if seek else len(text) + 1
    if len(text) + times * len(str(sub)) > MOST_TEXT:
        raise BadTemplateError("replace makes more than an email can hold")


def _check_join(value: object, between: object = " ", *_: object) -> None:
    items = value if isinstance(value, list | tuple | range) else [value]
    if _size(items) * len(str(between)) + sum(len(str(one)) for one in items) > MOST_TEXT:
        raise BadTemplateError("join makes more than an email can hold")


def _missing_name(error: Exception) -> str:
    """The field that is missing, as a template writes it."""
    name = _first_line(error).removesuffix(" is undefined").strip("'")
    return name if '"' in name else name.replace("['", '["').replace("']", '"]')


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0][:200] if str(error) else type(error).__name__
