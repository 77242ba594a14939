"""A conversation that begins at our own doors: somebody known says something, or is to be called back."""

from django.db import transaction

from contacts.models import Contact
from conversations.channels import Heard
from conversations.mentions.listening import hear
from conversations.models import Connection, Mention, PublicAuthor
from lib.clock import now


@transaction.atomic
def open_conversation(
    connection: Connection, contact: Contact, text: str, *, key: str, network: str, thread: str = "", title: str = ""
) -> Mention | None:
    """What this contact said to us stands in the inbox, and on their timeline. None where it stands there already.

    May be repeated with the same `key`. Without a `thread` it goes to the conversation this network has with them.
    """
    author = _author_of(contact, network)
    item = Heard(
        remote_id=f"{network}-{key}",
        text=text,
        handle=author.handle,
        name=str(contact),
        network=network,
        thread=thread,
        title=title,
        is_public=False,
        published_at=now(),
    )
    listened = hear(connection, [item])
    return listened.new[0] if listened.new else None


def _author_of(contact: Contact, network: str) -> PublicAuthor:
    """The contact as a writer in a network of ours, where nobody else can be them: its handle is their number."""
    author, is_new = PublicAuthor.objects.get_or_create(
        network=network, handle=f"contact-{contact.pk}", claimed_by=0, defaults={"contact": contact}
    )
    if not is_new and author.contact_id != contact.pk:
        author.contact = contact
        author.save(update_fields=["contact"])
    return author
