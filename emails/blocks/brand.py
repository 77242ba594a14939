"""The brand's mark on top, with a line beside it."""

from typing import ClassVar

from django.utils.translation import gettext_lazy

from emails.blocks.base import EDGE, Block, Canvas, column, element, section, words
from lib.liquid_tags import escape_words

LOGO_HEIGHT, WIDEST = 40, 220


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
            padding=f"20px {EDGE}px",
        )
        aside = [column(note, width="40%", vertical_align="middle")] if self.note else []
        return section(
            element("mj-group", "".join([mark, *aside])), space=self.space, background_color=canvas.look.paper
        )

    def _mark(self, canvas: Canvas) -> str:
        look = canvas.look
        logo = canvas.pictures.get(look.logo_id or 0)
        if logo is None:
            name = f'<span style="font-family: {look.heading_font}; font-weight: bold">{escape_words(look.name)}</span>'
            return element("mj-text", name, font_size="18px", padding=f"20px {EDGE}px")
        width = min(WIDEST, max(1, round(logo.width * LOGO_HEIGHT / max(1, logo.height))))
        dark = canvas.pictures.get(look.dark_logo_id or 0)
        same = {"width": f"{width}px", "alt": look.name, "align": "left", "padding": f"20px {EDGE}px"}
        light = element("mj-image", src=logo.url, css_class="light-only" if dark else "", href=look.website, **same)
        if dark is None:
            return light
        hidden = (
            f'<div class="dark-only" style="display: none; max-height: 0; overflow: hidden; padding: 20px {EDGE}px">'
            f'<img src="{escape_words(dark.url)}" width="{width}" alt="{escape_words(look.name)}" /></div>'
        )
        return light + element("mj-raw", f"<!--[if !mso]><!--><tr><td>{hidden}</td></tr><!--<![endif]-->")
