"""A member says who wrote: this account is that person. They see what speaks for it and what will move, say why, and
can take it back.
"""

from dataclasses import dataclass

from django.db import transaction

from contacts.merging import survivor_of
from contacts.models import Contact
from conversations.authors.authoring import link_author
from conversations.authors.parting import part_author
from conversations.authors.shared_senders import users_behind
from conversations.events import tell_linked
from conversations.models import Conversation, Mention, PublicAuthor, Reply
from workspaces.models import User

LONGEST_WHY = 120
UNDONE = "the link was taken back"


class CannotLinkError(ValueError):
    """`code` says why: "shared" (several people use the address) or "gone" (the contact is erased). Nothing changed."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Moving:
    """What goes to the timeline of whoever an account is taken for: messages, our answers, in so many conversations."""

    messages: int
    answers: int
    conversations: int
    has_complaint: bool


def is_shared(author: PublicAuthor) -> bool:
    """Several people write by this address: who wrote is told for each conversation (shared_senders.py)."""
    return author.claimed_by < 0 or bool(users_behind(author))


def what_moves(author: PublicAuthor) -> Moving:
    """What linking this author takes along. Three counts."""
    said = Mention.objects.filter(author=author, deleted_at=None, twin_of=None)
    answers = Reply.objects.filter(mention__author=author, state=Reply.State.SENT)
    talks = Conversation.objects.filter(author=author).exclude(state=Conversation.State.MERGED)
    return Moving(said.count(), answers.count(), talks.count(), author.complained_at is not None)


@transaction.atomic
def link_by_hand(author: PublicAuthor, contact: Contact, *, why: str, by: User | None) -> Contact:
    """This author is that contact from now on, or whoever stands for it, with all they wrote; returns who it is.

    Whoever they were taken for until now is left, and nothing links those two again by itself. `why`, up to 120
    characters, stands in the history of both. May be repeated. CannotLinkError; StillNamedError where the contact that
    is left has the address by another way; ValueError without a reason. Locks the author.
    """
    if not why.strip():
        raise ValueError(why)
    author = PublicAuthor.objects.select_for_update(no_key=True).get(pk=author.pk)
    contact = Contact.objects.get(pk=survivor_of(contact.pk))
    if contact.erased_at is not None:
        raise CannotLinkError("gone")
    former = author.contact
    if former is not None and survivor_of(former.pk) == contact.pk:
        return contact
    if is_shared(author):
        raise CannotLinkError("shared")
    if former is not None:
        part_author(author, by=by, why=why)
        author.refresh_from_db()
    link_author(author, contact, by=by, why=why)
    if former is not None:
        PublicAuthor.objects.filter(pk=author.pk).update(parted_from_id=former.pk)
    tell_linked(author, contact.pk)
    return contact


@transaction.atomic
def undo_link(author: PublicAuthor, *, by: User | None) -> Contact | None:
    """The link is taken back: the author is whom they were taken for before somebody linked them, else a stranger again.

    Returns who it is now. May be repeated. StillNamedError: nothing changed. Locks the author.
    """
    author = PublicAuthor.objects.select_for_update(no_key=True).get(pk=author.pk)
    former = former_of(author)
    if part_author(author, by=by, why=UNDONE) is None or former is None:
        return None
    author.refresh_from_db()
    link_author(author, former, by=by, why=UNDONE)
    return former


def former_of(author: PublicAuthor) -> Contact | None:
    """Whom a linked author was taken for before somebody linked them by hand to whom they are now; None: nobody."""
    if author.contact_id is None or author.parted_from_id is None:
        return None
    before = survivor_of(author.parted_from_id)
    if before == survivor_of(author.contact_id):
        return None
    return Contact.objects.filter(pk=before, erased_at=None).first()
