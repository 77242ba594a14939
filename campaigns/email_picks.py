"""What the page of an email says of a block that chooses for each reader: for whom what and why, and how it falls."""

from collections.abc import Mapping
from typing import Any

from campaigns.edited import EditedEmail
from contacts.models import Contact
from delivery.received import who_got
from emails.library.explaining import Split, explain, split_of
from emails.library.picking import pick_blocks
from segments.builder.drafting import in_shape
from segments.leaf_types.base import RuleError
from segments.rules.counting import sample_rule
from segments.rules.statements import TooSlowError

MOST_LOOKED_AT = 1_000


def picks_panel(edited: EditedEmail, block_id: str, person: Contact | None) -> Mapping[str, Any] | None:
    """What this person gets in the block, and how it falls for the email's people; None when there is no such block."""
    blocks = pick_blocks(edited.message.content.blocks)
    block = next((one for one in blocks if one.id == block_id), None)
    if block is None:
        return None
    explained = explain(blocks, block_id, person, got=who_got, message_id=edited.message.pk)
    return {"explained": explained, "split": _split(edited, block_id), "block": block}


def _split(edited: EditedEmail, block_id: str) -> Split | None:
    """Of a thousand at most; None where nobody can say who they are."""
    blocks = pick_blocks(edited.message.content.blocks)
    block = next(one for one in blocks if one.id == block_id)
    rules = [edited.segment.rule] if edited.segment else []
    try:
        people = sample_rule(in_shape({"all": [*rules, *([block.when] if block.when else [])]}), MOST_LOOKED_AT)
    except (RuleError, TooSlowError):
        return None
    found = [one.pk for one in people]
    return split_of(blocks, block, found, got=who_got, message_id=edited.message.pk)
