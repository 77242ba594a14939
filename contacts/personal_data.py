"""What this room holds about a person: who they are, how they are known, what was noted, whom they may be."""

from base64 import b64encode
from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import CharField, Model, Q, QuerySet

from contacts.models import (
    AudienceRole,
    ComposerDraft,
    Contact,
    DraftFile,
    DuplicatePair,
    FieldChange,
    FieldValue,
    Identity,
    Merged,
    MergeRecord,
    Note,
    NoteAttachment,
    Position,
    SearchTerm,
    Tag,
)
from lib.personal import plain_rows
from lib.sql import array_of, run_sql

HUSK = {"contact_frequency", "dialogue_mode"}  # a husk has no wishes of its own


def gather_who(ids: Sequence[int]) -> Iterator[dict[str, Any]]:
    """Their own fields, those of the workspace, roles and tags."""
    yield from plain_rows(Contact.objects.filter(pk__in=ids), leave_out={"owner_id"})
    yield from plain_rows(FieldValue.objects.filter(contact__in=ids))
    yield from plain_rows(AudienceRole.objects.filter(contact__in=ids))
    yield from plain_rows(Tag.objects.filter(contact__in=ids))


def erase_who(ids: Sequence[int]) -> int:
    """Names and fields go; what is left is a row without a word about anybody."""
    texts = {field.name: "" for field in Contact._meta.concrete_fields if isinstance(field, CharField)}
    people = Contact.objects.filter(pk__in=ids)
    gone = people.update(
        **texts, is_profiled=False, is_anonymous=False, paused_until=None, complaint_since=None, owner_id=None
    )
    return gone + _delete(FieldValue, ids) + _delete(AudienceRole, ids) + _delete(Tag, ids) + _delete(SearchTerm, ids)


def gather_identities(ids: Sequence[int]) -> Iterator[dict[str, Any]]:
    """Addresses, numbers, handles, devices, each with how we know."""
    yield from plain_rows(Identity.objects.filter(contact__in=ids))


def erase_identities(ids: Sequence[int]) -> int:
    """No link and no cookie leads to them any more."""
    return _delete(Identity, ids)


def gather_history(ids: Sequence[int]) -> Iterator[dict[str, Any]]:
    """Which field was changed to what, when, by which way."""
    yield from plain_rows(FieldChange.objects.filter(contact__in=ids), leave_out={"by_id"})


def erase_history(ids: Sequence[int]) -> int:
    """What stood there, by the owner's function; that one of our fields changed, and when, stays."""
    return int(run_sql("contacts/call_erase_history", {"contacts": array_of(ids)})[0][0])


def gather_companies(ids: Sequence[int]) -> Iterator[dict[str, Any]]:
    """Where they are and were, with their role there."""
    rows = Position.objects.filter(contact__in=ids).select_related("company").order_by("pk")
    for row in rows.iterator(1_000):
        said = {"company": row.company.name, "role_there": row.role_there, "since": row.since, "until": row.until}
        yield {name: value for name, value in said.items() if value}


def erase_companies(ids: Sequence[int]) -> int:
    """They are at no company and never were; the company stays."""
    return _delete(Position, ids)


def gather_notes(ids: Sequence[int]) -> Iterator[dict[str, Any]]:
    """What colleagues wrote down about them, with its files."""
    yield from plain_rows(Note.objects.filter(contact__in=ids), leave_out={"author_id"})
    for file in NoteAttachment.objects.filter(note__contact__in=ids).order_by("pk").iterator(1):
        content = b64encode(bytes(file.data)).decode()
        yield {"file": file.name, "type": file.content_type, "created_at": file.created_at, "base64": content}


def erase_notes(ids: Sequence[int]) -> int:
    """Every note, with its files and mentions."""
    return _delete(Note, ids)


def gather_drafts(ids: Sequence[int]) -> Iterator[dict[str, Any]]:
    """What colleagues began to write to them and have not sent, with its files."""
    yield from plain_rows(ComposerDraft.objects.filter(contact__in=ids), leave_out={"user_id"})
    for file in DraftFile.objects.filter(draft__contact__in=ids).order_by("pk").iterator(1):
        content = b64encode(bytes(file.data)).decode()
        yield {"file": file.name, "type": file.content_type, "created_at": file.created_at, "base64": content}


def erase_drafts(ids: Sequence[int]) -> int:
    """Every draft, with its files."""
    return _delete(ComposerDraft, ids)


def gather_merges(ids: Sequence[int]) -> Iterator[dict[str, Any]]:
    """With whom they were taken for one person, and what was copied then."""
    yield from plain_rows(_merges(ids), leave_out={"by_id", "undone_by_id"})


def erase_merges(ids: Sequence[int]) -> int:
    """Former values and pairs go; that two records are one person stays, so that both stay erased."""
    gone = _merges(ids).exclude(changes={}).update(changes={})
    Merged.objects.filter(Q(loser__in=ids) | Q(survivor__in=ids)).update(reason="")
    return gone + DuplicatePair.objects.filter(Q(left__in=ids) | Q(right__in=ids)).delete()[0]


def _merges(ids: Sequence[int]) -> QuerySet[MergeRecord]:
    return MergeRecord.objects.filter(Q(loser__in=ids) | Q(survivor__in=ids))


def _delete(model: type[Model], ids: Sequence[int]) -> int:
    return int(model.objects.filter(contact__in=ids).delete()[0])  # type: ignore[attr-defined]
