"""What somebody said."""

from collections.abc import Iterator
from typing import ClassVar

from django.utils.translation import gettext_lazy

from emails.blocks.base import EDGE, Block, Canvas, Flaw, column, element, section, words


class QuoteBlock(Block, frozen=True, kw_only=True, tag="quote"):
    """`by` is who said it."""

    label: ClassVar = gettext_lazy("Quote")
    icon: ClassVar[str] = "quote"

    text: str = ""
    by: str = ""

    def title(self) -> str:
        return self.text

    def draw(self, canvas: Canvas) -> str:
        look = canvas.look
        said = f"margin: 0 0 4px; font-family: {look.heading_font}; font-size: 19px; line-height: 1.4"
        inside = f'<p style="{said}">{words(self.text)}</p>'
        if self.by.strip():
            inside += f'<p style="margin: 0; font-size: 13px; color: {look.quiet}">{words(self.by)}</p>'
        edge = f"padding: 2px 0 2px 20px; border-left: 3px solid {look.accent}"
        table = (
            '<table role="presentation" border="0" cellpadding="0" cellspacing="0" style="border-collapse: separate"><tr>'
            f'<td class="quoted" style="{edge}"><blockquote style="margin: 0">{inside}</blockquote></td></tr></table>'
        )
        line = element("mj-text", table, padding=f"12px {EDGE}px", css_class="edge")
        return section(column(line), space=self.space, background_color=look.paper)

    def flaws(self) -> Iterator[Flaw]:
        if not self.text.strip():
            yield Flaw(gettext_lazy("empty"), gettext_lazy("The quote says nothing yet."), stops=True)
