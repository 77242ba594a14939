"""Drafts of the composer: what a member types to a person is kept for them alone until it is sent or thrown away."""

from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import NamedTuple

from django.core.cache import cache
from django.db import transaction
from django.utils.translation import gettext as _

from contacts.attaching import MOST_FILES, BadFileError, Upload, check_files, file_name, kind_of
from contacts.merging import everyone_in
from contacts.models import ComposerDraft, Contact, DraftFile
from lib.clock import now
from lib.foreign.cleaning import to_text
from lib.pictures import Remade
from workspaces.current import current_workspace_id

LONGEST, MOST_FIELDS = 20_000, 20
STRAYS_FOR = 60  # seconds
LARGEST_TOGETHER = 10_000_000  # what nearly every mail server still takes, with a third more for its letters
HIDDEN = frozenset({"csrfmiddlewaretoken", "key", "token", "seen", "mention", "even_so", "all_the_same", "draft"})


class File(NamedTuple):
    """A file that goes with what is sent. `small`: a small picture of it, where one was made already."""

    name: str
    content_type: str
    data: bytes
    small: Remade | None = None


def draft_of(contact: Contact, user_id: int, way: str) -> ComposerDraft | None:
    """What this member began to say to the person by this way, of everybody merged into them the newest."""
    rows = ComposerDraft.objects.filter(contact__in=everyone_in(contact.pk), user_id=user_id, way=way)
    return rows.order_by("-updated_at", "-pk").first()


def drafted_ways(contact: Contact, user_id: int) -> set[str]:
    """The ways by which this member has begun something."""
    rows = ComposerDraft.objects.filter(contact__in=everyone_in(contact.pk), user_id=user_id)
    return set(rows.values_list("way", flat=True))


@transaction.atomic
def keep_draft(
    contact: Contact, user_id: int, way: str, said: Mapping[str, str], *, files: Sequence[Upload] = ()
) -> ComposerDraft | None:
    """What stands in the composer is kept, and these files beside what was there; nothing at all is no draft (None).

    May be repeated: a file that stands there already, byte for byte, is not added again. BadFileError: nothing changes then.
    """
    typed = {name[:40]: to_text(text, LONGEST) for name, text in said.items() if name not in HIDDEN}
    kept = dict([(name, text) for name, text in typed.items() if text.strip()][:MOST_FIELDS])
    draft = draft_of(contact, user_id, way)
    if not kept and not files and (draft is None or not draft.files.exists()):
        discard_draft(contact, user_id, way)
        return None
    draft, _new = ComposerDraft.objects.update_or_create(
        contact=draft.contact if draft else contact,
        user_id=user_id,
        way=way,
        defaults={"said": kept, "updated_at": now()},
    )
    if files:
        _attach(draft, files)
    return draft


@transaction.atomic
def remove_file(contact: Contact, user_id: int, way: str, file_id: int) -> None:
    """The file stands no longer beside the draft, which is none any more where nothing else is in it. May be repeated."""
    draft = draft_of(contact, user_id, way)
    if draft is not None:
        DraftFile.objects.filter(draft=draft, pk=file_id).delete()
        if not draft.said and not draft.files.exists():
            draft.delete()


def files_of(draft: ComposerDraft | None) -> list[File]:
    """The files beside a draft, the first one first."""
    rows = DraftFile.objects.filter(draft=draft).order_by("pk") if draft else ()
    return [File(row.name, row.content_type, bytes(row.data)) for row in rows]


@transaction.atomic
def discard_draft(contact: Contact, user_id: int, way: str) -> None:
    """It is not wanted: it is gone with its files. May be repeated."""
    ComposerDraft.objects.filter(contact__in=everyone_in(contact.pk), user_id=user_id, way=way).delete()


@transaction.atomic
def end_draft(contact: Contact, user_id: int, way: str, key: str) -> None:
    """It was sent by the form of this key: what the form tells a moment later is no draft any more. Locks the contact."""
    Contact.objects.select_for_update(no_key=True).get(pk=contact.pk)
    cache.set(_ended(key), 1, STRAYS_FOR)
    discard_draft(contact, user_id, way)


def was_sent(key: str) -> bool:
    """Whether the form of this key was sent within the last minute. Hold the contact while you ask."""
    return bool(key) and cache.get(_ended(key)) is not None


def _ended(key: str) -> str:
    return f"draft-ended:{current_workspace_id()}:{blake2b(key.encode(), digest_size=16).hexdigest()}"


def _attach(draft: ComposerDraft, files: Sequence[Upload]) -> None:
    check_files(files)
    rows = [_row_of(draft, one) for one in files]
    kept = DraftFile.objects.filter(draft=draft, size__in={one.size for one in rows})
    same = {(one.name, bytes(one.data)) for one in kept}
    rows = [one for one in rows if (one.name, bytes(one.data)) not in same]
    there = list(DraftFile.objects.filter(draft=draft).values_list("size", flat=True))
    check_room(there, [one.size for one in rows])
    DraftFile.objects.bulk_create(rows)


def check_room(there: Sequence[int], new: Sequence[int]) -> None:
    """BadFileError unless files of these sizes (bytes) fit beside those that are there: an email takes no more."""
    if len(there) + len(new) > MOST_FILES:
        raise BadFileError(_("At most %(n)d files.") % {"n": MOST_FILES})
    if sum(there) + sum(new) > LARGEST_TOGETHER:
        raise BadFileError(_("Together the files are larger than 10 MB."))


def _row_of(draft: ComposerDraft, upload: Upload) -> DraftFile:
    data = upload.read()
    return DraftFile(draft=draft, name=file_name(upload.name), content_type=kind_of(data), size=len(data), data=data)
