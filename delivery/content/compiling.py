"""A message's content, read once and written many times: one text for each person.

`compile_message` does everything that is the same for everybody; `CompiledMessage.write` fills the rest.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from liquid import BoundTemplate

from delivery.content.framing import lay_out, take_body
from delivery.content.linking import Links, number_links
from delivery.content.liquid import BadTemplateError, Fields, names_used, parse, paths_used, render, render_line
from delivery.content.marking import PLACE, BadMarkupError, Keeper
from delivery.content.people import written
from delivery.content.texts import write_text
from delivery.models import Message
from workspaces.current import OpenWorkspace

MOST_BYTES = 300_000
LINE_END = re.compile(r"\r\n|\r|\n")
Address = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Written:
    """What one person gets. Lines end with CRLF."""

    subject: str
    html: str
    text: str


@dataclass(frozen=True)
class CompiledMessage:
    """A message's content, parsed. `places` are those that stand in its HTML or text."""

    subject: BoundTemplate
    html: BoundTemplate
    text: BoundTemplate
    links: Links
    places: tuple[str, ...] = ()

    def write(self, fields: Fields, address: Address) -> Written:
        """The text for these fields; `address(place)` gives each place its address.

        Places: a link's number, "pixel", "honeypot", "unsubscribe", "page". MissingFieldError, BadTemplateError.
        """
        found: dict[str, str] = {}

        def fill(match: re.Match[str]) -> str:
            key = match[1]
            if key not in found:
                found[key] = address(key)
            return found[key]

        html = PLACE.sub(fill, render(self.html, fields)).replace("\n", "\r\n")
        text = PLACE.sub(fill, render(self.text, fields)).replace("\n", "\r\n")
        return Written(render_line(self.subject, fields), html, text)

    @property
    def paths(self) -> list[tuple[str, ...]]:
        """Which fields it reads, as paths: ("contact", "city")."""
        return paths_used([self.subject, self.html, self.text])

    @cached_property
    def needs(self) -> frozenset[str] | None:
        """The names of the contact's fields that it may read; None when it may read any of them."""
        named = names_used([self.subject, self.html, self.text])
        return None if named is None else frozenset(named)

    @property
    def fields(self) -> list[str]:
        """The same as a template writes them: contact.city."""
        return [written(path) or ".".join(path) for path in self.paths]


def compile_message(message: Message, workspace: OpenWorkspace) -> CompiledMessage:
    """Read what the message says. BadTemplateError when it cannot be read."""
    content = message.content
    if len(content.body) > MOST_BYTES:
        raise BadTemplateError("the text is longer than 300 kB")
    keeper = Keeper()
    counts = workspace.tracks_mail and message.is_measured
    html, links = number_links(
        lay_out_once(keeper, message, workspace), keeper, counts=counts, parameters=message.link_parameters
    )
    text = keeper.draw_in(write_text(html))
    places = tuple(dict.fromkeys(PLACE.findall(f"{html} {text}")))
    return CompiledMessage(
        subject=parse(content.subject, escapes=False),
        html=parse(_one_kind_of_line_end(keeper.put_back(html)), escapes=True),
        text=parse(_one_kind_of_line_end(keeper.put_back(text)), escapes=False),
        links=links,
        places=places,
    )


def lay_out_once(keeper: Keeper, message: Message, workspace: OpenWorkspace) -> str:
    """The page with a word in each tag's place, in the order in which they were written. BadTemplateError."""
    body = take_body(keeper, message.content)
    until, preheader = len(keeper.tags), keeper.take(message.content.preheader)
    try:
        page = lay_out(keeper, body, message=message, workspace=workspace, preheader=preheader)
        return keeper.show(page, until)
    except BadMarkupError as error:
        raise BadTemplateError(str(error)) from error


def _one_kind_of_line_end(text: str) -> str:
    return LINE_END.sub("\n", text)
