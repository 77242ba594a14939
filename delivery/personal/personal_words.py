"""What the ledger and the wire are told of an email that one of us wrote to one person."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from contacts.drafting import File
from delivery.models import EmailAttachment, Message, PersonalEmail, SendAttachment
from touchpoints.facts import Fact

LONGEST_TEXT = 2_000  # of the copy on the timeline


def with_words(message: Message, facts: Sequence[Fact]) -> list[Fact]:
    """The facts of a personal email with who wrote it and what; "sent" is left out where a conversation tells of it."""
    email = PersonalEmail.objects.filter(message=message).first()
    if email is None:
        return list(facts)
    told = [fact for fact in facts if not (fact.kind == "sent" and email.is_in_inbox)]
    # the subject is somebody's words too: in a title it would stand where names are masked
    words = {"text": f"{message.name}\n\n{email.text}"[:LONGEST_TEXT]}
    return [replace(fact, actor_id=email.by_id, payload=_without_subject(fact.payload) | words) for fact in told]


def _without_subject(payload: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in payload.items() if name != "subject"}


def attached_to(message: Message) -> list[File]:
    """The files that go with this message, which only what goes to one person has."""
    if message.purpose == Message.Purpose.TRANSACTIONAL and not message.is_standing:
        sent = SendAttachment.objects.filter(send__message=message).order_by("pk")
        return [File(row.name, row.content_type, bytes(row.data)) for row in sent]
    if not message.is_personal:
        return []
    rows = EmailAttachment.objects.filter(email__message=message).order_by("pk")
    return [File(row.name, row.content_type, bytes(row.data)) for row in rows]


def answered_by(message: Message) -> str:
    """The Message-ID that this message answers, "" where it answers none."""
    if not message.is_personal:
        return ""
    return PersonalEmail.objects.filter(message=message).values_list("in_reply_to", flat=True).first() or ""
