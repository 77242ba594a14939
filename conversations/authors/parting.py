"""This author is not that contact after all: what linking did is undone, and nothing links the two again by itself."""

from django.db import transaction

from contacts.history.accounts import keep_account
from contacts.identifying import remove_identity
from contacts.merging import everyone_in
from contacts.models import Contact, Identity
from conversations.authors.authoring import LINKED, proven_kind, spellings_of
from conversations.authors.complaining import take_along
from conversations.channels import network_name
from conversations.conversation_state import refresh
from conversations.events import tell_parted
from conversations.merges.merging import part_from_others
from conversations.models import Conversation, Mention, PublicAuthor, Reply
from touchpoints.correcting import Change, Field, correct
from touchpoints.rewriting import rewrite_texts
from workspaces.auditing import audit
from workspaces.models import User

NOT_THEM = "This is not them"


class StillNamedError(ValueError):
    """The contact has this handle or address by another way than linking: it goes there first. The text is what it is."""


@transaction.atomic
def part_author(author: PublicAuthor, *, by: User | None, why: str = NOT_THEM) -> Contact | None:
    """The author is a stranger again; what they wrote and were answered leaves the contact's timeline and scores.

    The contact's history says so, and `why`.

    Returns whose account it was thought to be, None where it was nobody's. StillNamedError: nothing changed. May be
    repeated. Locks the author.
    """
    author = PublicAuthor.objects.select_for_update(no_key=True).get(pk=author.pk)
    contact = author.contact
    if contact is None:
        return None
    _forget_identity(author, contact, by)
    part_from_others(author, by=by)
    _take_back(author, by)
    author.contact, author.parted_from_id, author.parted_count = None, contact.pk, author.parted_count + 1
    author.save(update_fields=["contact", "parted_from_id", "parted_count"])
    take_along(author, contact, by=by)
    refresh(Conversation.objects.filter(author=author).values_list("pk", flat=True))
    by_id, network = by.pk if by else None, network_name(author.network)
    keep_account(contact.pk, author.pk, network, why=why, by_id=by_id, is_theirs=False)
    audit("author.parted", by=by, target=author, contact=contact.pk)
    tell_parted(author, contact.pk)
    return contact


def _forget_identity(author: PublicAuthor, contact: Contact, by: User | None) -> None:
    """By which the network would know them again. Who only was told to have written one conversation keeps the address."""
    if author.claimed_by < 0:
        return
    kind, spelt = proven_kind(author.network), spellings_of(author)
    named = Identity.objects.filter(kind=kind, value__in=spelt, contact__in=everyone_in(contact.pk))
    named = named.filter(shared_key=0)  # a shared one names nobody
    for row in named:
        if not row.evidence.startswith(LINKED):
            raise StillNamedError(row.value)
        remove_identity(contact, row.pk, by=by)


def _take_back(author: PublicAuthor, by: User | None) -> None:
    mentions = Mention.objects.filter(author=author).exclude(touchpoint_id=None)
    replies = Reply.objects.filter(mention__author=author).exclude(touchpoint_id=None)
    facts = [*mentions.values_list("touchpoint_id", flat=True), *replies.values_list("touchpoint_id", flat=True)]
    told = [one for one in facts if one is not None]
    correct([Change(one, Field.DELETED, 1) for one in told], by_id=by.pk if by else None)
    rewrite_texts(dict.fromkeys(told))
    mentions.update(touchpoint_id=None)
    replies.update(touchpoint_id=None)
