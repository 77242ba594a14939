"""From blocks to the MJML of a whole email, in the brand's look."""

from collections.abc import Iterable, Sequence
from html import escape

import mrml

from emails.blocks.base import EDGE, Block, Canvas, column, element, section, words
from emails.blocks.brand import BrandBlock
from emails.blocks.image import ImageBlock
from emails.look import Look, styles

OPTIONS = mrml.RenderOptions(fonts={})
SHOWN = "shows"  # the name under which an email's fields say which of its conditional blocks this person sees


def page_of(mjml: str) -> str:
    """The HTML of an email's MJML. ValueError, OSError, RuntimeError for what is none.

    It loads no font from anybody: MJML itself would have Roboto, Lato and others fetched from Google by every reader.
    """
    return str(mrml.to_html(mjml, render_options=OPTIONS).content)


def draw(blocks: Sequence[Block], canvas: Canvas, *, marks: bool = False) -> str:
    """The MJML of an email. A block with a condition stands between tags that ask `shows.<its id>`.

    `marks`: each block stands between comments that name it, <!--b:ID--> and <!--/b:ID-->, for whoever edits it.
    """
    look = canvas.look
    head = element(
        "mj-head",
        element("mj-title", escape(look.name))
        + element("mj-raw", '<meta name="color-scheme" content="light dark" />')
        + element(
            "mj-attributes",
            f'<mj-all font-family="{look.text_font}"></mj-all>'
            f'<mj-text color="{look.ink}" font-size="16px" line-height="1.55" padding="0"></mj-text>',
        )
        + element("mj-style", styles(look)),
    )
    body = element(
        "mj-body",
        _head_room(blocks, canvas) + "".join(_conditioned(blocks, canvas, marks=marks)) + _foot_note(look),
        width="600px",
        background_color=look.around,
        css_class="around",
    )
    return f'<mjml lang="{look.language}">{head}{body}</mjml>'


def _foot_note(look: Look) -> str:
    """The brand's own line, on the ground of the foot that comes below it."""
    if not look.foot_note.strip():
        return ""
    line = element(
        "mj-text",
        words(look.foot_note),
        font_size="13px",
        color=look.quiet,
        padding=f"20px {EDGE}px 0",
        line_height="1.5",
    )
    return element("mj-section", column(line), css_class="paper foot-note", padding="0", background_color=look.soft)


def _head_room(blocks: Sequence[Block], canvas: Canvas) -> str:
    """Room above words that begin an email; a mark has its own, and a picture may touch the edge."""
    if not blocks or isinstance(blocks[0], BrandBlock | ImageBlock):
        return ""
    return section(column(element("mj-spacer", height="20px")), background_color=canvas.look.paper)


def _conditioned(blocks: Iterable[Block], canvas: Canvas, *, marks: bool) -> Iterable[str]:
    for block in blocks:
        drawn = block.draw(canvas)
        if drawn and block.when is not None:
            drawn = f"{{% if {SHOWN}.{block.id} %}}{drawn}{{% endif %}}"
        yield f"<!--b:{block.id}-->{drawn}<!--/b:{block.id}-->" if marks else drawn


def conditions(blocks: Iterable[Block]) -> dict[str, dict[str, object]]:
    """Block id → the rule of those who see it, for those that not everybody sees."""
    return {one.id: one.when for one in blocks if one.when is not None}
