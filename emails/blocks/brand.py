"""The brand's mark on top, with a line beside it."""

from typing import ClassVar

from django.utils.translation import gettext_lazy

from emails.blocks.base import EDGE, Block, Canvas, column, element, section, words
from emails.look import Look
from lib.liquid_tags import escape_words

LOGO_HEIGHT, WIDEST, ROUND = 40, 220, 32


class BrandBlock(Block, frozen=True, kw_only=True, tag="brand"):
    """`note` stands at the other side of the mark."""

    label: ClassVar = gettext_lazy("Brand")
    icon: ClassVar[str] = "crown"

    note: str = ""

    def title(self) -> str:
        return self.note

    def draw(self, canvas: Canvas) -> str:
        mark = column(self._mark(canvas), width="60%", vertical_align="middle")
        note = element(
            "mj-text",
            words(self.note),
            align="right",
            font_size="13px",
            color=canvas.look.quiet,
            padding=f"20px {EDGE}px 20px 0",
            css_class="edge",
        )
        aside = [column(note, width="40%", vertical_align="middle")] if self.note else []
        return section(
            element("mj-group", "".join([mark, *aside])), space=self.space, background_color=canvas.look.paper
        )

    def _mark(self, canvas: Canvas) -> str:
        look = canvas.look
        logo = canvas.pictures.get(look.logo_id or 0)
        if logo is None:
            return element("mj-text", self._round_mark(look), padding=f"18px 0 18px {EDGE}px", css_class="edge")
        width = min(WIDEST, max(1, round(logo.width * LOGO_HEIGHT / max(1, logo.height))))
        dark = canvas.pictures.get(look.dark_logo_id or 0)
        same = {"width": f"{width}px", "alt": look.name, "align": "left", "padding": f"20px 0 20px {EDGE}px"}
        light_class = "edge light-only" if dark else "edge"
        light = element("mj-image", src=logo.url, css_class=light_class, href=look.website, **same)
        if dark is None:
            return light
        hidden = (
            f'<div class="dark-only" style="display: none; max-height: 0; overflow: hidden; padding: 20px {EDGE}px">'
            f'<img src="{escape_words(dark.url)}" width="{width}" alt="{escape_words(look.name)}" /></div>'
        )
        return light + element("mj-raw", f"<!--[if !mso]><!--><tr><td>{hidden}</td></tr><!--<![endif]-->")

    def _round_mark(self, look: Look) -> str:
        """The first letter of the brand on its colour, and its name; the letter is nothing for ears or for plain text."""
        letter = (
            f"width: {ROUND}px; height: {ROUND}px; border-radius: 50%; background: {look.accent}; color: {look.on_accent};"
            f" font-family: {look.heading_font}; font-size: 17px; font-weight: bold; line-height: {ROUND}px; text-align: center"
        )
        name = f"padding-left: 12px; font-family: {look.heading_font}; font-size: 18px; font-weight: bold; line-height: 1.3"
        return (
            '<table role="presentation" border="0" cellpadding="0" cellspacing="0" style="border-collapse: separate"><tr>'
            f'<td class="mark" data-unseen="" aria-hidden="true" align="center" width="{ROUND}" style="{letter}">'
            f'{escape_words(look.mark)}</td><td style="{name}">{escape_words(look.name)}</td></tr></table>'
        )
