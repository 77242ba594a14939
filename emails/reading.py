"""Blocks as they are kept: JSON text → blocks, and back."""

import json
import secrets
from collections.abc import Sequence

import msgspec
from django.utils.translation import gettext as _

from emails.blocks.base import Block
from emails.blocks.columns import MOST as MOST_CELLS
from emails.blocks.columns import ColumnsBlock
from emails.blocks.kinds import AnyBlock
from lib.foreign_json import BadJsonError, check_depth

MOST_BLOCKS = 200
MOST_BYTES = 300_000
MOST_SPACE = 96
VERSION = 1


class BadBlocksError(ValueError):
    """Blocks that cannot be read; the text says which and why."""


class Kept(msgspec.Struct, frozen=True):
    """What stands in `Content.blocks`."""

    version: int
    blocks: list[AnyBlock]


def read_blocks(text: str) -> list[Block]:
    """The blocks of a text, cleaned of foreign markup. BadBlocksError, with nothing half read."""
    if not text.strip():
        return []
    if len(text) > MOST_BYTES:
        raise BadBlocksError(_("An email holds at most %(n)s kB of blocks.") % {"n": MOST_BYTES // 1000})
    raw = text.encode("utf-8", "surrogatepass")
    try:
        check_depth(raw)
        kept = msgspec.json.decode(raw, type=Kept)
    except (BadJsonError, msgspec.MsgspecError, UnicodeError) as error:
        raise BadBlocksError(_("These are no blocks that we know: %(why)s") % {"why": str(error)[:200]}) from error
    if kept.version != VERSION:
        raise BadBlocksError(_("These blocks are of version %(n)s, which we do not know.") % {"n": kept.version})
    return check_blocks(kept.blocks)


def check_blocks(blocks: Sequence[Block]) -> list[Block]:
    """The same, cleaned, each with an id of its own. BadBlocksError."""
    if len(blocks) > MOST_BLOCKS:
        said = _("An email holds at most %(most)s blocks; these are %(n)s. Nothing was changed.")
        raise BadBlocksError(said % {"most": MOST_BLOCKS, "n": len(blocks)})
    seen: set[str] = set()
    checked = []
    for block in blocks:
        if isinstance(block, ColumnsBlock) and not 1 <= len(block.cells) <= MOST_CELLS:
            raise BadBlocksError(_("Columns are two or three."))
        one = block.cleaned()
        if not one.id.isalnum() or len(one.id) > 20 or one.id in seen:
            one = msgspec.structs.replace(one, id=new_id())
        if not 0 <= one.space <= MOST_SPACE:
            one = msgspec.structs.replace(one, space=min(MOST_SPACE, max(0, one.space)))
        seen.add(one.id)
        checked.append(one)
    return checked


def write_blocks(blocks: Sequence[Block]) -> str:
    """The blocks as JSON text; `read_blocks` reads the same again."""
    return json.dumps({"version": VERSION, "blocks": [msgspec.to_builtins(one) for one in blocks]}, ensure_ascii=False)


def new_id() -> str:
    """A name for a block: a letter first, as Liquid wants it."""
    return f"b{secrets.token_hex(4)}"
