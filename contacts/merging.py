"""Contacts that are one person: joined by a link that can be taken away again.

Rows keep the contact they were written for; readers follow the link. Chains are kept flat for them; whom each was joined
to is kept beside, so that links can be taken away in any order.
"""

from collections.abc import Collection, Sequence

from django.db import transaction

from contacts.models import Merged
from contacts.news import contacts_linked
from lib.clock import now
from lib.once import once_a_page
from lib.sql import array_of, run_sql
from workspaces.current import current_workspace_id

Pair = tuple[int, int]  # loser, survivor


class SamePersonError(ValueError):
    """A contact cannot be linked to itself."""


@once_a_page
def survivor_of(contact_id: int) -> int:
    """The contact that stands for this one today."""
    link = Merged.objects.filter(loser_id=contact_id).values_list("survivor_id", flat=True).first()
    return link or contact_id


def survivors_of(contact_ids: Collection[int]) -> dict[int, int]:
    """Contact id → who stands for it today, for each of these."""
    ids = list(contact_ids)
    links = dict(run_sql("contacts/survivors_of", {"workspace": current_workspace_id(), "contacts": array_of(ids)}))
    return {one: links.get(one, one) for one in ids} if links else dict(zip(ids, ids, strict=True))


@once_a_page
def everyone_in(contact_id: int) -> list[int]:
    """This contact and all that are linked to it: whose rows to read for one person."""
    return [contact_id, *Merged.objects.filter(survivor_id=contact_id).values_list("loser_id", flat=True)]


def relatives_of(contact_ids: Collection[int]) -> list[int]:
    """These contacts, who stands for them, and all that are linked to those, in the order of ids: one statement."""
    rows = run_sql("contacts/relatives", {"workspace": current_workspace_id(), "ids": array_of(contact_ids)})
    return [int(str(row[0])) for row in rows]


def linked_among(contact_ids: Collection[int]) -> set[int]:
    """Who stands for those of these contacts that are linked to somebody, or that somebody is linked to."""
    rows = run_sql("contacts/linked_among", {"workspace": current_workspace_id(), "contacts": array_of(contact_ids)})
    return {row[0] for row in rows}


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
        moved = _stand_anew([one for pair in parted for one in pair])  # who was joined to a loser comes along
        contacts_linked.tell(pairs=[*new, *parted, *moved])
    return new


@transaction.atomic
def unlink_contact(loser_id: int) -> None:
    """Undo: both stand for themselves again, and whoever was joined to the loser stands with the loser. May be repeated."""
    link = Merged.objects.filter(loser_id=loser_id).first()
    if link is None:
        return
    link.delete()
    moved = _stand_anew([link.survivor_id, loser_id])
    contacts_linked.tell(pairs=[(loser_id, link.survivor_id), *moved])


def _stand_anew(contact_ids: Collection[int]) -> list[Pair]:
    """Follow the chains through these contacts; returns (loser, survivor) of before and after of those that changed."""
    if not contact_ids:
        return []
    params = {"workspace": current_workspace_id(), "contacts": array_of(contact_ids)}
    rows = run_sql("contacts/stand_anew", params)
    return [pair for loser, before, after in rows for pair in ((loser, before), (loser, after))]
