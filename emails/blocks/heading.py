"""A heading."""

from collections.abc import Iterator
from typing import ClassVar, Literal

from django.utils.translation import gettext_lazy

from emails.blocks.base import EDGE, Block, Canvas, Flaw, column, element, section, words

SIZES = {1: 28, 2: 20}


class HeadingBlock(Block, frozen=True, kw_only=True, tag="heading"):
    """`level` 1 is the email's own, 2 one of its parts."""

    label: ClassVar = gettext_lazy("Heading")
    icon: ClassVar[str] = "heading"

    text: str = ""
    level: Literal[1, 2] = 1
    align: Literal["left", "center"] = "left"

    def title(self) -> str:
        return self.text

    def draw(self, canvas: Canvas) -> str:
        look, size = canvas.look, SIZES[self.level]
        style = f"margin: 0; font-family: {look.heading_font}; font-size: {size}px; line-height: 1.2; font-weight: bold"
        inside = f'<h{self.level} style="{style}">{words(self.text)}</h{self.level}>'
        line = element(
            "mj-text",
            inside,
            align=self.align,
            padding=f"{8 if self.level == 2 else 16}px {EDGE}px 0",
            css_class="edge",
        )
        return section(column(line), space=self.space, background_color=look.paper)

    def flaws(self) -> Iterator[Flaw]:
        if not self.text.strip():
            yield Flaw(gettext_lazy("empty"), gettext_lazy("The heading says nothing yet."), stops=True)
