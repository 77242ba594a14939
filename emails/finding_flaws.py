"""What should be put right of an email's blocks, and of who sees them."""

from collections.abc import Collection, Iterable

from django.utils.translation import gettext as _

from emails.blocks.base import Block, Flaw, Rule
from emails.models import Picture
from segments.leaf_types.base import RuleError
from segments.rules.compiler import check_rule


def flaws_of(block: Block, lost: Collection[int] = ()) -> list[Flaw]:
    """What should be put right of a block and of who sees it; what keeps the email back comes first.

    `lost`: pictures that are not there any more (`lost_pictures`).
    """
    found = list(block.flaws())
    if any(one in lost for one in block.picture_ids()):
        said = _("Its picture is gone, and nobody would see one. Choose another one, or take it away.")
        found.append(Flaw(_("no picture"), said, stops=True))
    if block.when is not None and (wrong := what_is_wrong(block.when)):
        found.append(Flaw(_("condition"), wrong, stops=True))
    return sorted(found, key=lambda flaw: not flaw.stops)


def lost_pictures(blocks: Iterable[Block]) -> set[int]:
    """Pictures that these blocks name and the workspace does not have. One query, none for blocks without pictures."""
    named = {one for block in blocks for one in block.picture_ids()}
    return named - set(Picture.objects.filter(pk__in=named).values_list("pk", flat=True)) if named else set()


def what_is_wrong(rule: Rule) -> str:
    """Why a condition cannot be read, in a sentence; "" when it can."""
    try:
        check_rule(rule)
    except RuleError as error:
        return _("Nobody sees this block: %(why)s") % {"why": error.text}
    return ""
