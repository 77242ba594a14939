"""A code to be read and copied: of an offer, of a booking."""

from collections.abc import Iterator
from typing import ClassVar

from django.utils.translation import gettext_lazy

from emails.blocks.base import EDGE, Block, Canvas, Flaw, column, element, section, words


class CodeBlock(Block, frozen=True, kw_only=True, tag="code"):
    """`text` is the code, its own or Liquid; `note` says what it is good for."""

    label: ClassVar = gettext_lazy("Code")
    icon: ClassVar[str] = "ticket"

    text: str = ""
    note: str = ""

    def title(self) -> str:
        return self.text

    def draw(self, canvas: Canvas) -> str:
        look = canvas.look
        box = (
            f"padding: 12px 20px; border: 1px dashed {look.quiet}; border-radius: {look.corner}px;"
            " font-family: 'Courier New', Courier, monospace; font-size: 20px; letter-spacing: 1px"
        )
        inside = (
            '<table role="presentation" border="0" cellpadding="0" cellspacing="0" style="border-collapse: separate"><tr>'
            f'<td style="{box}">{words(self.text)}</td></tr></table>'
        )
        if self.note.strip():
            inside += f'<p style="margin: 6px 0 0; font-size: 13px; color: {look.quiet}">{words(self.note)}</p>'
        line = element("mj-text", inside, padding=f"8px {EDGE}px", css_class="edge")
        return section(column(line), space=self.space, background_color=look.paper)

    def flaws(self) -> Iterator[Flaw]:
        if not self.text.strip():
            yield Flaw(gettext_lazy("empty"), gettext_lazy("There is no code yet."), stops=True)
