"""Two or three short texts beside each other; on a phone one under the other."""

from collections.abc import Iterator
from typing import ClassVar

import msgspec
from django.utils.translation import gettext_lazy

from emails.blocks.base import Block, Canvas, Flaw, column, element, section, words
from emails.links import links_in
from emails.rich_text import clean, plain

MOST = 3


class Cell(msgspec.Struct, frozen=True, omit_defaults=True):
    """One of the columns."""

    title: str = ""
    html: str = ""


class ColumnsBlock(Block, frozen=True, kw_only=True, tag="columns"):
    """At most three cells; more are refused when they are read (reading.py)."""

    label: ClassVar = gettext_lazy("Columns")
    icon: ClassVar[str] = "columns"

    cells: tuple[Cell, ...] = (Cell(), Cell())

    def title(self) -> str:
        return ", ".join(filter(None, (cell.title or plain(cell.html) for cell in self.cells)))

    def draw(self, canvas: Canvas) -> str:
        heading = f"margin: 0 0 4px; font-family: {canvas.look.heading_font}; font-size: 17px; line-height: 1.3"
        columns = [
            column(
                element(
                    "mj-text",
                    (f'<h2 style="{heading}">{words(cell.title)}</h2>' if cell.title.strip() else "") + cell.html,
                    font_size="15px",
                    padding="8px 12px",
                    css_class="cell",
                )
            )
            for cell in self.cells[:MOST]
        ]
        return section(
            *columns, space=self.space, background_color=canvas.look.paper, padding_left="20px", padding_right="20px"
        )

    def flaws(self) -> Iterator[Flaw]:
        if not any(cell.title.strip() or plain(cell.html) for cell in self.cells):
            yield Flaw(gettext_lazy("empty"), gettext_lazy("The columns say nothing yet."), stops=True)

    def links(self) -> Iterator[str]:
        for cell in self.cells:
            yield from links_in(cell.html)

    def cleaned(self) -> "ColumnsBlock":
        return msgspec.structs.replace(
            self, cells=tuple(msgspec.structs.replace(cell, html=clean(cell.html)) for cell in self.cells)
        )
