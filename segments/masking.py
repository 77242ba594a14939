"""Rules about who somebody is. Whoever sees no names may not ask them: "email starts with a" is a name, letter by letter."""

from django.utils.translation import gettext as _

from contacts.showing import sees_names
from segments.leaf_types.base import Path, RuleError
from segments.rules.compiler import Rule, read_leaves
from workspaces.requests import Request


def identifying_paths(rule: Rule) -> list[Path]:
    """Where the rule asks who somebody is; nowhere in a rule that cannot be read."""
    try:
        return [path for path, leaf in read_leaves(rule).items() if leaf.identifies()]
    except RuleError:
        return []


def hidden_paths(request: Request, rule: Rule) -> list[Path]:
    """The lines of a rule whose values this member may not read."""
    return [] if sees_names(request) else identifying_paths(rule)


def check_may_ask(request: Request, rule: Rule) -> None:
    """Refuse a rule of this member's own that asks who somebody is. RuleError at the line."""
    if paths := hidden_paths(request, rule):
        raise RuleError(paths[0], _("Your role sees no names and addresses, so it cannot ask for them either."))
