"""A thin line."""

from typing import ClassVar

from django.utils.translation import gettext_lazy

from emails.blocks.base import EDGE, Block, Canvas, column, element, section


class DividerBlock(Block, frozen=True, kw_only=True, tag="divider"):
    """It has no words."""

    label: ClassVar = gettext_lazy("Divider")
    icon: ClassVar[str] = "minus"

    def draw(self, canvas: Canvas) -> str:
        line = element(
            "mj-divider",
            border_width="1px",
            border_color=canvas.look.line,
            padding=f"12px {EDGE}px",
            css_class="rule edge",
        )
        return section(column(line), space=self.space, background_color=canvas.look.paper)
