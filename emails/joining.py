"""Two lists of blocks that were changed apart come together again: what one of them did not touch is the other's."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from emails.blocks.base import Block

Blocks = list[Block]


@dataclass(frozen=True, slots=True)
class Joined:
    """The list of both. `left`: blocks that both had changed; they stay as they were kept."""

    blocks: Blocks
    left: tuple[str, ...] = ()


def join(base: Sequence[Block], wanted: Sequence[Block], kept: Sequence[Block]) -> Joined:
    """What leads from `base` to `wanted`, done to `kept`, which was `base` before others wrote.

    A block that both changed, or that one changed and the other took away, stays as it is kept and is named in `left`.
    With nothing written meanwhile it is `wanted`; where nothing is wanted it is `kept`.
    """
    was, new, now = ({one.id: one for one in blocks} for blocks in (base, wanted, kept))
    blocks: Blocks = []
    left: list[str] = []
    for block in kept:
        before, after = was.get(block.id), new.get(block.id)
        if after in (before, block):
            blocks.append(block)
        elif block == before:
            blocks += [after] if after else []
        else:
            blocks.append(block)
            left.append(block.id)
    left += [one.id for one in wanted if one.id in was and one.id not in now and one != was[one.id]]
    return Joined(_added(_in_order(blocks, base, wanted), wanted, known=was.keys()), tuple(left))


def _in_order(blocks: Blocks, base: Sequence[Block], wanted: Sequence[Block]) -> Blocks:
    """Those that stand in both lists, in the order that is wanted, if it is another one; others keep their places."""
    both = {one.id for one in base} & {one.id for one in wanted}
    order = [one.id for one in wanted if one.id in both]
    if order == [one.id for one in base if one.id in both]:
        return blocks
    by_id = {one.id: one for one in blocks}
    turn = iter([by_id[one] for one in order if one in by_id])
    return [next(turn) if one.id in both else one for one in blocks]


def _added(blocks: Blocks, wanted: Sequence[Block], *, known: Collection[str]) -> Blocks:
    """With those that are new, each behind the one it follows."""
    made = list(blocks)
    there = {one.id for one in made}
    before = ""
    for one in wanted:
        if one.id not in there and one.id not in known:
            place = next((at + 1 for at, other in enumerate(made) if other.id == before), 0)
            made.insert(place, one)
            there.add(one.id)
        before = one.id if one.id in there else before
    return made
