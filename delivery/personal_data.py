"""What this room holds about a person: what was sent to them, and the one day that is kept of who allows no more."""

from base64 import b64encode
from collections.abc import Iterator, Sequence
from typing import Any

from django.db import transaction

from delivery.messengers.folder import forget_emails
from delivery.models import (
    Content,
    Delivery,
    EmailAttachment,
    LastOpen,
    Message,
    PersonalEmail,
    SendAttachment,
    TrackedLink,
    TransactionalSend,
)
from lib.personal import plain_rows
from workspaces.current import current_workspace_id

OURS = {"epoch", "attempts", "resends", "occasion", "not_before"}


def gather_deliveries(ids: Sequence[int]) -> Iterator[dict[str, Any]]:
    """Each message, to which address, what became of it."""
    rows = Delivery.objects.filter(contact__in=ids).select_related("message")
    names = dict(rows.values_list("message_id", "message__name"))
    for entry in plain_rows(rows, leave_out=OURS):
        yield {**entry, "message": names[entry["message"]]}
    yield from plain_rows(LastOpen.objects.filter(contact__in=ids))


def erase_deliveries(ids: Sequence[int]) -> int:
    """Addresses and what servers answered; that something was sent stays in the sums. What waits is not sent."""
    rows, waiting = Delivery.objects.filter(contact__in=ids), [Delivery.State.QUEUED, Delivery.State.DEFERRED]
    rows.filter(state__in=waiting).update(state=Delivery.State.EXCLUDED, reason="erased")
    LastOpen.objects.filter(contact__in=ids).delete()
    workspace_id = current_workspace_id()
    transaction.on_commit(lambda: forget_emails(workspace_id, ids))
    return rows.update(address="", answer="")


def gather_emails(ids: Sequence[int]) -> Iterator[dict[str, Any]]:
    """What one of us wrote to them by hand."""
    rows = PersonalEmail.objects.filter(contact__in=ids)
    names = dict(rows.values_list("message_id", "message__name"))
    for entry in plain_rows(rows, leave_out={"key", "by_id", "is_in_inbox"}):
        yield {**entry, "message": names[entry["message"]]}
    for file in EmailAttachment.objects.filter(email__contact__in=ids).order_by("pk").iterator(1):
        yield {"file": file.name, "type": file.content_type, "base64": b64encode(bytes(file.data)).decode()}


def erase_emails(ids: Sequence[int]) -> int:
    """The words, subjects and files; that somebody wrote stays."""
    rows = PersonalEmail.objects.filter(contact__in=ids)
    EmailAttachment.objects.filter(email__contact__in=ids).delete()
    theirs = list(rows.values_list("message_id", "message__content_id"))
    Message.objects.filter(pk__in=[message for message, _content in theirs]).update(name="")
    Content.objects.filter(pk__in=[content for _message, content in theirs]).update(subject="", body="")
    return rows.update(text="", in_reply_to="")


def gather_sends(ids: Sequence[int]) -> Iterator[dict[str, Any]]:
    """What machines had sent to them, with what they told for it."""
    rows = TransactionalSend.objects.filter(contact__in=ids)
    names = dict(rows.values_list("message_id", "message__name"))
    for entry in plain_rows(rows, leave_out={"version"}):
        yield {**entry, "message": names[entry["message"]]}
    for file in SendAttachment.objects.filter(send__contact__in=ids).order_by("pk").iterator(1):
        yield {"file": file.name, "type": file.content_type, "base64": b64encode(bytes(file.data)).decode()}


def erase_sends(ids: Sequence[int]) -> int:
    """What was told for them and the files; words that were written for them alone. That it was sent stays."""
    rows = TransactionalSend.objects.filter(contact__in=ids)
    SendAttachment.objects.filter(send__contact__in=ids).delete()
    own = list(rows.filter(version=None).values_list("message_id", "message__content_id"))
    messages = [message for message, _content in own]
    Message.objects.filter(pk__in=messages).update(name="")
    TrackedLink.objects.filter(message__in=messages).delete()
    Content.objects.filter(pk__in=[content for _message, content in own]).update(subject="", preheader="", body="")
    return rows.update(data={})
