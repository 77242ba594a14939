"""One step of whoever writes an email, on its list of blocks: add, move, change, take away. Nothing is kept here
(delivery/drafting.py does that); each gives a new list.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from django.utils.translation import gettext as _

from emails.blocks.base import Block, Rule
from emails.blocks.kinds import BY_KIND, AnyBlock
from emails.reading import VERSION, BadBlocksError, check_blocks, new_id, write_blocks
from lib.foreign.foreign_json import BadJsonError, read_json

MOST_PASTED = 300_000
Blocks = list[Block]


class NoSuchBlockError(LookupError):
    """The block is gone meanwhile, or never was."""


def place_of(blocks: Sequence[Block], block_id: str) -> int:
    """Where a block stands. NoSuchBlockError."""
    for place, one in enumerate(blocks):
        if one.id == block_id:
            return place
    raise NoSuchBlockError(block_id)


def digest_of(block: Block) -> str:
    """By which it shows whether a block says what somebody saw; who sees it does not count. 16 digits."""
    said = msgspec.json.encode(msgspec.structs.replace(block, when=None), order="sorted")
    return hashlib.blake2b(said, digest_size=8).hexdigest()


def neighbour_of(blocks: Sequence[Block], block_id: str) -> str:
    """The block that is chosen when this one goes: the next, else the one before, else none ("")."""
    place = place_of(blocks, block_id)
    others = [*blocks[place + 1 : place + 2], *blocks[max(0, place - 1) : place]]
    return others[0].id if others else ""


def add(blocks: Sequence[Block], kind: str, *, after: str = "") -> tuple[Blocks, str]:
    """With an empty block of this kind behind `after`, at the end without one; and its id. BadBlocksError."""
    if kind not in BY_KIND:
        raise BadBlocksError(_("There is no kind of block called “%(kind)s”.") % {"kind": kind[:40]})
    return _with(blocks, [BY_KIND[kind](id=new_id())], after)


def duplicate(blocks: Sequence[Block], block_id: str) -> tuple[Blocks, str]:
    """With the block once more behind itself; and the copy's id. NoSuchBlockError."""
    block = blocks[place_of(blocks, block_id)]
    return _with(blocks, [msgspec.structs.replace(block, id=new_id())], block_id)


def remove(blocks: Sequence[Block], block_id: str) -> Blocks:
    """Without it. NoSuchBlockError."""
    place = place_of(blocks, block_id)
    return [*blocks[:place], *blocks[place + 1 :]]


def move(blocks: Sequence[Block], block_id: str, to: int) -> Blocks:
    """With the block at place `to`, counted from 0; further than there is, is the end. NoSuchBlockError."""
    block, others = blocks[place_of(blocks, block_id)], remove(blocks, block_id)
    others.insert(max(0, to), block)
    return others


def change(blocks: Sequence[Block], block_id: str, facts: Mapping[str, Any]) -> Blocks:
    """With what `facts` say of a block (names of its fields). NoSuchBlockError; BadBlocksError for what it cannot be."""
    place = place_of(blocks, block_id)
    tree = msgspec.to_builtins(blocks[place]) | dict(facts)
    try:
        changed: Block = msgspec.convert(tree, type=AnyBlock)
    except msgspec.ValidationError as error:
        raise BadBlocksError(_("A block cannot be like this: %(why)s") % {"why": str(error)[:200]}) from error
    return [*blocks[:place], changed, *blocks[place + 1 :]]


def show_to(blocks: Sequence[Block], block_id: str, rule: Rule | None) -> Blocks:
    """Only those who fit the rule see it; None: everybody. NoSuchBlockError."""
    place = place_of(blocks, block_id)
    return [*blocks[:place], msgspec.structs.replace(blocks[place], when=rule), *blocks[place + 1 :]]


def paste(blocks: Sequence[Block], text: str, *, after: str = "") -> tuple[Blocks, str]:
    """With copied blocks behind `after`, under ids of their own; and the id of the last. BadBlocksError."""
    try:
        pasted = msgspec.convert(read_json(text[:MOST_PASTED]), type=_Copied)
    except (BadJsonError, msgspec.ValidationError) as error:
        raise BadBlocksError(_("What was copied is no block. Nothing was changed.")) from error
    if pasted.version != VERSION or not pasted.blocks:
        raise BadBlocksError(_("What was copied is no block. Nothing was changed."))
    return _with(blocks, [msgspec.structs.replace(one, id=new_id()) for one in pasted.blocks], after)


def copied(block: Block) -> str:
    """A block as it lies on the clipboard; `paste` reads it again, here and in other emails."""
    return json.dumps(json.loads(write_blocks([block])) | {"what": WHAT}, ensure_ascii=False)


WHAT = "email-blocks"


class _Copied(msgspec.Struct, frozen=True):
    """What lies on the clipboard. Pictures are those of the workspace they were copied in; another has none of them."""

    version: int
    what: str
    blocks: list[AnyBlock]


def _with(blocks: Sequence[Block], new: Sequence[Block], after: str) -> tuple[Blocks, str]:
    place = next((at + 1 for at, one in enumerate(blocks) if one.id == after), len(blocks))
    return check_blocks([*blocks[:place], *new, *blocks[place:]]), new[-1].id
