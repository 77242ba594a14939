"""A message's content, read once and written many times: one text for each person.

`compile_message` does everything that is the same for everybody; `CompiledMessage.write` fills the rest.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from liquid import BoundTemplate

from delivery.content.framing import body_html, frame
from delivery.content.linking import Links, number_links
from delivery.content.liquid import BadTemplateError, Fields, fields_used, parse, render, render_line
from delivery.content.marking import PLACE, Keeper
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


@dataclass(frozen=True, slots=True)
class CompiledMessage:
    """A message's content, parsed."""

    subject: BoundTemplate
    html: BoundTemplate
    text: BoundTemplate
    links: Links

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
    def fields(self) -> list[str]:
        """Which fields it reads."""
        return fields_used([self.subject, self.html, self.text])


def compile_message(message: Message, workspace: OpenWorkspace) -> CompiledMessage:
    """Read what the message says. BadTemplateError when it cannot be read."""
    content = message.content
    if len(content.body) > MOST_BYTES:
        raise BadTemplateError("the text is longer than 300 kB")
    keeper = Keeper()
    inside = keeper.free_lonely(body_html(keeper.take(content.body), content.body_format))
    counts = workspace.tracks_mail
    page = frame(inside, message=message, workspace=workspace, preheader=keeper.take(content.preheader), counts=counts)
    html, links = number_links(page, counts=counts)
    text = write_text(html)
    return CompiledMessage(
        subject=parse(content.subject, escapes=False),
        html=parse(_one_kind_of_line_end(keeper.put_back(html)), escapes=True),
        text=parse(_one_kind_of_line_end(keeper.put_back(text)), escapes=False),
        links=links,
    )


def _one_kind_of_line_end(text: str) -> str:
    return LINE_END.sub("\n", text)
