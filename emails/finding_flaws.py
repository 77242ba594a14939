"""What should be put right of an email's blocks, and of who sees them."""

from django.utils.translation import gettext as _

from emails.blocks.base import Block, Flaw, Rule
from segments.compiler import check_rule
from segments.leaf_types.base import RuleError


def flaws_of(block: Block) -> list[Flaw]:
    """What should be put right of a block and of who sees it; what keeps the email back comes first."""
    found = list(block.flaws())
    if block.when is not None and (wrong := what_is_wrong(block.when)):
        found.append(Flaw(_("condition"), wrong, stops=True))
    return sorted(found, key=lambda flaw: not flaw.stops)


def what_is_wrong(rule: Rule) -> str:
    """Why a condition cannot be read, in a sentence; "" when it can."""
    try:
        check_rule(rule)
    except RuleError as error:
        return _("Nobody sees this block: %(why)s") % {"why": error.text}
    return ""
