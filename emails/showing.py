"""Which of an email's conditional blocks somebody sees, asked of the segments' own language for many at once."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from emails.blocks.picks import PICKS
from emails.drawing import SHOWN, conditions
from emails.library.picking import newest_for
from emails.reading import BadBlocksError, read_blocks
from lib.sql import run_sql
from segments.rules.compiler import Rule, compile_together
from segments.whom import whom_of

MOST_KEPT = 200


def shown_blocks(blocks: str, contact_ids: Sequence[int]) -> dict[int, dict[str, bool]]:
    """Contact → {block id: True} of the blocks with a condition that they see. `blocks` is the JSON of a content.

    As many statements for fifty conditions and a thousand people as for one of each. A condition that cannot be read
    (its segment is gone) shows its block to nobody.
    """
    nothing: dict[int, dict[str, bool]] = {one: {} for one in contact_ids}
    rules = conditions_of(blocks)
    if not rules or not contact_ids:
        return nothing
    names = list(rules)
    whom = whom_of(contact_ids)
    together = compile_together(dict(enumerate(rules.values())), whom)
    if not together.answers:
        return nothing
    holes = {"steps": together.steps, "looked": together.looked, "answers": ", ".join(together.answers.values())}
    params = together.params | {"keys": list(together.answers)}
    seen: dict[int, dict[str, bool]] = {}
    for key, contact_id in run_sql("emails/shown", params, **holes):
        seen.setdefault(int(str(contact_id)), {})[names[int(str(key))]] = True
    return {one: seen.get(whom.stands_for(one), {}) for one in contact_ids}


@lru_cache(maxsize=MOST_KEPT)
def conditions_of(blocks: str) -> Mapping[str, Rule]:
    """Block id → its rule, of those that not everybody sees; none when the blocks cannot be read."""
    try:
        return conditions(read_blocks(blocks))
    except BadBlocksError:
        return {}


def everything_shown(blocks: str) -> dict[str, Any]:
    """The fields of nobody in particular, who sees every block, and the newest in those that choose."""
    names, newest = conditions_of(blocks), newest_for(blocks)
    shows = {SHOWN: dict.fromkeys(names, True)} if names else {}
    return shows | ({PICKS: newest} if newest else {})
