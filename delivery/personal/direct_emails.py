"""One email to an address that need be nobody's here, written by one of us: uncounted, and once for each key.

What goes to a contact goes through personal_emails.py. Who calls this has asked whether the address may be written to.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable
from uuid import UUID

from delivery.content.compiling import Written
from delivery.content.mime import Attached, CommonHeaders, Envelope
from delivery.messengers.protocol import Outcome
from delivery.models import Sender
from delivery.personal.personal_emails import as_html
from delivery.senders import find_sender, messenger_of
from lib.rooms import house
from workspaces.current import OpenWorkspace, current_workspace, working_in
from workspaces.models import Workspace

SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class DirectEmail:
    """To whom, in plain words. `name` is what stands before the @ of its Message-ID, the same on each try.

    Answers to it go to `reply_to`, where that is "" to where the sender's do. `files` go with it.
    """

    to: str
    subject: str
    text: str
    name: str
    reply_to: str = ""
    files: Sequence[Attached] = ()


@runtime_checkable
class SendsDirectly(Protocol):
    """A messenger of emails that takes one to any address."""

    def send_direct(self, workspace: OpenWorkspace, email: DirectEmail) -> Outcome:
        """Hand it over. The errors of `DeliveryRun.send`, BadHeaderError. Called outside any transaction."""
        ...

    def close(self) -> None:
        """Hang up."""
        ...


def name_of(kind: str, key: UUID) -> str:
    """What stands before the @ of the Message-ID of this key's email; `kind` says what wrote it. Nobody can guess it."""
    return f"{kind}.{key.hex}"


def key_in(kind: str, message_id: str) -> UUID | None:
    """The key of the email of ours that a Message-ID names, with or without its brackets; None for any other text."""
    found = re.fullmatch(rf"<?{re.escape(kind)}\.([0-9a-f]{{32}})@[^<>\s]+>?", message_id)
    return UUID(found[1]) if found else None


def find_direct_sender() -> Sender | None:
    """The workspace's sender of emails, where it takes one to any address."""
    sender = find_sender()
    found = house.messengers.get(sender.kind) if sender else None
    return sender if found is not None and hasattr(found, "send_direct") else None


def send_direct(workspace: Workspace, sender: Sender, email: DirectEmail) -> Outcome:
    """Hand the email over, within twenty seconds. Outside any transaction.

    ServerDownError, AskedToWaitError, ConnectionLostError: it was not taken. MessageInFlightError and an outcome UNKNOWN:
    nobody knows. UnknownMessengerError, SealBrokenError, BadHeaderError: it cannot leave at all.
    """
    with working_in(workspace):
        here = current_workspace()
        messenger = messenger_of(sender, SECONDS)
    if not isinstance(messenger, SendsDirectly):
        raise TypeError(sender.kind)
    try:
        return messenger.send_direct(here, email)
    finally:
        messenger.close()


def written(email: DirectEmail) -> Written:
    """Its words as text and HTML: what was typed, and nothing else."""
    return Written(email.subject, f"<!doctype html><title></title>{as_html(email.text)}", f"{email.text}\r\n")


def envelope_of(email: DirectEmail, *, from_email: str) -> Envelope:
    """The outside of it."""
    domain = from_email.rpartition("@")[2]
    return Envelope(from_email, email.to, f"<{email.name}@{domain}>", "")


def headers_of(email: DirectEmail, *, from_name: str, from_email: str, reply_to: str) -> CommonHeaders:
    """Its common header lines: as one of us writes to somebody, it is no list's. BadHeaderError."""
    back = email.reply_to or reply_to
    return CommonHeaders.of(
        from_name=from_name, from_email=from_email, reply_to=back, list_id="", list_name="", feedback_id=""
    )
