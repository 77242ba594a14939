"""Where a forward may go, and where what comes back to it is heard."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from consent.consenting import addresses_of_all
from consent.suppressing import is_suppressed
from contacts.addresses import BadAddressError, normalise_email
from contacts.channels import Channel
from conversations.models import Connection, Mention, PublicAuthor
from delivery.models import Sender
from delivery.personal.direct_emails import find_direct_sender
from workspaces.permissions import team, who_may

MAILBOX = "mail"


class CannotForwardError(Exception):
    """It cannot be forwarded there; the text says why and what can be done."""


def check_address(address: str, mention: Mention) -> str:
    """The address as it is written to. CannotForwardError where nothing can or may go there."""
    if find_direct_sender() is None:
        raise CannotForwardError(_("There is no sender of emails yet. Set one up first; nothing was sent."))
    try:
        to = normalise_email(address)
    except BadAddressError as error:
        raise CannotForwardError(_("%(why)s Nothing was sent.") % {"why": error}) from error
    if mailbox_of(to) in {mailbox_of(one) for one in own_addresses()}:
        raise CannotForwardError(_("This is a mailbox of ours: it would come back here. Write a note for your team."))
    if is_of(to, [mention.author, mention.conversation.author]):
        raise CannotForwardError(_("They wrote it themselves. Answer them instead."))
    if is_suppressed(to):
        raise CannotForwardError(_("This address stands on “Do not contact”. Choose another one; nothing was sent."))
    return to


def is_of(address: str, authors: Iterable[PublicAuthor]) -> bool:
    """Whether one of these authors has this address: they write from it, or their contact is known by it."""
    rows = list(authors)
    contacts = sorted({one.contact_id for one in rows if one.contact_id})
    known = addresses_of_all(contacts, Channel.EMAIL) if contacts else []
    return mailbox_of(address) in {mailbox_of(one) for one in [*known, *(one.handle for one in rows)]}


def is_colleague(address: str) -> bool:
    """Whether this is exactly the address of a member who may read the inbox anyway."""
    try:
        plain = normalise_email(address)
    except BadAddressError:
        return False
    able = who_may("social.see")
    return plain in {one.user.email.strip().lower() for one in team() if one.user_id in able}


def own_addresses() -> set[str]:
    """Where what we send comes back to us: our mailboxes, and what our senders write from."""
    given = [*Sender.objects.values_list("settings", flat=True)]
    given += Connection.objects.filter(network=MAILBOX).values_list("settings", flat=True)
    names = ("from_email", "reply_to", "address")
    return {str(one[name]) for one in given if isinstance(one, dict) for name in names if one.get(name)}


def answers_go_to(mention: Mention) -> str:
    """The mailbox that we read, to which what is forwarded asks its answers; "" where we read none.

    The one the message came by, else the sender's own, else the first.
    """
    read = Connection.objects.filter(network=MAILBOX, is_active=True).order_by("pk")
    boxes = {one.pk: str(one.settings.get("address") or "") for one in read}
    if boxes.get(mention.connection_id):
        return boxes[mention.connection_id]
    sender = find_direct_sender()
    own = sender.settings if sender and isinstance(sender.settings, dict) else {}
    asked = mailbox_of(str(own.get("reply_to") or own.get("from_email") or ""))
    by_place = sorted((one for one in boxes.values() if one), key=lambda one: mailbox_of(one) != asked)
    return next(iter(by_place), "")


def mailbox_of(address: str) -> str:
    """The mailbox of an address in one spelling, without what stands behind a plus; what is none stays as it is."""
    try:
        plain = normalise_email(address)
    except BadAddressError:
        return address.strip().lower()
    name, _at, domain = plain.rpartition("@")
    return f"{name.partition('+')[0] or name}@{domain}"
