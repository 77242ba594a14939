"""A compiled message as encoded pieces: what is the same for everybody is quoted-printable once, a person's values alone.

A part is a row of pieces with holes between them. Around each hole stands a soft line break, so that each piece and each
value begins at column 0 and is encoded as if it were alone:

    Hello =⏎            encoded once
    Greta               encoded for each person
    =⏎, read=20on ...   encoded once

Whatever is out of the usual (a field is missing, a template fails, a value holds a control character or is long) is
written for that person as a whole, by `CompiledMessage.write`, which stays the truth: both decode to the same.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import StringIO

from liquid import BoundTemplate, RenderContext, escape
from liquid.builtin.content import ContentNode
from liquid.builtin.expressions import FilteredExpression, PositionalArgument, StringLiteral
from liquid.builtin.expressions.path import Path
from liquid.builtin.output import OutputNode

from delivery.content.compiling import CompiledMessage
from delivery.content.liquid import CONTROL, Fields, fresh_budget
from delivery.content.marking import PLACE
from delivery.content.mime import HTML_HEAD, PARTS_END, TEXT_HEAD, both_parts, quoted

PLAIN = re.compile(r"[ -<>-~]{0,75}\Z")
UNUSUAL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]")
BREAK = b"=\r\n"
LONGEST = 75  # of a line, without the sign of a soft break
MOST_LETTERS = 5_000  # of one value
MOST_WRITTEN = 200_000  # by all blocks of a part


class UnusualError(Exception):
    """This person's message is written as a whole."""


Getter = Callable[[Fields], str]


@dataclass(frozen=True, slots=True)
class Place:
    """A hole for an address; `number` is its place among `EncodedMessage.places`."""

    number: int


@dataclass(frozen=True, slots=True)
class Value:
    """A hole for a field, with or without a stand-in."""

    get: Getter


@dataclass(frozen=True, slots=True)
class Block:
    """A hole for a node that only the template language can write; `number` is its place in the template `of`."""

    number: int
    of: BoundTemplate


Hole = Place | Value | Block


class EncodedMessage:
    """One message, for many people. `places` are the places whose addresses `write` wants, in that order."""

    def __init__(self, compiled: CompiledMessage) -> None:
        self.compiled, self.places = compiled, list(compiled.places)
        text, html = self._part(compiled.text), self._part(compiled.html)
        self.frame = _joined([TEXT_HEAD, *text, HTML_HEAD, *html, PARTS_END])
        holes = list(enumerate(self.frame))
        self._places = [(at, one.number) for at, one in holes if isinstance(one, Place)]
        self._values = [(at, one.get) for at, one in holes if isinstance(one, Value)]
        self._blocks = [(at, one) for at, one in holes if isinstance(one, Block)]
        self._subject = _subject_getters(compiled.subject)

    def write(self, fields: Fields, addresses: Sequence[bytes]) -> tuple[str, bytes]:
        """(subject, both parts with their header line) for one person. MissingFieldError, BadTemplateError."""
        try:
            return self._write(fields, addresses)
        except UnusualError:
            pass
        found = {place: address.decode() for place, address in zip(self.places, addresses, strict=True)}
        written = self.compiled.write(fields, found.__getitem__)
        return written.subject, both_parts(written)

    def _write(self, fields: Fields, addresses: Sequence[bytes]) -> tuple[str, bytes]:
        body = self.frame.copy()
        for at, number in self._places:
            body[at] = addresses[number]
        for at, get in self._values:
            value = get(fields)
            body[at] = value.encode() if PLAIN.match(value) else _encoded(value)
        if self._blocks:
            self._write_blocks(body, fields, addresses)
        subject = "".join([one if isinstance(one, str) else one(fields) for one in self._subject])
        return CONTROL.sub(" ", subject).strip(), b"".join(body)  # type: ignore[arg-type]

    def _write_blocks(self, body: list[bytes | Hole], fields: Fields, addresses: Sequence[bytes]) -> None:
        """Each template's own nodes, in their order and in one context, as the template itself would write them."""
        template, context, left = None, None, 0
        for at, block in self._blocks:
            if block.of is not template:
                template, left = block.of, MOST_WRITTEN
                context = RenderContext(template, globals=template.make_globals(dict(fields)))
                fresh_budget()
            said = _said(block, context)
            left -= len(said)
            if left < 0 or UNUSUAL.search(said):
                raise UnusualError
            known = PLACE.sub(lambda match: addresses[self.places.index(match[1])].decode(), said)
            body[at] = _piece(known.replace("\n", "\r\n"))

    def _part(self, template: BoundTemplate) -> list[bytes | Hole]:
        """The template's pieces and holes. Where a node may change what the next ones see, none is read beside it."""
        found: list[bytes | Hole] = []
        is_still = not {"assign", "capture"} & set(template.analyze().tags)
        for number, node in enumerate(template.nodes):
            if isinstance(node, ContentNode):
                found += self._text(node.text)
            else:
                get = _getter(node, escapes=template.env.autoescape) if is_still else None
                found.append(Value(get) if get else Block(number, template))
        return found

    def _text(self, text: str) -> list[bytes | Hole]:
        cut = PLACE.split(text.replace("\n", "\r\n"))
        return [Place(self.places.index(one)) if at % 2 else _piece(one) for at, one in enumerate(cut) if one or at % 2]


