"""Paragraphs and lists."""

from collections.abc import Iterator
from typing import ClassVar, Literal

import msgspec
from django.utils.translation import gettext_lazy

from emails.blocks.base import EDGE, Block, Canvas, Flaw, column, element, section
from emails.links import links_in
from emails.rich_text import clean, plain

SIZES = {"small": 14, "normal": 16, "large": 18}


class TextBlock(Block, frozen=True, kw_only=True, tag="text"):
    """`html` holds paragraphs, lists, bold, italic and links (rich_text.py)."""

    label: ClassVar = gettext_lazy("Text")
    icon: ClassVar[str] = "align-left"

    html: str = ""
    size: Literal["small", "normal", "large"] = "normal"
    align: Literal["left", "center"] = "left"

    def title(self) -> str:
        return plain(self.html)

    def draw(self, canvas: Canvas) -> str:
        line = element(
            "mj-text",
            self.html,
            align=self.align,
            font_size=f"{SIZES[self.size]}px",
            padding=f"8px {EDGE}px 0",
            css_class="edge",
        )
        return section(column(line), space=self.space, background_color=canvas.look.paper)

    def flaws(self) -> Iterator[Flaw]:
        if not plain(self.html):
            yield Flaw(gettext_lazy("empty"), gettext_lazy("The text says nothing yet."), stops=True)

    def links(self) -> Iterator[str]:
        yield from links_in(self.html)

    def cleaned(self) -> "TextBlock":
        return msgspec.structs.replace(self, html=clean(self.html))
