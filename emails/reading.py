"""Blocks as they are kept: JSON text → blocks, and back."""

import json
import re
import secrets
from collections.abc import Sequence

import msgspec
from django.utils.translation import gettext as _

from emails.blocks.base import Block
from emails.blocks.columns import MOST as MOST_CELLS
from emails.blocks.columns import ColumnsBlock
from emails.blocks.kinds import AnyBlock
from lib.foreign.foreign_json import BadJsonError, read_json

MOST_BLOCKS = 200
MOST_BYTES = 300_000
MOST_SPACE = 96
MOST_TAGS = 1_500  # as many as Liquid reads; the search for where they end is not made for more
PLAIN_ID = re.compile(r"b[0-9a-f]{1,8}\Z")  # in Liquid `size`, `first` and `if` would be something else
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
    try:
        kept = msgspec.convert(read_json(text), type=Kept)
    except (BadJsonError, msgspec.ValidationError) as error:
        raise BadBlocksError(_("These are no blocks that we know: %(why)s") % {"why": str(error)[:200]}) from error
    if kept.version != VERSION:
        raise BadBlocksError(_("These blocks are of version %(n)s, which we do not know.") % {"n": kept.version})
    return check_blocks(kept.blocks)


def check_blocks(blocks: Sequence[Block]) -> list[Block]:
    """The same, cleaned, each with an id of its own. BadBlocksError."""
    if len(blocks) > MOST_BLOCKS:
        said = _("An email holds at most %(most)s blocks; these are %(n)s. Nothing was changed.")
        raise BadBlocksError(said % {"most": MOST_BLOCKS, "n": len(blocks)})
    if sum(map(write_blocks([*blocks]).count, ("{{", "{%"))) > MOST_TAGS:
        said = _("An email holds at most %(n)s fields and conditions of Liquid. Nothing was changed.")
        raise BadBlocksError(said % {"n": MOST_TAGS})
    seen: set[str] = set()
    checked = []
    for block in blocks:
        if isinstance(block, ColumnsBlock) and not 1 <= len(block.cells) <= MOST_CELLS:
            raise BadBlocksError(_("Columns are two or three."))
        one = block.cleaned()
        if PLAIN_ID.match(one.id) is None or one.id in seen:
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
