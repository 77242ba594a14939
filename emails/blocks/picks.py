"""Three for her: things of the library that fit whoever reads the email, another choice for everybody."""

from collections.abc import Iterator
from typing import ClassVar, Literal

import msgspec
from django.utils.translation import gettext_lazy

from emails.blocks.base import EDGE, Block, Canvas, Flaw, column, element, section, words
from lib.liquid_tags import escape_words

PICKS = "picks"  # the name under which an email's fields say what this person gets in each such block
MOST, A_ROW = 6, 3
GAP = 12  # beside the words of a column, in pixels
PICTURE_WIDTH, SMALL_PICTURE = 162, 112


class PicksBlock(Block, frozen=True, kw_only=True, tag="picks"):
    """`count` things of these `kinds`, with one of the tags in `about` (none: of all), by interest, else the newest.

    Nobody gets a thing twice. Who has nothing left that would be new gets fewer, and who gets none sees no heading either.
    """

    label: ClassVar = gettext_lazy("Three for her")
    icon: ClassVar[str] = "sparkles"

    heading: str = ""
    count: int = 3
    kinds: tuple[str, ...] = ()
    about: tuple[int, ...] = ()
    layout: Literal["columns", "list"] = "columns"

    def title(self) -> str:
        return self.heading

    def draw(self, canvas: Canvas) -> str:
        draws = self._list if self.layout == "list" else self._columns
        body = self._heading(canvas) + "".join(draws(canvas))
        return f"{{% if {PICKS}.{self.id} %}}{body}{{% endif %}}"

    def flaws(self) -> Iterator[Flaw]:
        if not self.heading.strip():
            yield Flaw(gettext_lazy("heading"), gettext_lazy("Without a heading nobody knows why these are here."))

    def cleaned(self) -> "PicksBlock":
        return msgspec.structs.replace(self, count=min(MOST, max(1, self.count)))

    def _heading(self, canvas: Canvas) -> str:
        if not self.heading.strip():
            return ""
        said = element(
            "mj-text", f"<p>{words(self.heading)}</p>", font_size="15px", color=canvas.look.quiet,
            padding=f"8px {EDGE}px 12px", css_class="edge",
        )  # fmt: skip
        return section(column(said), background_color=canvas.look.paper)

    def _columns(self, canvas: Canvas) -> Iterator[str]:
        """Rows of three beside each other; on a phone one under the other, with its picture beside the words."""
        places = range(self.count)
        across = min(self.count, A_ROW)
        for first in places[::across]:
            row = [self._cell(place, canvas, across) for place in range(first, first + across)]
            edge = EDGE - GAP
            last = first + across >= self.count
            yield section(
                *row,
                space=self.space if last else 0,
                background_color=canvas.look.paper,
                padding_left=f"{edge}px",
                padding_right=f"{edge}px",
            )

    def _cell(self, place: int, canvas: Canvas, across: int) -> str:
        """A column; an empty one fills up the last row, which would be moved to the middle."""
        inside = self._one(place, canvas, PICTURE_WIDTH) if place < self.count else ""
        said = element("mj-text", inside, padding=f"0 {GAP}px 16px", css_class="cell pick") if inside else ""
        return column(said, width=f"{100 / across:.4f}%")

    def _list(self, canvas: Canvas) -> Iterator[str]:
        """One under the other, each with its picture beside its words."""
        rows = [
            element("mj-text", self._row(place, canvas), padding=f"0 {EDGE}px 16px", css_class="edge")
            for place in range(self.count)
        ]
        yield section(column(*rows), space=self.space, background_color=canvas.look.paper)

    def _one(self, place: int, canvas: Canvas, width: int) -> str:
        it = f"{PICKS}.{self.id}[{place}]"
        return f"{{% if {it} %}}{self._picture(it, width, canvas)}{self._words(it, canvas)}{{% endif %}}"

    def _row(self, place: int, canvas: Canvas) -> str:
        it = f"{PICKS}.{self.id}[{place}]"
        picture = self._picture(it, SMALL_PICTURE - 16, canvas, margin="0")
        cell = f'<td width="{SMALL_PICTURE}" valign="top" style="padding: 0 16px 0 0">{picture}</td>'
        said = f'<td valign="top" style="padding: 0">{self._words(it, canvas)}</td>'
        table = 'role="presentation" cellpadding="0" cellspacing="0" border="0" width="100%"'
        return f"{{% if {it} %}}<table {table}><tr>{{% if {it}.picture %}}{cell}{{% endif %}}{said}</tr></table>{{% endif %}}"

    def _picture(self, it: str, width: int, canvas: Canvas, margin: str = "0 0 10px") -> str:
        """The picture as a link that ears and plain text leave out: the title below it says the same."""
        style = (
            f"display: block; border: 0; width: 100%; max-width: {width}px; height: auto; margin: {margin};"
            f" border-radius: {canvas.look.corner}px"
        )
        image = f'<img src="{{{{ {it}.picture }}}}" alt="{{{{ {it}.title }}}}" width="{width}" style="{style}" />'
        return f'{{% if {it}.picture %}}<a href="{{{{ {it}.link }}}}" data-unseen="1">{image}</a>{{% endif %}}'

    def _words(self, it: str, canvas: Canvas) -> str:
        look = canvas.look
        quiet = f"margin: 0 0 2px; font-size: 13px; line-height: 1.4; color: {look.quiet}"
        title = (
            f"margin: 0 0 2px; font-family: {look.heading_font}; font-size: 16px; line-height: 1.3; font-weight: bold"
        )
        link = f'<a class="plain" href="{{{{ {it}.link }}}}" style="color: {escape_words(look.ink)}">{{{{ {it}.title }}}}</a>'
        return (
            f'<p style="{quiet}">{{{{ {it}.about }}}}</p><p style="{title}">{link}</p>'
            f'{{% if {it}.teaser %}}<p style="{quiet}">{{{{ {it}.teaser }}}}</p>{{% endif %}}'
        )
