"""Which template a text asks for, and what stands in its places: a line each, in Liquid.

    template: autumn_offer de
    header: https://kettle.example/box.jpg
    1: {{ contact.first_name | default: "du" }}
    button 1: {{ contact.city | default: "berlin" }}

A text whose first line names no template is free text. What a person's fields hold is filled into a line and never read
as one.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from liquid import BoundTemplate

from delivery.content.liquid import BadTemplateError, Fields, MissingFieldError, parse, render_line

FIRST = re.compile(r"template:\s*([A-Za-z0-9_]{1,512})\s+\(?([a-z]{2,3}(?:_[A-Za-z]{2,4})?)\)?\s*\Z")
LINE = re.compile(r"(header|button\s+[1-9]|[1-9][0-9]?|[a-z][a-z0-9_]{0,59}):\s*(.*)\Z")
MANY_SPACES = re.compile(r" {4,}")
LONGEST_VALUE = 1_024


@dataclass(frozen=True, slots=True)
class Filled:
    """What one person gets in a template's places. `buttons`: from 0 on."""

    header: str
    body: Mapping[str, str]
    buttons: Mapping[int, str]


@dataclass(frozen=True, slots=True)
class Choice:
    """A template by its name and language, with a template of ours for each of its places."""

    name: str
    language: str
    header: BoundTemplate | None = None
    body: Mapping[str, BoundTemplate] = field(default_factory=dict)
    buttons: Mapping[int, BoundTemplate] = field(default_factory=dict)

    def fill(self, fields: Fields) -> Filled:
        """The values for this person. MissingFieldError, also where one comes out empty; BadTemplateError."""
        header = self._value("header", self.header, fields) if self.header else ""
        body = {place: self._value(place, one, fields) for place, one in self.body.items()}
        return Filled(
            header, body, {no: self._value(f"button {no + 1}", one, fields) for no, one in self.buttons.items()}
        )

    def _value(self, place: str, template: BoundTemplate, fields: Fields) -> str:
        text = MANY_SPACES.sub("   ", render_line(template, fields))
        if not text:
            raise MissingFieldError(place)
        return text[:LONGEST_VALUE]


def read_choice(body: str) -> Choice | None:
    """The template that a text asks for, None for free text. BadTemplateError: it asks for one and cannot be read."""
    lines = [line.strip() for line in body.replace("\r\n", "\n").split("\n") if line.strip()]
    if not lines or not lines[0].lower().startswith("template:"):
        return None
    first = FIRST.match(lines[0])
    if first is None:
        raise BadTemplateError(_("the first line is “template: name language”, such as “template: autumn_offer de”"))
    found: dict[str, BoundTemplate] = {}
    for line in lines[1:]:
        said = LINE.match(line)
        if said is None:
            raise BadTemplateError(_("this line names no place of the template: %(line)s") % {"line": line[:80]})
        place = " ".join(said[1].split())
        if place in found:
            raise BadTemplateError(_("“%(place)s” stands there twice") % {"place": place})
        found[place] = parse(said[2], escapes=False)
    buttons = {int(place[7:]) - 1: one for place, one in found.items() if place.startswith("button ")}
    inside = sorted((one for one in found if one != "header" and not one.startswith("button ")), key=_by_number)
    return Choice(first[1], first[2], found.get("header"), {place: found[place] for place in inside}, buttons)


def _by_number(place: str) -> tuple[int, str]:
    """Values without a name are told apart by their order alone, whatever the order of the lines."""
    return (int(place), "") if place.isdigit() else (0, place)
