"""The kinds of blocks, in the order in which they are offered."""

from emails.blocks.base import Block
from emails.blocks.brand import BrandBlock
from emails.blocks.button import ButtonBlock
from emails.blocks.card import CardBlock
from emails.blocks.code import CodeBlock
from emails.blocks.columns import ColumnsBlock
from emails.blocks.divider import DividerBlock
from emails.blocks.heading import HeadingBlock
from emails.blocks.image import ImageBlock
from emails.blocks.picks import PicksBlock
from emails.blocks.quote import QuoteBlock
from emails.blocks.raw import RawBlock
from emails.blocks.scale import ScaleBlock
from emails.blocks.social import SocialBlock
from emails.blocks.text import TextBlock

KINDS: tuple[type[Block], ...] = (
    HeadingBlock, TextBlock, ImageBlock, ButtonBlock, ColumnsBlock, CardBlock, PicksBlock, QuoteBlock, DividerBlock,
    ScaleBlock, CodeBlock, SocialBlock, BrandBlock, RawBlock,
)  # fmt: skip
BY_KIND: dict[str, type[Block]] = {str(one.__struct_config__.tag): one for one in KINDS}
AnyBlock = (
    HeadingBlock | TextBlock | ImageBlock | ButtonBlock | ColumnsBlock | CardBlock | PicksBlock | QuoteBlock | DividerBlock
    | ScaleBlock | CodeBlock | SocialBlock | BrandBlock | RawBlock
)  # fmt: skip


def kind_of(block: Block) -> str:
    """The name of its kind, as JSON has it."""
    return str(block.__struct_config__.tag)
