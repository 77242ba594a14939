"""Contacts that are one person: joined by a link that can be taken away again.

Rows keep the contact they were written for; readers follow the link. Chains are kept flat.
"""

from collections.abc import Collection, Sequence

from django.db import transaction

from contacts.models import Merged
from contacts.news import contacts_linked
from lib.clock import now
from lib.sql import run_sql
from workspaces.current import current_workspace_id

Pair = tuple[int, int]  # loser, survivor


class SamePersonError(ValueError):
    """A contact cannot be linked to itself."""


def survivor_of(contact_id: int) -> int:
    """The contact that stands for this one today."""
    link = Merged.objects.filter(loser_id=contact_id).values_list("survivor_id", flat=True).first()
    return link or contact_id


def survivors_of(contact_ids: Collection[int]) -> dict[int, int]:
    """Contact id → who stands for it today, for each of these."""
    links = dict(Merged.objects.filter(loser__in=list(contact_ids)).values_list("loser_id", "survivor_id"))
    return {one: links.get(one, one) for one in contact_ids}


def everyone_in(contact_id: int) -> list[int]:
    """This contact and all that are linked to it: whose rows to read for one person."""
    return [contact_id, *Merged.objects.filter(survivor_id=contact_id).values_list("loser_id", flat=True)]


def relatives_of(contact_ids: Collection[int]) -> list[int]:
    """These contacts, who stands for them, and all that are linked to those, in the order of ids: one statement."""
    rows = run_sql("contacts/relatives", {"workspace": current_workspace_id(), "ids": list(contact_ids)})
    return [int(str(row[0])) for row in rows]


def link_contacts(loser_id: int, survivor_id: int, *, reason: str = "") -> None:
    """`link_all` for one pair. SamePersonError."""
    link_all([(loser_id, survivor_id)], reason=reason)


@transaction.atomic
def link_all(pairs: Sequence[Pair], *, reason: str = "") -> list[Pair]:
    """Each loser is the same person as its survivor from now on; returns the pairs that are new, as they stand.

    A constant number of statements, one piece of news. Repeating it changes nothing. SamePersonError.
    """
    stands = survivors_of({one for pair in pairs for one in pair})
    changed, parted = [], []
    for loser, wanted in pairs:
        survivor = stands[wanted]
        if loser == survivor:
            raise SamePersonError(loser)
        if stands[loser] == survivor:
            continue
        if stands[loser] != loser:  # who stood for it until now is without it
            parted.append((loser, stands[loser]))
        stands |= {one: survivor for one, other in stands.items() if other == loser} | {loser: survivor}
        changed.append(loser)
    new = [(loser, stands[loser]) for loser in dict.fromkeys(changed)]
    if new:
        params = {
            "workspace": current_workspace_id(),
            "losers": [loser for loser, _survivor in new],
            "survivors": [survivor for _loser, survivor in new],
            "reason": reason[:120],
            "now": now(),
        }
        run_sql("contacts/link", params)
        contacts_linked.tell(pairs=[*new, *parted])
    return new


@transaction.atomic
def unlink_contact(loser_id: int) -> None:
    """Undo: both stand for themselves again."""
    link = Merged.objects.filter(loser_id=loser_id).first()
    if link is None:
        return
    link.delete()
    contacts_linked.tell(pairs=[(loser_id, link.survivor_id)])
