"""Words from an address or a number that several people use: who wrote is asked for each conversation, never guessed.

The stranger behind the address stays one, so that the next word is nobody's again. What a colleague tells is told of one
conversation: it goes to an author of its own, who is that contact.
"""

from collections.abc import Collection, Mapping

from django.db import transaction

from contacts.addresses import BadAddressError, normalise_email
from contacts.editing import create_contact
from contacts.merging import everyone_in
from contacts.models import Contact, Identity
from contacts.sharing import share_all, usages_of
from conversations.authors.telling_authors import MAIL, PHONES, tell_about
from conversations.merges.threads import all_merged_into
from conversations.models import Conversation, Mention, PublicAuthor
from touchpoints.correcting import Change, Field, correct
from touchpoints.models import Touchpoint
from workspaces.auditing import audit
from workspaces.models import User

EMAIL, PHONE = int(Identity.Kind.EMAIL), int(Identity.Kind.PHONE)
APART = 1 << 40  # beyond every contact: an author parted a second time
LONGEST_THREAD = 280
type Key = tuple[int, str]


class NoUserError(Exception):
    """Somebody who does not use the address."""


def users_behind(author: PublicAuthor) -> list[Contact]:
    """Who uses the shared address that this stranger wrote from, the first who did first; nobody where none is shared."""
    key = _key(author)
    if author.contact_id or key is None:
        return []
    used = usages_of([key]).get(key, [])
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
    _take_from_others(own, by)
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
    if (key := _key(author)) is not None:
        kind, value = key
        evidence = f"linked by hand from {author.network}"
        why = Identity.objects.filter(kind=kind, value=value, shared_key__gt=0).values_list("shared_why", "shared_by")
        shared_why, shared_by = why.first() or (Identity.Shared.BY_HAND, evidence)
        share_all([(made.pk, kind, value)], why=shared_why, evidence=evidence, by=shared_by)
    return tell_who(held, made, by=by)


def part_shared(found: Collection[PublicAuthor]) -> set[tuple[str, str]]:
    """Of these authors, who are contacts, those whose address is shared by now keep what they wrote under a name of their
    own; whoever writes next is a stranger. Returns (network, handle) of them. One query, and more only where there are any.
    """
    keys = {author.pk: key for author in found if author.contact_id and (key := _key(author)) is not None}
    rows = Identity.objects.filter(kind__in=(EMAIL, PHONE), value__in={value for _kind, value in keys.values()})
    shared = set(rows.filter(shared_key__gt=0).values_list("kind", "value")) if keys else set()
    parted = [author for author in found if keys.get(author.pk) in shared]
    for author in parted:
        taken_by = -int(author.contact_id or 0)
        taken = PublicAuthor.objects.filter(network=author.network, handle=author.handle, claimed_by=taken_by)
        author.claimed_by = -(APART + author.pk) if taken.exists() else taken_by
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


def _take_from_others(own: PublicAuthor, by: User | None) -> None:
    """What the ledger was told of another who uses the number, by the number alone, is told anew of who it was."""
    told = dict(Mention.objects.filter(author=own).exclude(touchpoint_id=None).values_list("touchpoint_id", "pk"))
    others = Touchpoint.objects.filter(pk__in=list(told)).exclude(contact__in=everyone_in(int(own.contact_id or 0)))
    wrong = list(others.values_list("pk", flat=True))
    correct([Change(one, Field.DELETED, 1) for one in wrong], by_id=by.pk if by else None)
    Mention.objects.filter(pk__in=[told[one] for one in wrong]).update(touchpoint_id=None)


def _key(author: PublicAuthor) -> Key | None:
    """The address or number by which they write, as an identity spells it; None where their network knows neither."""
    return key_of(author.network, author.handle)


def key_of(network: str, handle: str) -> Key | None:
    """The address or number of a handle, as an identity spells it; None where the network knows neither."""
    if network in PHONES:
        return PHONE, handle
    if network not in MAIL:
        return None
    try:
        return EMAIL, normalise_email(handle)
    except BadAddressError:
        return None


def perhaps_names(writers: Collection[tuple[str, str]]) -> dict[tuple[str, str], list[str]]:
    """(network, handle) of strangers → names of who uses that number or address, the first who did first. One statement.

    For the list alone: that somebody uses it vouches for nothing.
    """
    keys = {one: key for one in writers if (key := key_of(*one)) is not None}
    used = usages_of(set(keys.values()))
    found = {one: [usage.name for usage in used.get(key, []) if usage.name] for one, key in keys.items()}
    return {one: names for one, names in found.items() if names}
