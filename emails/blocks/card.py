"""A product or an article: picture, title, a few words, a link."""

from collections.abc import Iterator
from typing import ClassVar

import msgspec
from django.utils.translation import gettext_lazy

from emails.blocks.base import EDGE, Block, Canvas, Flaw, Shown, column, element, words
from emails.blocks.flaws import link_flaws
from emails.links import links_in
from emails.rich_text import clean, plain
from lib.liquid_tags import escape_words

PICTURE_WIDTH = 152


class CardBlock(Block, frozen=True, kw_only=True, tag="card"):
    """`overline` stands small above the title (a kind, a date); `price` under the words."""

    label: ClassVar = gettext_lazy("Card")
    icon: ClassVar[str] = "id"

    name: str = ""
    overline: str = ""
    html: str = ""
    price: str = ""
    picture: int | None = None
    alt: str = ""
    link_text: str = ""
    href: str = ""

    def title(self) -> str:
        return self.name

    def draw(self, canvas: Canvas) -> str:
        look, shown = canvas.look, canvas.pictures.get(self.picture or 0)
        said = element("mj-text", "".join(self._words(canvas)), font_size="15px", padding="18px 20px")
        columns = [column(self._image(shown), width="30%", vertical_align="middle")] if shown else []
        columns.append(column(said, width="70%" if shown else "100%", vertical_align="middle"))
        return element(
            "mj-wrapper",
            element(
                "mj-section",
                "".join(columns),
                background_color=look.soft,
                padding="0",
                css_class="soft",
                border_radius=f"{look.corner}px",
            ),
            css_class="paper cards",
            background_color=look.paper,
            padding=f"8px {EDGE}px {self.space}px",
        )

    def flaws(self) -> Iterator[Flaw]:
        if not self.name.strip():
            yield Flaw(gettext_lazy("empty"), gettext_lazy("The card has no title yet."), stops=True)
        if self.picture is not None and not self.alt.strip():
            yield Flaw(gettext_lazy("alt text"), gettext_lazy("No alt text: 1 in 5 readers sees a grey box here."))
        yield from link_flaws(self.href, may_lack=not self.link_text.strip())

    def picture_ids(self) -> Iterator[int]:
        if self.picture is not None:
            yield self.picture

    def links(self) -> Iterator[str]:
        yield from links_in(self.html)
        if self.href:
            yield self.href

    def cleaned(self) -> "CardBlock":
        return msgspec.structs.replace(self, html=clean(self.html))

    def _words(self, canvas: Canvas) -> Iterator[str]:
        quiet = f"margin: 0 0 4px; font-size: 13px; color: {canvas.look.quiet}"
        if self.overline.strip():
            yield f'<p style="{quiet}">{words(self.overline)}</p>'
        style = f"margin: 0 0 4px; font-family: {canvas.look.heading_font}; font-size: 17px; line-height: 1.3"
        yield f'<h2 style="{style}">{words(self.name)}</h2>{self.html}'
        if self.price.strip():
            yield f'<p style="{quiet}">{words(self.price)}</p>'
        if self.link_text.strip():
            link, target = words(self.link_text), escape_words(self.href.strip())
            link = f'<a href="{target}">{link}</a>' if target else f"<u>{link}</u>"
            yield f'<p style="margin: 8px 0 0">{link}</p>'

    def _image(self, shown: Shown) -> str:
        width = min(PICTURE_WIDTH, shown.width)
        return element(
            "mj-image", src=shown.url, alt=self.alt or plain(self.name), width=f"{width}px", padding="16px 0 16px 16px",
            href=self.href.strip(),
        )  # fmt: skip
