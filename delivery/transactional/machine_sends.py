"""A machine has one email sent to one person because of something that happened: through the gate, lease and journal as all.

With a template it is one more recipient of a standing message, compiled once for all of them. With words of its own, or
with files, it is a message of its own that shares what the template says.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from consent.gate import verdict
from contacts.drafting import File
from contacts.models import Contact
from delivery.codes import example_codes
from delivery.content.sandbox import try_out
from delivery.engine.claiming import ask_of
from delivery.engine.controlling import approve
from delivery.engine.freeing import free_urgent
from delivery.engine.lanes import call_sender
from delivery.models import (
    Content,
    Delivery,
    Message,
    RecipientChunk,
    SendAttachment,
    Sender,
    TemplateVersion,
    TransactionalSend,
)
from delivery.personal.personal_emails import NoFilesError, NoSenderError, RefusedError
from delivery.senders import find_sender, takes_files
from delivery.test_sends import fields_for
from delivery.transactional.messages import send_to_one
from lib.clock import now
from workspaces.auditing import audit
from workspaces.current import current_workspace
from workspaces.models import Workspace

LARGEST_DATA, DEEPEST_DATA = 64_000, 8
State = Delivery.State


class TooMuchDataError(ValueError):
    """More values than an email can hold."""


@dataclass(frozen=True, slots=True)
class Words:
    """What an email without a template says."""

    subject: str
    body: str
    body_format: str


@transaction.atomic
def send_by_machine(
    contact: Contact,
    said: TemplateVersion | Words,
    *,
    data: Mapping[str, Any],
    sender: Sender | None = None,
    files: Sequence[File] = (),
) -> TransactionalSend:
    """Put it on its way. Whoever may ask twice asks under an Idempotency-Key (workspaces/api/replaying.py).

    RefusedError where the gate says no, MissingFieldError and BadTemplateError where it cannot be written for this
    person, NoSenderError, NoFilesError, TooMuchDataError, WrongStateError; then nothing is kept. What a trouble had stopped of
    this sender goes on with it.
    """
    check_data(data)
    version = said if isinstance(said, TemplateVersion) else None
    message = _standing(version, sender, files) or _own_message(said, sender)
    if message.sender is None:
        raise NoSenderError
    if files and not takes_files(message.sender):
        raise NoFilesError
    judged = verdict(ask_of(message), contact)
    if not judged.allowed or not judged.address:
        raise RefusedError(judged)
    workspace = Workspace.objects.get(pk=current_workspace().pk)
    known = {**fields_for(contact, workspace, message.content.blocks), **example_codes(message.content)}
    try_out(message, current_workspace(), known | {"data": data})
    free_urgent(message.sender)
    send = TransactionalSend.objects.create(message=message, contact=contact, version=version, data=data)
    _attach(send, files)
    if message.is_standing:
        send_to_one(message, contact, occasion=send.pk)
    else:
        _send_alone(message, send)
    audit("message.asked_for", by=None, target=contact, send=send.pk)
    return send


def check_data(data: Mapping[str, Any]) -> None:
    """TooMuchDataError for what no email needs."""
    if len(json.dumps(data)) > LARGEST_DATA or _depth(data) > DEEPEST_DATA:
        raise TooMuchDataError


def delivery_of(send: TransactionalSend) -> Delivery | None:
    """What became of it; None while no worker has looked at it."""
    return Delivery.objects.filter(message=send.message_id, contact=send.contact_id, occasion=send.pk).first()


def _standing(version: TemplateVersion | None, sender: Sender | None, files: Sequence[File]) -> Message | None:
    """The template's own message, where nothing asks for another."""
    if version is None or files or (sender is not None and sender.pk != version.message.sender_id):
        return None
    return version.message


def _own_message(said: TemplateVersion | Words, sender: Sender | None) -> Message:
    """A message of one recipient, approved, not yet on its way."""
    if isinstance(said, Words):
        content = Content.objects.create(subject=said.subject, body=said.body, body_format=said.body_format)
        name, carries = said.subject[:120], sender or find_sender()
    else:
        content, name, carries = said.message.content, said.message.name, sender or said.message.sender
    message = Message.objects.create(
        name=name, content=content, sender=carries, purpose=Message.Purpose.TRANSACTIONAL, planned_count=1
    )
    return approve(message, by=None)


def _send_alone(message: Message, send: TransactionalSend) -> None:
    message.state, message.planned_at = Message.State.SENDING, now()
    message.save(update_fields=["state", "planned_at"])
    RecipientChunk.objects.create(message=message, number=1, occasion=send.pk, contact_ids=[send.contact_id])
    call_sender(message)


def _attach(send: TransactionalSend, files: Sequence[File]) -> None:
    SendAttachment.objects.bulk_create(
        SendAttachment(send=send, name=one.name, content_type=one.content_type, size=len(one.data), data=one.data)
        for one in files
    )


def _depth(tree: Any) -> int:
    if isinstance(tree, Mapping):
        return 1 + max(map(_depth, tree.values()), default=0)
    if isinstance(tree, list):
        return 1 + max(map(_depth, tree), default=0)
    return 0
