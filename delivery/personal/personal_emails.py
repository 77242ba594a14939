"""One of us writes to one person: by the workspace's sender, through the same gate, lease and journal as a campaign."""

from collections.abc import Sequence
from datetime import timedelta
from html import escape
from uuid import UUID

from django.db import transaction
from django.utils.html import urlize

from consent.asking import Ask
from consent.gate import Verdict, verdict
from contacts.channels import Channel
from contacts.drafting import File
from contacts.merging import everyone_in
from contacts.models import Contact
from delivery.engine.controlling import cancel
from delivery.engine.lanes import call_sender
from delivery.models import Content, Delivery, EmailAttachment, Message, PersonalEmail, RecipientChunk, Sender
from delivery.senders import find_sender, reaches_only_ascii, takes_files
from lib.clock import now
from touchpoints.answer_times import SAID
from touchpoints.models import Touchpoint
from workspaces.auditing import audit
from workspaces.models import User

COOL_DOWN = timedelta(seconds=20)
ANSWERED_WITHIN = timedelta(days=14)


class NoSenderError(Exception):
    """There is no sender of email yet."""


class NoFilesError(Exception):
    """The sender carries words alone."""


class RefusedError(Exception):
    """The gate says no; `verdict` says why."""

    def __init__(self, said: Verdict) -> None:
        super().__init__(str(said.first_failure.text) if said.first_failure else said.reason)
        self.verdict = said


class UsedError(Exception):
    """Another text went under this key, or the email was taken back: nothing was done."""


class TooLateError(Exception):
    """The email has left, or is leaving."""


@transaction.atomic
def send_email(
    contact: Contact,
    *,
    subject: str,
    text: str,
    key: UUID,
    by: User | None,
    purpose: str = "",
    in_reply_to: str = "",
    is_in_inbox: bool = False,
    files: Sequence[File] = (),
) -> PersonalEmail:
    """Put an email to one person on its way; it leaves after the cool-down, and can be taken back until then.

    May be repeated with the same `key`: the same row comes back, and one email leaves. Without a `purpose` it is an
    answer where they wrote to us by email in the last 14 days, else a personal one. NoSenderError, NoFilesError,
    RefusedError. Locks the contact.
    """
    Contact.objects.select_for_update(no_key=True).get(pk=contact.pk)
    if (same := PersonalEmail.objects.filter(key=key).select_related("message").first()) is not None:
        is_other = same.text != text or same.contact_id not in everyone_in(contact.pk)
        if is_other or same.message.state == Message.State.CANCELLED:
            raise UsedError
        return same
    sender = find_sender()
    if sender is None:
        raise NoSenderError
    if files and not takes_files(sender):
        raise NoFilesError
    purpose = purpose or purpose_for(contact)
    said = ask_gate(contact, purpose, sender)
    if not said.allowed or not said.address:
        raise RefusedError(said)
    answers = {"by_id": by.pk if by else None, "in_reply_to": in_reply_to[:300], "is_in_inbox": is_in_inbox}
    message = _message(sender, subject, text, purpose, contact.language)
    email = PersonalEmail.objects.create(message=message, contact=contact, key=key, text=text, **answers)
    _attach(email, files)
    _plan(email)
    audit("email.written", by=by, target=contact, email=email.pk)
    return email


@transaction.atomic
def take_back(email: PersonalEmail, *, by: User | None) -> None:
    """It does not leave. May be repeated. TooLateError once a worker has it. Locks the message."""
    message = Message.objects.select_for_update(no_key=True).get(pk=email.message_id)
    if message.state == Message.State.CANCELLED:
        return
    rows = RecipientChunk.objects.select_for_update().filter(message=message)  # a worker passes by what is locked
    waits = [one.leased_until is None for one in rows if not one.is_done]
    if message.state not in {Message.State.SENDING, Message.State.PAUSED} or not waits or not all(waits):
        raise TooLateError
    cancel(message, by=by)


def purpose_for(contact: Contact) -> str:
    """An answer, where they wrote to us by email in the last 14 days; else a personal email."""
    wrote = Touchpoint.objects.filter(
        contact__in=everyone_in(contact.pk),
        occurred_at__gt=now() - ANSWERED_WITHIN,
        channel=Channel.EMAIL,
        kind__in=SAID,
        direction=Touchpoint.Direction.INWARD,
    )
    return (Message.Purpose.ANSWER if wrote.exists() else Message.Purpose.PERSONAL).value


def ask_gate(contact: Contact, purpose: str, sender: Sender | None) -> Verdict:
    """What the gate says of it now. A worker asks again before it leaves."""
    return verdict(Ask(message_class=purpose, only_ascii=reaches_only_ascii(sender)), contact)


def standing_of(email: PersonalEmail) -> tuple[str, str]:
    """(how it stands, why): "leaving", "sent", "waiting" with the trouble, "refused" with its reason, "taken back"."""
    message = email.message
    if message.state == Message.State.CANCELLED:
        return "taken back", ""
    delivery = Delivery.objects.filter(message=message, contact=email.contact_id).first()
    if message.state == Message.State.PAUSED:
        return "waiting", message.state_reason
    if delivery is None or delivery.state in {Delivery.State.QUEUED, Delivery.State.SENDING, Delivery.State.DEFERRED}:
        return "leaving", ""
    if delivery.state == Delivery.State.SENT:
        return "sent", ""
    return "refused", delivery.reason if delivery.state == Delivery.State.EXCLUDED else delivery.answer


def _attach(email: PersonalEmail, files: Sequence[File]) -> None:
    EmailAttachment.objects.bulk_create(
        EmailAttachment(email=email, name=one.name, content_type=one.content_type, size=len(one.data), data=one.data)
        for one in files
    )


def _plan(email: PersonalEmail) -> None:
    """It leaves when the cool-down is over; an answer in the inbox at once."""
    leaves_at = email.created_at + (timedelta() if email.is_in_inbox else COOL_DOWN)
    RecipientChunk.objects.create(
        message=email.message, number=1, occasion=email.pk, contact_ids=[email.contact_id], not_before=leaves_at
    )
    call_sender(email.message, leaves_at)


def _message(sender: Sender, subject: str, text: str, purpose: str, language: str) -> Message:
    content = Content.objects.create(
        subject=_literally(subject),
        body_format=Content.Format.HTML,
        body=paragraphs_of(text),
        language=language if language in {"en", "de"} else "",
    )
    return Message.objects.create(
        name=subject[:120],
        content=content,
        sender=sender,
        purpose=purpose,
        state=Message.State.SENDING,
        planned_at=now(),
        planned_count=1,
    )


def paragraphs_of(text: str) -> str:
    """What was typed, as HTML that says just that: no word of it is read as a template."""
    return _literally(as_html(text))


def as_html(text: str) -> str:
    """The words as they were typed: paragraphs, line breaks, addresses of the web as links."""
    blocks = text.replace("\r\n", "\n").strip().split("\n\n")
    return "\n".join(f"<p>{urlize(escape(one.strip())).replace('\n', '<br>')}</p>" for one in blocks if one.strip())


def _literally(text: str) -> str:
    """What was typed is words, never a template: a tag's beginning is written by a tag that says just that."""
    return text.replace("{{", "{{ '{{' }}").replace("{%", "{{ '{%' }}")
