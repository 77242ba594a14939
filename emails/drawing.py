"""From blocks to the MJML of a whole email, in the brand's look."""

from collections.abc import Iterable, Sequence
from html import escape

from emails.blocks.base import Block, Canvas, column, element, section
from emails.blocks.brand import BrandBlock
from emails.blocks.image import ImageBlock
from emails.look import styles

SHOWN = "shows"  # the name under which an email's fields say which of its conditional blocks this person sees


def draw(blocks: Sequence[Block], canvas: Canvas) -> str:
    """The MJML of an email. A block with a condition stands between tags that ask `shows.<its id>`."""
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
        _head_room(blocks, canvas) + "".join(_conditioned(blocks, canvas)),
        width="600px",
        background_color=look.around,
        css_class="around",
    )
    return f'<mjml lang="{look.language}">{head}{body}</mjml>'


def _head_room(blocks: Sequence[Block], canvas: Canvas) -> str:
    """Room above words that begin an email; a mark has its own, and a picture may touch the edge."""
    if not blocks or isinstance(blocks[0], BrandBlock | ImageBlock):
        return ""
    return section(column(element("mj-spacer", height="20px")), background_color=canvas.look.paper)


def _conditioned(blocks: Iterable[Block], canvas: Canvas) -> Iterable[str]:
    for block in blocks:
        drawn = block.draw(canvas)
        if drawn and block.when is not None:
            drawn = f"{{% if {SHOWN}.{block.id} %}}{drawn}{{% endif %}}"
        yield drawn


def conditions(blocks: Iterable[Block]) -> dict[str, dict[str, object]]:
    """Block id → the rule of those who see it, for those that not everybody sees."""
    return {one.id: one.when for one in blocks if one.when is not None}
