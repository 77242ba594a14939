"""Markup of one's own: HTML in the place of a block."""

from collections.abc import Iterator
from typing import ClassVar

import msgspec
from django.utils.translation import gettext_lazy

from emails.blocks.base import Block, Canvas, Flaw, column, element, section
from emails.links import links_in
from emails.own_markup import clean_markup
from emails.rich_text import plain


class RawBlock(Block, frozen=True, kw_only=True, tag="raw"):
    """`html` is what mail clients may show; scripts, forms and frames go."""

    label: ClassVar = gettext_lazy("Own HTML")
    icon: ClassVar[str] = "code"

    html: str = ""

    def title(self) -> str:
        return plain(self.html)

    def draw(self, canvas: Canvas) -> str:
        inside = element("mj-text", self.html, padding="0")
        return section(column(inside), space=self.space, background_color=canvas.look.paper)

    def flaws(self) -> Iterator[Flaw]:
        if not self.html.strip():
            yield Flaw(gettext_lazy("empty"), gettext_lazy("There is no HTML yet."), stops=True)

    def links(self) -> Iterator[str]:
        yield from links_in(self.html)

    def cleaned(self) -> "RawBlock":
        return msgspec.structs.replace(self, html=clean_markup(self.html))
