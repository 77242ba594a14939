"""The marketers' template language, on plain dictionaries, with limits: nothing in it can call, loop or grow for ever.

A field that a person lacks, and that has no stand-in (`| default: "friend"`), raises MissingFieldError: nobody is
greeted with "Hi ,". Asking for it (`{% if contact.city %}`) is allowed.
"""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from liquid import BoundTemplate, Environment, StrictDefaultUndefined
from liquid.exceptions import LiquidError, UndefinedError

MOST_OUTPUT = 1_000_000
MOST_LOOPS = 1_000
TAGS = {
    "content", "output", "illegal", "if", "unless", "case", "for", "break", "continue", "assign", "capture", "comment",
    "#",
}  # fmt: skip
FILTERS = {
    "abs", "at_most", "at_least", "ceil", "divided_by", "floor", "minus", "plus", "round", "times", "modulo",
    "capitalize", "append", "downcase", "escape", "lstrip", "prepend", "remove", "slice", "split", "upcase", "strip",
    "rstrip", "strip_html", "strip_newlines", "truncate", "truncatewords", "url_encode", "squish", "join", "first",
    "last", "reverse", "sort", "uniq", "compact", "size", "default", "date", "replace", "replace_first",
}  # fmt: skip
WIDE_DATE = re.compile(r"%[-_0^#+]*\d")
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


class Language(Environment):
    """Liquid with our limits."""

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
    found.filters["replace"] = _bounded(found.filters["replace"])
    found.filters["date"] = _narrow_date(found.filters["date"])
    return found


def parse(text: str, *, escapes: bool) -> BoundTemplate:
    """The parsed template, or BadTemplateError."""
    try:
        return language(escapes=escapes).from_string(text)
    except LiquidError as error:
        raise BadTemplateError(_first_line(error)) from error
    except RecursionError as error:
        raise BadTemplateError("nested too deeply") from error


def render(template: BoundTemplate, fields: Fields) -> str:
    """The text for one person. MissingFieldError, BadTemplateError."""
    try:
        return str(template.render(fields))
    except UndefinedError as error:
        raise MissingFieldError(_first_line(error).split(" ")[0].strip("'")) from error
    except (LiquidError, ArithmeticError, ValueError, RecursionError) as error:
        raise BadTemplateError(_first_line(error)) from error


def render_line(template: BoundTemplate, fields: Fields) -> str:
    """The same for a header: one line, whatever a person's fields hold."""
    return CONTROL.sub(" ", render(template, fields)).strip()


def fields_used(templates: Iterable[BoundTemplate]) -> list[str]:
    """The fields these templates read, as "contact.city"."""
    found = set()
    for template in templates:
        for variables in template.analyze().globals.values():
            found |= {".".join(str(part) for part in variable.segments) for variable in variables}
    return sorted(found)


def clean_value(value: str) -> str:
    """A field without control characters: it may stand in a header, and on a page."""
    return CONTROL.sub(" ", value)


def _bounded(replace: Any) -> Any:
    def bounded(value: object, seq: object, sub: object = "") -> object:
        text, seek = str(value), str(seq)
        times = text.count(seek) if seek else len(text) + 1
        if len(text) + times * len(str(sub)) > MOST_OUTPUT:
            raise BadTemplateError("replace makes more than an email can hold")
        return replace(value, seq, sub)

    return bounded


def _narrow_date(date: Any) -> Any:
    class NarrowDate:
        """`date` without field widths: %9999999d would fill the memory."""

        with_environment = getattr(date, "with_environment", False)
        with_context = getattr(date, "with_context", False)

        def __call__(self, value: object, fmt: object, **more: Any) -> object:
            if WIDE_DATE.search(str(fmt)) or len(str(fmt)) > 100:
                raise BadTemplateError("a date format holds no numbers")
            return date(value, fmt, **more)

    return NarrowDate()


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0][:200] if str(error) else type(error).__name__
