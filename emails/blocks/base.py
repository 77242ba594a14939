"""What every block of an email is: some fields, how it reads in a list of blocks, and its MJML.

A block's words may hold Liquid; whatever else stands in them is escaped. One class of a kind a file.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Any, ClassVar, Protocol

import msgspec
from django.utils.functional import Promise

from emails.look import Look
from lib.liquid_tags import around_tags, escape_words

WIDTH = 600  # of the paper, in pixels
EDGE = 32  # between its edge and the words
Rule = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture as an email shows it: where it lies, and its pixels."""

    url: str
    width: int
    height: int
    alt: str = ""


@dataclass(frozen=True, slots=True)
class Canvas:
    """What blocks are drawn with: the brand's look, and the pictures they name."""

    look: Look
    pictures: Mapping[int, Shown] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is wrong with a block: `word` for the outline, `text` says it whole, `stops` keeps the email back."""

    word: str | Promise
    text: str | Promise
    stops: bool = False


class Block(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", omit_defaults=True):
    """One block. `id` names it in its email and never changes; `space` is what lies below it, in pixels.

    `when` is the rule of those who see it (the language of segments), None: everybody. `tags` say what its links are
    about: whoever follows one is interested in that.
    """

    label: ClassVar[str | Promise]
    icon: ClassVar[str]

    id: str
    space: int = 16
    when: Rule | None = None
    tags: tuple[str, ...] = ()

    def title(self) -> str:
        """What it says, in a few words."""
        return ""

    def draw(self, canvas: Canvas) -> str:
        """Its MJML: one or more sections."""
        raise NotImplementedError

    def flaws(self) -> Iterator[Flaw]:
        """What should be put right before it goes out."""
        yield from ()

    def picture_ids(self) -> Iterator[int]:
        """The pictures it shows."""
        yield from ()

    def links(self) -> Iterator[str]:
        """Where it leads."""
        yield from ()

    def cleaned(self) -> "Block":
        """The same with foreign markup made harmless."""
        return self


class Kind(Protocol):
    """A class of blocks, as lists of them know it."""

    label: ClassVar[str | Promise]
    icon: ClassVar[str]


def element(name: str, inside: str = "", **attributes: object) -> str:
    """An element of MJML. Attributes that are None or "" are left out; `css_class` is written css-class."""
    written = "".join(
        f' {key.replace("_", "-")}="{escape_words(str(value))}"'
        for key, value in attributes.items()
        if value not in {None, ""}
    )
    return f"<{name}{written}>{inside}</{name}>"


def section(*columns: str, space: int = 0, **attributes: object) -> str:
    """A strip across the paper."""
    return element("mj-section", "".join(columns), css_class="paper", padding=f"0 0 {space}px", **attributes)


def column(*inside: str, **attributes: object) -> str:
    """A column of a strip."""
    return element("mj-column", "".join(inside), **attributes)


def words(text: str) -> str:
    """A line of words for MJML: escaped, line breaks kept, its Liquid untouched."""
    return around_tags(text.strip(), lambda piece: escape(piece).replace("\n", "<br />"))
