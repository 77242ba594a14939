"""What the page of an email of blocks shows: its outline, the chosen block with its form, who sees it."""

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise

from campaigns.edited import EditedEmail
from contacts.models import Contact
from delivery.content.compiling import Written
from delivery.drafting import drawn
from delivery.models import Content, Message
from delivery.test_sends import write_sample
from emails.block_forms import BlockForm, form_for
from emails.blocks.base import Block, Flaw, Rule
from emails.blocks.kinds import KINDS
from emails.blocks.picks import PicksBlock
from emails.editing import copied, digest_of, place_of
from emails.finding_flaws import flaws_of, lost_pictures
from emails.kits import current_look
from emails.models import Picture
from emails.pictures import path_of
from emails.reading import read_blocks
from segments.builder.drafting import in_shape
from segments.builder.drawing import draw as draw_rule
from segments.builder.wording import language_here
from segments.leaf_types.base import Phrase, RuleError
from segments.rules.compiler import check_rule
from segments.rules.counting import count_lines
from segments.rules.statements import TooSlowError
from segments.words.saying import sentence_of
from workspaces.models import Workspace


@dataclass(frozen=True, slots=True)
class Line:
    """A block in the outline. `flaws`: what should be put right, the gravest first; `is_chosen`: its form is open."""

    block: Block
    place: int
    label: str | Promise
    icon: str
    title: str
    flaws: Sequence[Flaw]
    is_chosen: bool
    copy: str

    @property
    def id(self) -> str:
        """The block's."""
        return self.block.id


@dataclass(frozen=True, slots=True)
class Condition:
    """One line of who sees a block: a phrase, or a group's sentence. `wrong` says why it cannot be read, "" when it can."""

    path: int
    phrase: Phrase | None
    sentence: str = ""
    wrong: str = ""


def outline_of(blocks: Sequence[Block], chosen: str) -> list[Line]:
    """The blocks as lines."""
    lost = lost_pictures(blocks)
    return [
        Line(one, place, one.label, one.icon, one.title(), flaws_of(one, lost), one.id == chosen, copied(one))
        for place, one in enumerate(blocks, 1)
    ]


def conditions_of(rule: Rule | None) -> list[Condition]:
    """The lines of a block's condition in words."""
    if rule is None:
        return []
    shaped = in_shape(rule)
    error = None
    try:
        check_rule(shaped)
    except RuleError as trouble:
        error = (trouble.path, trouble.text)
    tree, language = draw_rule(shaped, None, error=error), language_here()
    return [
        Condition(at, child.phrase, "" if child.phrase else sentence_of(shaped["all"][at], language), child.error or "")
        for at, child in enumerate(tree.children)
    ]


def people_who_see(edited: EditedEmail, rule: Rule | None) -> int | None:
    """How many of the email's people see a block of this condition; None where nobody can say."""
    rules = [edited.segment.rule] if edited.segment else []
    try:
        return count_lines(in_shape({"all": [*rules, *([rule] if rule else [])]})).people
    except (RuleError, TooSlowError):
        return None


def page_of_email(edited: EditedEmail, chosen: str = "", form: BlockForm | None = None) -> dict[str, Any]:
    """Everything that the page says of the email as it is kept."""
    content = edited.message.content
    blocks = read_blocks(content.blocks)
    ids = [one.id for one in blocks]
    chosen = chosen if chosen in ids else ""
    lines = outline_of(blocks, chosen)
    context: dict[str, Any] = {
        "edited": edited,
        "content": content,
        "lines": lines,
        "kinds": [(str(one.__struct_config__.tag), one.label, one.icon) for one in KINDS],
        "to_fix": sum(bool(line.flaws) for line in lines),
    }
    if chosen:
        context |= _chosen(edited, blocks, chosen, form) | {"line": lines[place_of(blocks, chosen)]}
    return context


def _chosen(edited: EditedEmail, blocks: Sequence[Block], chosen: str, form: BlockForm | None) -> dict[str, Any]:
    at = place_of(blocks, chosen)
    block = blocks[at]
    return {
        "picked": block,
        "seen": digest_of(block),
        "form": form or form_for(block),
        "conditions": conditions_of(block.when),
        "seen_by": people_who_see(edited, block.when),
        "picture_path": _picture_path(block),
        "chooses": isinstance(block, PicksBlock),
        "before": blocks[at - 1].id if at else "",
        "behind": blocks[at + 1].id if at + 1 < len(blocks) else "",
    }


def _picture_path(block: Block) -> str:
    """Where the block's picture lies for us; "" without one."""
    found = Picture.objects.filter(pk__in=list(block.picture_ids())).first()
    return path_of(found) if found else ""


def sample_page(
    edited: EditedEmail, workspace: Workspace, person: Contact | None, *, shows_names: bool, blocks: str | None = None
) -> Written:
    """The email as this person would get it, with its blocks marked; as it would be with other `blocks` (JSON).

    BadTemplateError, MissingFieldError.
    """
    content = copy.copy(edited.message.content)
    content.blocks = content.blocks if blocks is None else blocks
    content.body, content.body_format = drawn(content.blocks, current_look(), marks=True), Content.Format.BLOCKS
    message: Message = copy.copy(edited.message)
    message.content = content
    return write_sample(message, workspace, person, shows_names=shows_names)