def _joined(row: list[bytes | Hole]) -> list[bytes | Hole]:
    """Neighbouring pieces as one, a soft line break around each hole."""
    found: list[bytes | Hole] = [b""]
    for one in row:
        last = found[-1]
        if isinstance(one, bytes):
            if isinstance(last, bytes):
                found[-1] = last + one
            else:
                found.append(BREAK + one)
        elif isinstance(last, bytes):
            found[-1] = last if last.endswith(b"\r\n") else last + BREAK
            found.append(one)
        else:
            found += [BREAK, one]
    return found


def _encoded(value: str) -> bytes:
    """A value that is not plain, as it stands behind a line break."""
    if len(value) > MOST_LETTERS or CONTROL.search(value):
        raise UnusualError
    return _piece(value)


def _piece(text: str) -> bytes:
    """As quoted-printable that another piece may follow: its last line leaves room for the sign of a soft break."""
    found = quoted(text)
    start = found.rfind(b"\r\n") + 2 if b"\r\n" in found else 0
    if len(found) - start <= LONGEST:
        return found
    cut = start + LONGEST - 3
    cut -= next((back for back in (1, 2) if found[cut - back : cut - back + 1] == b"="), 0)
    return found[:cut] + BREAK + found[cut:]


def _said(block: Block, context: RenderContext | None) -> str:
    buffer = StringIO()
    try:
        block.of.nodes[block.number].render(context, buffer)  # type: ignore[arg-type]
    except Exception as error:
        raise UnusualError from error
    return buffer.getvalue()


def _getter(node: object, *, escapes: bool) -> Getter | None:
    """How to read what `{{ contact.x }}`, `{{ contact.x | default: "y" }}` or `{{ brand }}` says; None of all others."""
    if not isinstance(node, OutputNode) or not isinstance(node.expression, FilteredExpression):
        return None
    path, stands_in = node.expression.left, _stand_in(node.expression)
    if not isinstance(path, Path) or stands_in is None or not all(type(one) is str for one in path.path):
        return None
    names = tuple(str(one) for one in path.path)
    finish = _escaped if escapes else str

    def own(fields: Fields) -> str:
        value = fields["contact"].get(names[1])
        return stands_in if value is None and stands_in else finish(_as_told(value))

    def brand(fields: Fields) -> str:
        return finish(_as_told(fields["brand"]))

    return own if len(names) == 2 and names[0] == "contact" else brand if names == ("brand",) else None


def _escaped(text: str) -> str:
    return str(escape(text))


def _as_told(value: object) -> str:
    """A value of people.py as the template language prints it."""
    if value and isinstance(value, str):
        return str(value)
    if isinstance(value, int | float | datetime) and not isinstance(value, bool):
        return str(value)
    raise UnusualError


def _stand_in(expression: FilteredExpression) -> str | None:
    """What its one filter `default` gives; "" without a filter, None where filters do anything else."""
    filters = expression.filters or []
    if not filters:
        return ""
    if len(filters) > 1 or filters[0].name != "default" or len(filters[0].args) != 1:
        return None
    (given,) = filters[0].args
    if not isinstance(given, PositionalArgument) or not isinstance(given.value, StringLiteral):
        return None
    return str(given.value.value)


def _subject_getters(template: BoundTemplate) -> list[str | Getter]:
    found: list[str | Getter] = []
    for node in template.nodes:
        get = None if isinstance(node, ContentNode) else _getter(node, escapes=False)
        if not isinstance(node, ContentNode) and get is None:
            return [_whole_subject(template)]
        found.append(node.text if isinstance(node, ContentNode) else get)  # type: ignore[arg-type]
    return found


def _whole_subject(template: BoundTemplate) -> Getter:
    def get(fields: Fields) -> str:
        fresh_budget()
        try:
            return str(template.render(fields))
        except Exception as error:
            raise UnusualError from error

    return get
