"""Trying things out: a message to oneself, a sender that says hello. Nothing is counted."""

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from contacts.models import Contact
from delivery.content.compiling import Written
from delivery.content.people import fields_of, without_names
from delivery.content.sandbox import try_out
from delivery.messengers.protocol import (
    AskedToWaitError,
    ConnectionLostError,
    Messenger,
    Outcome,
    OutcomeKind,
    Recipient,
    ServerDownError,
)
from delivery.models import Message, Sender
from delivery.senders import messenger_of, note_health
from lib.sealing import SealBrokenError
from workspaces.models import User, Workspace


class NotTakenError(ValueError):
    """The other side did not take it; the text is its answer or what went wrong."""


def fields_for(person: Contact | None, workspace: Workspace) -> Mapping[str, Any]:
    """What a message may know of this person; of nobody: the brand alone."""
    if person is None:
        return {"contact": {}, "brand": workspace.name}
    return fields_of([person.pk], brand=workspace.name)[person.pk]


def write_sample(
    message: Message, workspace: Workspace, person: Contact | None, *, shows_names: bool = True
) -> Written:
    """The message as this person would get it; without their own names for those who may see none.

    BadTemplateError, MissingFieldError.
    """
    fields = fields_for(person, workspace)
    written = try_out(message, workspace, fields if shows_names else without_names(fields))
    if written is None:
        raise RuntimeError("fields were given, so something was written")
    return written


def send_test(message: Message, workspace: Workspace, *, to: User, person: Contact | None) -> str:
    """Send the message, as `person` would get it, to a member; returns the answer.

    NotTakenError, BadTemplateError, MissingFieldError, BadHeaderError.
    """
    if message.sender is None:
        raise NotTakenError(_("There is no sender yet."))
    fields = fields_for(person, workspace)
    try_out(message, workspace, fields)
    recipient = Recipient(0, 0, to.email, 1, fields)
    return _try(message.sender, lambda by: by.send_sample(by.prepare(workspace, message), recipient))


def try_sender(sender: Sender, workspace: Workspace, *, to: User) -> str:
    """Send a line to a member by this sender; returns the answer, remembers whether it worked. NotTakenError."""
    text = _("It works: %(name)s can send for %(brand)s.") % {"name": sender.name, "brand": workspace.name}
    return _try(sender, lambda by: by.send_words(workspace, _("Test of your sender"), text, to=to.email))


def _try(sender: Sender, send: Callable[[Messenger], Outcome]) -> str:
    messenger = messenger_of(sender)
    try:
        outcome = send(messenger)
    except SealBrokenError as error:
        raise NotTakenError(_("The password cannot be opened any more. Enter it again.")) from error
    except (ServerDownError, AskedToWaitError, ConnectionLostError) as error:
        note_health(sender, str(error))
        raise NotTakenError(str(error)) from error
    finally:
        messenger.close()
    taken = outcome.kind == OutcomeKind.ACCEPTED
    note_health(sender, "" if taken else outcome.answer)
    if not taken:
        raise NotTakenError(outcome.answer)
    return outcome.answer
