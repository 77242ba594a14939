"""Kinds of touchpoints by name: what a rule, a form or a page says, and the code behind it."""

from typing import Any

from touchpoints.kinds import ALIASES, BY_CODE, KINDS
from touchpoints.models import OwnKind


def find_code(key: Any) -> int | None:
    """The code of a kind by its key, a name of the Segment spec, or a workspace's own name."""
    if not isinstance(key, str):
        return None
    known = KINDS.get(key) or KINDS.get(ALIASES.get(key.lower(), ""))
    if known:
        return known.code
    return OwnKind.objects.filter(key=key).values_list("code", flat=True).first()


def name_of(key: str) -> str:
    """The plain word of a kind."""
    code = find_code(key)
    return str(BY_CODE[code].name) if code in BY_CODE else key


def icon_of(key: str) -> str:
    """The icon of a kind."""
    code = find_code(key)
    return BY_CODE[code].icon if code in BY_CODE else "activity"


def kind_choices() -> list[tuple[str, Any]]:
    """Every kind that the open workspace knows, for a form."""
    own = [(row.key, row.key) for row in OwnKind.objects.order_by("key")]
    return [*((kind.key, kind.name) for kind in KINDS.values()), *own]
