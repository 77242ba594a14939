"""One to five, answered with one tap: each number is a link of its own."""

from collections.abc import Iterator
from typing import ClassVar

from django.utils.translation import gettext_lazy

from emails.blocks.base import EDGE, Block, Canvas, Flaw, column, element, section, words
from emails.blocks.flaws import link_flaws
from lib.liquid_tags import TAG, escape_words

STEPS = range(1, 6)
GAP = 8  # between two boxes, in pixels


class ScaleBlock(Block, frozen=True, kw_only=True, tag="scale"):
    """`href` gets `?answer=3` behind it; `low` and `high` say what the ends mean."""

    label: ClassVar = gettext_lazy("Scale")
    icon: ClassVar[str] = "list-numbers"

    href: str = ""
    low: str = ""
    high: str = ""

    def title(self) -> str:
        return " – ".join(filter(None, (self.low, self.high)))

    def target(self, step: int) -> str:
        """Where one of the numbers leads."""
        target = self.href.strip()
        words = TAG.sub(lambda tag: " " * len(tag[0]), target)  # a sign in a tag of Liquid is not the address's
        end = len(target) if (at := words.find("#")) < 0 else at
        return f"{target[:end]}{'&' if '?' in words[:end] else '?'}answer={step}{target[end:]}"

    def draw(self, canvas: Canvas) -> str:
        look = canvas.look
        box = (
            f"padding: 0; border: 1px solid {look.line}; border-radius: {look.corner}px; background: {look.soft};"
            " text-align: center"
        )
        link = (
            f"display: block; padding: 14px 0; mso-padding-alt: 0; color: {look.ink}; font-size: 20px; font-weight: 600;"
            " line-height: 24px"
        )
        steps = "".join(
            f'<td class="step" width="20%" height="52" bgcolor="{look.soft}" style="{box}"><p style="margin: 0">'
            f'<a class="plain" href="{escape_words(self.target(step))}" style="{link}">{step}</a></p></td>'
            for step in STEPS
        )
        table = (
            f'<table role="presentation" width="100%" border="0" cellpadding="0" cellspacing="{GAP}"'
            f' style="border-collapse: separate; table-layout: fixed"><tr>{steps}</tr></table>'
        )
        line = element("mj-text", table, padding=f"8px {EDGE - GAP}px 0", css_class="scale")
        numbers = section(column(line), background_color=look.paper)
        ends = element(
            "mj-group",
            column(self._end(self.low, "left", look.quiet)) + column(self._end(self.high, "right", look.quiet)),
        )
        return numbers + section(ends, space=self.space, background_color=look.paper)

    def flaws(self) -> Iterator[Flaw]:
        yield from link_flaws(self.href)

    def links(self) -> Iterator[str]:
        if self.href.strip():
            yield from (self.target(step) for step in STEPS)

    def _end(self, text: str, align: str, colour: str) -> str:
        return element(
            "mj-text",
            words(text) or "&#160;",
            align=align,
            font_size="13px",
            color=colour,
            padding=f"0 {EDGE}px",
            css_class="edge",
        )
