"""@names in a note: which members they mean. A name that two members share means neither."""

import re
from collections.abc import Mapping

from workspaces.permissions import team

AT = re.compile(r"(?<![\w@.])@(?=\w)")
LONGEST = 80


def members_by_name() -> dict[int, tuple[str, str]]:
    """Member → (name, email) of the open workspace, by name. One query."""
    return {row.user_id: (row.user.name or row.user.email, row.user.email) for row in team()}


def mentioned_in(text: str, members: Mapping[int, tuple[str, str]]) -> tuple[set[int], list[str]]:
    """(members named with @, what was written with @ and names two of them).

    A whole name, a first name, or what stands before the @ of their email; the longest that fits counts, whatever its
    case. An address (anna@tea.example) names nobody.
    """
    known = _spellings(members)
    longest_first = sorted(known, key=len, reverse=True)
    found: set[int] = set()
    unclear: list[str] = []
    for match in AT.finditer(text):
        rest = text[match.end() : match.end() + LONGEST].casefold()
        named = next((one for one in longest_first if rest.startswith(one) and _ends(rest, len(one))), None)
        if named is None:
            continue
        if len(known[named]) == 1:
            found |= known[named]
        else:
            unclear.append(f"@{named}")
    return found, unclear


def _spellings(members: Mapping[int, tuple[str, str]]) -> dict[str, set[int]]:
    known: dict[str, set[int]] = {}
    for pk, (name, email) in members.items():
        words = name.casefold().split()
        for one in {" ".join(words), *words[:1], email.partition("@")[0].casefold()} - {""}:
            known.setdefault(one, set()).add(pk)
    return known


def _ends(rest: str, at: int) -> bool:
    """Whether the name ends there: "@Al" is not in "@Alma"."""
    return len(rest) <= at or not (rest[at].isalnum() or rest[at] == "_")
