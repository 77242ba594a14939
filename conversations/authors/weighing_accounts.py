"""What speaks for it that an account is a person's, and what against it: for whoever decides. Nothing here decides."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from contacts.folding import fold
from contacts.merging import everyone_in, survivors_of
from contacts.models import Contact, Identity
from contacts.searching import find_people
from conversations.authors.authoring import owner_of
from conversations.authors.suggesting import HANDLE, PARTED
from conversations.models import Mention, PublicAuthor

MOST = 10
READ = 20
SHORTEST = 6  # letters of an address or number that are no chance
KINDS = (Identity.Kind.EMAIL, Identity.Kind.HANDLE, Identity.Kind.PHONE)
SAME_NAME = _("the whole name is the same")
NAME_IN_PART = _("a part of the name is the same")
OTHER_NAME = _("the names have nothing in common")
IN_THEIR_WORDS = _("what they wrote holds an address or number of theirs")
SOMEBODY_ELSES = _("the handle or address is among those of somebody else")
ANOTHER_ACCOUNT = _("they have another account on this network")


@dataclass(frozen=True, slots=True)
class Sign:
    """One thing that speaks for it, or against it."""

    is_for: bool
    text: str | Promise


def find_linkable(author: PublicAuthor, text: str) -> list[Contact]:
    """Up to ten people whom these words find by name, email, number or handle, and who are not the author already."""
    found = find_people(text, limit=3 * MOST)
    people = list(dict.fromkeys(survivors_of(found).values())) if found else []
    mine = set(survivors_of([author.contact_id]).values()) if author.contact_id else set()
    rows = Contact.objects.filter(erased_at=None).in_bulk([one for one in people if one not in mine])
    return [rows[one] for one in people if one in rows][:MOST]


def signs_between(author: PublicAuthor, contact: Contact) -> list[Sign]:
    """What speaks for it that this author is that contact, first, and what against it. A handful of queries."""
    everyone = everyone_in(contact.pk)
    signs = _of_names(author, contact)
    if (owner := owner_of(author, kinds=KINDS)) is not None:
        signs.append(Sign(True, HANDLE) if owner in everyone else Sign(False, SOMEBODY_ELSES))
    if _names_them(author, everyone):
        signs.append(Sign(True, IN_THEIR_WORDS))
    if author.parted_from_id in everyone:
        signs.append(Sign(False, PARTED))
    others = PublicAuthor.objects.filter(contact__in=everyone, network=author.network).exclude(pk=author.pk)
    if others.exclude(handle=author.handle).exists():
        signs.append(Sign(False, ANOTHER_ACCOUNT))
    return sorted(signs, key=lambda one: not one.is_for)


def _of_names(author: PublicAuthor, contact: Contact) -> list[Sign]:
    theirs, ours = fold(author.name).split(), fold(contact.name).split()
    if not theirs or not ours:
        return []
    if theirs == ours:
        return [Sign(True, SAME_NAME)]
    common = set(theirs) & set(ours)
    return [Sign(True, NAME_IN_PART) if common else Sign(False, OTHER_NAME)]


def _names_them(author: PublicAuthor, everyone: Sequence[int]) -> bool:
    """Whether one of the last things they wrote holds an address or a number of this person's."""
    values = Identity.objects.filter(contact__in=everyone, kind__in=KINDS).values_list("value", flat=True)[:READ]
    known = {one.lower().lstrip("+") for one in values if len(one) >= SHORTEST} - {author.handle.lstrip("+")}
    if not known:
        return False
    rows = Mention.objects.filter(author=author, deleted_at=None).order_by("-published_at")
    for text, quoted in rows.values_list("text", "quoted")[:READ]:
        said = f"{text} {quoted}".lower()
        digits = "".join(letter for letter in said if letter.isdigit())
        if any(one in said or (one.isdigit() and one in digits) for one in known):
            return True
    return False
