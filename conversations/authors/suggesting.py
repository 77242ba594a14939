"""Who a stranger may be: a suggestion with its evidence, for a person to take. Nothing here links anybody."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from contacts.folding import fold
from contacts.models import Contact, Identity
from contacts.searching import find_people
from conversations.authors.authoring import owner_of
from conversations.models import PublicAuthor

LOOKED_AT = 20
HANDLE = _("the handle is the same, but nobody proved it")
PARTED = _("it was them until somebody said that it is not")
NAME = _("the whole name is the same, and nobody else here has it")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Perhaps this contact, and why."""

    contact: Contact
    why: str | Promise


def suggest_contact(author: PublicAuthor) -> Suggestion | None:
    """The contact from whom they were parted, to take that back; else whose handle or address this author claims to have,
    else the only one of their whole name.

    None for who is linked. A handful of queries.
    """
    if author.contact_id:
        return None
    if author.parted_from_id is not None:
        before = Contact.objects.filter(pk=author.parted_from_id, erased_at=None).first()
        return Suggestion(before, PARTED) if before else None
    if claimed := claimed_contact(author):
        return Suggestion(claimed, HANDLE)
    namesake = _namesake(author)
    return Suggestion(namesake, NAME) if namesake else None


def claimed_contact(author: PublicAuthor) -> Contact | None:
    """The contact whose handle or address a stranger claims to have. At most three queries."""
    if author.contact_id or not author.claimed_by:
        return None
    owner = owner_of(author, kinds=(Identity.Kind.EMAIL, Identity.Kind.HANDLE))
    return Contact.objects.filter(pk=owner, erased_at=None).first() if owner else None


def _namesake(author: PublicAuthor) -> Contact | None:
    """The one contact of exactly this name; a name of one word is a name of many."""
    name = fold(author.name)
    if len(name.split()) < 2:
        return None
    found = find_people(author.name, limit=LOOKED_AT)
    if len(found) == LOOKED_AT:  # there may be more, of the same name
        return None
    rows = Contact.objects.filter(pk__in=found, erased_at=None)
    same = [row for row in rows if fold(row.name) == name]
    return same[0] if len(same) == 1 else None
