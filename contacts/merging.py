"""Two contacts that are one person: joined by a link that can be taken away again.

Rows keep the contact they were written for; readers follow the link. Chains are kept flat.
"""

from django.db import transaction

from contacts.models import Merged
from contacts.news import contacts_linked


class SamePersonError(ValueError):
    """A contact cannot be linked to itself."""


def survivor_of(contact_id: int) -> int:
    """The contact that stands for this one today."""
    link = Merged.objects.filter(loser_id=contact_id).values_list("survivor_id", flat=True).first()
    return link or contact_id


def everyone_in(contact_id: int) -> list[int]:
    """This contact and all that are linked to it: whose rows to read for one person."""
    return [contact_id, *Merged.objects.filter(survivor_id=contact_id).values_list("loser_id", flat=True)]


@transaction.atomic
def link_contacts(loser_id: int, survivor_id: int, *, reason: str = "") -> None:
    """`loser` is the same person as `survivor` from now on. Repeating it changes nothing."""
    survivor_id = survivor_of(survivor_id)
    if loser_id == survivor_id:
        raise SamePersonError(loser_id)
    if survivor_of(loser_id) == survivor_id:
        return
    Merged.objects.filter(survivor_id=loser_id).update(survivor_id=survivor_id)
    Merged.objects.update_or_create(loser_id=loser_id, defaults={"survivor_id": survivor_id, "reason": reason})
    contacts_linked.send(sender=Merged, loser_id=loser_id, survivor_id=survivor_id)


@transaction.atomic
def unlink_contact(loser_id: int) -> None:
    """Undo: both stand for themselves again."""
    link = Merged.objects.filter(loser_id=loser_id).first()
    if link is None:
        return
    link.delete()
    contacts_linked.send(sender=Merged, loser_id=loser_id, survivor_id=link.survivor_id)
