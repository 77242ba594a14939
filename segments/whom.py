"""Whom a statement looks at when not at everybody: people as they stand today, and all contacts whose rows are theirs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from contacts.models import Merged


@dataclass(frozen=True, slots=True)
class Whom:
    """`survivors`: who stands for the contacts asked for; `members`: these and everybody merged into them.

    `merged`: contact asked for → who stands for it, of those that were merged into somebody.
    """

    survivors: list[int]
    members: list[int]
    merged: Mapping[int, int] = field(default_factory=dict)

    def stands_for(self, contact_id: int) -> int:
        """Who stands for a contact: mostly itself."""
        return self.merged.get(contact_id, contact_id)

    def params(self) -> dict[str, Any]:
        """The parameters of a restricted statement (segments/rules/compiler.py)."""
        return {"r_only": self.survivors, "r_members": self.members}


def whom_of(contact_ids: Sequence[int]) -> Whom:
    """Whom these contacts make; two statements, whatever the number."""
    links = dict(Merged.objects.filter(loser__in=list(contact_ids)).values_list("loser_id", "survivor_id"))
    survivors = sorted({links.get(one, one) for one in contact_ids})
    losers = Merged.objects.filter(survivor__in=survivors).values_list("loser_id", flat=True)
    return Whom(survivors, sorted({*survivors, *losers}), links)
