"""Where else the brand is: the links of the brand kit, as words."""

from collections.abc import Iterator
from typing import ClassVar

from django.utils.translation import gettext_lazy

from emails.blocks.base import EDGE, Block, Canvas, column, element, section
from lib.liquid_tags import escape_words


class SocialBlock(Block, frozen=True, kw_only=True, tag="social"):
    """Its links are the brand kit's; without one it draws nothing."""

    label: ClassVar = gettext_lazy("Social")
    icon: ClassVar[str] = "share"

    def draw(self, canvas: Canvas) -> str:
        links = " &#160; ".join(
            f'<a href="{escape_words(url)}">{escape_words(name)}</a>' for name, url in canvas.look.social
        )
        if not links:
            return ""
        line = element("mj-text", links, font_size="15px", padding=f"8px {EDGE}px", css_class="edge")
        return section(column(line), space=self.space, background_color=canvas.look.paper)

    def links(self) -> Iterator[str]:
        yield from ()
