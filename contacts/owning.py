"""Who looks after whom: a member of the workspace may own contacts, and hands them on when they leave."""

from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from contacts.history.saying import saying
from contacts.long_changes.beginning import AT_ONCE, HAND_ON, begin, hand_over
from contacts.models import Contact
from contacts.news import contacts_changed
from workspaces.auditing import audit
from workspaces.current import current_workspace_id
from workspaces.models import Membership, User
from workspaces.permissions import team

A_PIECE, MOST_MEMBERS = 5_000, 500


class NoMemberError(ValueError):
    """Somebody who is no member of this workspace cannot own a contact."""

    def __init__(self) -> None:
        super().__init__(_("Nobody in this workspace has this address: the owner must be a member."))


def members() -> list[tuple[int, str]]:
    """(user id, name) of everybody who can own contacts, by name."""
    return sorted(((row.user_id, str(row.user)) for row in team()[:MOST_MEMBERS]), key=lambda one: one[1].casefold())


def members_by_email() -> dict[str, int]:
    """Address, folded → user id of each member. One statement."""
    rows = Membership.objects.filter(workspace_id=current_workspace_id()).values_list("user__email", "user_id")
    return {email.casefold(): user for email, user in rows}


def member_of_email(email: str) -> int:
    """The member with this address. NoMemberError."""
    found = members_by_email().get(email.strip().casefold())
    if found is None:
        raise NoMemberError
    return found


def is_member(user_id: int) -> bool:
    """Whether this user may own contacts here."""
    return Membership.objects.filter(workspace_id=current_workspace_id(), user_id=user_id).exists()


def names_of(user_ids: Sequence[int]) -> dict[int, str]:
    """User id → name; one who left is named too."""
    return {one.pk: str(one) for one in User.objects.filter(pk__in=set(user_ids))}


@transaction.atomic
def set_owner(contact: Contact, owner_id: int | None, *, by: User | None) -> None:
    """This member looks after the contact from now on; None: nobody. May be repeated. NoMemberError."""
    if owner_id is not None and not is_member(owner_id):
        raise NoMemberError
    if contact.owner_id != owner_id:
        contact.owner_id = owner_id
        with saying("by hand", by_id=by.pk if by else None):
            contact.save(update_fields=["owner_id"])
        audit("contact.owned", by=by, target=contact, owner=owner_id)
        contacts_changed.tell(contact_ids=[contact.pk])


def owned_count(user_id: int) -> int:
    """How many people are in a member's hands."""
    return Contact.objects.filter(owner_id=user_id, erased_at=None).count()


def owned_in_words(count: int) -> str:
    """What a member looks after, in words."""
    return ngettext("%(n)s person", "%(n)s people", count) % {"n": count}


@transaction.atomic
def hand_on_people(user_id: int, to_id: int | None, by: User | None) -> int:
    """Everybody whom this member owns is a colleague's from now on, or nobody's; how many. NoMemberError.

    More than 10,000 go by the agenda, and so does who is on the way into this member's hands.
    """
    if to_id is not None and not is_member(to_id):
        raise NoMemberError
    hand_over(user_id, to_id)
    count = Contact.objects.filter(owner_id=user_id).count()
    if count > AT_ONCE:
        begin(HAND_ON, {"from": user_id, "to": to_id}, count, by=by)
    elif count:
        hand_on_some(user_id, to_id, after_id=0, most=count, by_id=by.pk if by else None)
    if count:
        audit("contacts.handed_on", by=by, count=count, owner=to_id)
    return count


def hand_on_some(user_id: int, to_id: int | None, *, after_id: int, most: int, by_id: int | None) -> list[int]:
    """The next people of this member by their numbers go to a colleague, or to nobody where that one left, too."""
    owned = Contact.objects.filter(owner_id=user_id)
    people = list(owned.filter(pk__gt=after_id).order_by("pk").values_list("pk", flat=True)[:most])
    if to_id is not None and not is_member(to_id):
        to_id = None
    with saying("changed for many", by_id=by_id):
        owned.filter(pk__in=people).update(owner_id=to_id)
    for first in range(0, len(people), A_PIECE):
        contacts_changed.tell(contact_ids=people[first : first + A_PIECE])
    return people
