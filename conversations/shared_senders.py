"""Emails from an address that several people use: who wrote is asked for each conversation, and never guessed.

The stranger behind the address stays one, so that the next email is nobody's again. What a colleague tells is told of one
conversation: it goes to an author of its own, who is that contact.
"""

from collections.abc import Collection, Mapping

from django.db import transaction

from contacts.addresses import BadAddressError, normalise_email
from contacts.editing import create_contact
from contacts.models import Contact, Identity
from contacts.sharing import share_all, usages_of
from conversations.merged_threads import all_merged_into
from conversations.models import Conversation, Mention, PublicAuthor
from conversations.telling_authors import MAIL, tell_about
from workspaces.auditing import audit
from workspaces.models import User

EMAIL = int(Identity.Kind.EMAIL)
APART = 1 << 40  # beyond every contact: an author parted a second time
LONGEST_THREAD = 280
EVIDENCE = "linked by hand from mail"


class NoUserError(Exception):
    """Somebody who does not use the address."""


def users_behind(author: PublicAuthor) -> list[Contact]:
    """Who uses the shared address that this stranger wrote from, the first who did first; nobody where none is shared."""
    address = _address(author)
    if author.contact_id or not address:
        return []
    used = usages_of([(EMAIL, address)]).get((EMAIL, address), [])
    if not any(one.is_shared for one in used):
        return []
    people = Contact.objects.filter(erased_at=None).in_bulk(dict.fromkeys(one.contact_id for one in used))
    return [people[pk] for pk in dict.fromkeys(one.contact_id for one in used) if pk in people]


@transaction.atomic
def tell_who(conversation: Conversation, contact: Contact, *, by: User | None) -> Contact:
    """This contact wrote the conversation: its words go to their timeline, later ones from the address to nobody's.

    Returns who it is: whom a colleague named first. May be repeated. NoUserError. Holds the conversation's row.
    """
    held = Conversation.objects.select_for_update().get(pk=conversation.pk)
    author = PublicAuthor.objects.select_related("contact").get(pk=held.author_id)
    if author.contact is not None:
        return author.contact
    if contact.pk not in {one.pk for one in users_behind(author)}:
        raise NoUserError
    own = _own_author(author, contact)
    for one in Conversation.objects.filter(pk__in=all_merged_into(held.pk), author=author).order_by("pk"):
        _move(one, author, own)
    tell_about([own], {own.pk: int(own.contact_id or 0)})
    audit("author.linked", by=by, target=author, contact=contact.pk, conversation=held.pk)
    return contact


@transaction.atomic
def tell_somebody_new(conversation: Conversation, *, by: User | None) -> Contact:
    """Somebody new wrote it, who uses the address like the others. May be repeated: who wrote it is somebody then."""
    held = Conversation.objects.select_for_update().get(pk=conversation.pk)
    author = PublicAuthor.objects.select_related("contact").get(pk=held.author_id)
    if author.contact is not None:
        return author.contact
    made = create_contact(by=by, name=author.name or author.handle)
    why = Identity.objects.filter(kind=EMAIL, value=_address(author), shared_key__gt=0).values_list(
        "shared_why", "shared_by"
    )
    shared_why, shared_by = why.first() or (Identity.Shared.BY_HAND, EVIDENCE)
    share_all([(made.pk, EMAIL, _address(author))], why=shared_why, evidence=EVIDENCE, by=shared_by)
    return tell_who(held, made, by=by)


def part_shared(found: Collection[PublicAuthor]) -> set[tuple[str, str]]:
    """Of these authors, who are contacts, those whose address is shared by now keep what they wrote under a name of their
    own; whoever writes next is a stranger. Returns (network, handle) of them. One query, and more only where there are any.
    """
    addresses = {author.pk: _address(author) for author in found if author.contact_id and author.network in MAIL}
    rows = Identity.objects.filter(kind=EMAIL, value__in=set(addresses.values()) - {""}, shared_key__gt=0)
    shared = set(rows.values_list("value", flat=True)) if addresses else set()
    parted = [author for author in found if addresses.get(author.pk) in shared]
    for author in parted:
        key = -int(author.contact_id or 0)
        taken = PublicAuthor.objects.filter(network=author.network, handle=author.handle, claimed_by=key)
        author.claimed_by = -(APART + author.pk) if taken.exists() else key
        author.save(update_fields=["claimed_by"])
    return {(author.network, author.handle) for author in parted}


def _own_author(author: PublicAuthor, contact: Contact) -> PublicAuthor:
    facts: Mapping[str, object] = {
        "contact": contact,
        "name": author.name,
        "url": author.url,
        "seen_at": author.seen_at,
    }
    key = {"network": author.network, "handle": author.handle, "claimed_by": -contact.pk}
    own, _made = PublicAuthor.objects.get_or_create(**key, defaults=facts)
    own.contact, own.parted_from_id = contact, None  # parted before: a colleague says now that it was them after all
    own.parted_count = max(own.parted_count, author.parted_count)  # what was taken back from another is told anew
    own.save(update_fields=["contact", "parted_from_id", "parted_count"])
    return own


def _move(conversation: Conversation, author: PublicAuthor, own: PublicAuthor) -> None:
    same = Conversation.objects.filter(connection=conversation.connection_id, thread=conversation.thread, author=own)
    if same.exclude(pk=conversation.pk).exists():  # an earlier email of the thread was told of the same person
        conversation.thread = f"{conversation.thread[:LONGEST_THREAD]}#{conversation.pk}"
    conversation.author = own
    conversation.save(update_fields=["author", "thread"])
    Mention.objects.filter(conversation=conversation, author=author).update(author=own)


def _address(author: PublicAuthor) -> str:
    if author.network not in MAIL:
        return ""
    try:
        return normalise_email(author.handle)
    except BadAddressError:
        return ""
