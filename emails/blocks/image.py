"""A picture, across the paper or within its edges."""

from collections.abc import Iterator
from typing import ClassVar, Literal

from django.utils.translation import gettext_lazy

from emails.blocks.base import EDGE, WIDTH, Block, Canvas, Flaw, column, element, section
from emails.blocks.flaws import link_flaws
from lib.liquid_tags import escape_words

HALF = 300


class ImageBlock(Block, frozen=True, kw_only=True, tag="image"):
    """`picture` is one of the workspace's; `alt` says what it shows, unless it `is_decoration`."""

    label: ClassVar = gettext_lazy("Image")
    icon: ClassVar[str] = "photo"

    picture: int | None = None
    alt: str = ""
    is_decoration: bool = False
    href: str = ""
    width: Literal["full", "edge", "half"] = "full"

    def title(self) -> str:
        return self.alt

    def draw(self, canvas: Canvas) -> str:
        shown = canvas.pictures.get(self.picture or 0)
        if shown is None:
            return ""
        inside = 0 if self.width == "full" else EDGE
        most = {"full": WIDTH, "edge": WIDTH - 2 * EDGE, "half": HALF}[self.width]
        image = element(
            "mj-image", src=shown.url, width=f"{min(most, shown.width)}px", padding=f"0 {inside}px", href=self.href,
            css_class="edge" if inside else "",
        )  # fmt: skip
        alt = "" if self.is_decoration else escape_words(self.alt.strip() or shown.alt)
        image = image.replace("<mj-image", f'<mj-image alt="{alt}"', 1)
        return section(column(image), space=self.space, background_color=canvas.look.paper)

    def flaws(self) -> Iterator[Flaw]:
        if self.picture is None:
            yield Flaw(gettext_lazy("no picture"), gettext_lazy("Choose a picture."), stops=True)
        elif not self.alt.strip() and not self.is_decoration:
            yield Flaw(gettext_lazy("alt text"), gettext_lazy("No alt text: 1 in 5 readers sees a grey box here."))
        yield from link_flaws(self.href, may_lack=True)

    def picture_ids(self) -> Iterator[int]:
        if self.picture is not None:
            yield self.picture

    def links(self) -> Iterator[str]:
        if self.href:
            yield self.href
