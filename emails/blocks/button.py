"""A button: the one thing to do."""

from collections.abc import Iterator
from typing import ClassVar, Literal

from django.utils.translation import gettext_lazy

from emails.blocks.base import EDGE, Block, Canvas, Flaw, column, element, section, words
from emails.blocks.flaws import link_flaws


class ButtonBlock(Block, frozen=True, kw_only=True, tag="button"):
    """`href` may hold Liquid."""

    label: ClassVar = gettext_lazy("Button")
    icon: ClassVar[str] = "square-rounded"

    text: str = ""
    href: str = ""
    align: Literal["left", "center"] = "left"

    def title(self) -> str:
        return self.text

    def draw(self, canvas: Canvas) -> str:
        look = canvas.look
        press = element(
            "mj-button", words(self.text), href=self.href.strip(), align=self.align, background_color=look.accent,
            color=look.on_accent, border_radius=f"{look.corner}px", font_size="16px", font_weight="600",
            inner_padding="12px 22px", padding=f"8px {EDGE}px", css_class="press edge",
        )  # fmt: skip
        return section(column(press), space=self.space, background_color=look.paper)

    def flaws(self) -> Iterator[Flaw]:
        if not self.text.strip():
            yield Flaw(gettext_lazy("empty"), gettext_lazy("The button says nothing yet."), stops=True)
        yield from link_flaws(self.href)

    def links(self) -> Iterator[str]:
        if self.href:
            yield self.href
