"""What stands beside a begun answer until it leaves: pictures, with what they show in words, or files of an email."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TypedDict

from django.db import transaction
from django.utils.translation import gettext as _

from contacts.attaching import BadFileError, Upload, check_files, file_name, kind_of
from contacts.drafting import File, check_room
from conversations.answers.picturing import (
    LARGEST_UPLOAD,
    NewPicture,
    PictureRefusedError,
    make_picture,
    most_in_words,
)
from conversations.attaching import NoFilesError, carries_files, check_travels
from conversations.channels import LONGEST_ALT, able_to_answer, network_name
from conversations.models import AnswerDraft, AnswerDraftFile, Conversation, Mention, Reply, ReplyFile
from conversations.models.pictured import BYTES
from lib.foreign.cleaning import to_storable
from lib.pictures import make_thumbnail
from workspaces.models import User


class FileRefusedError(ValueError):
    """This does not go with the answer; the text says why. What stood beside it still does."""


class LookAgainError(Exception):
    """What stands beside the answer is not what its sender saw: it was changed meanwhile."""


class WordlessError(ValueError):
    """Pictures without words for those who do not see them; `pks` are theirs."""

    def __init__(self, pks: Sequence[int]) -> None:
        super().__init__("no words")
        self.pks = pks


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the sender has before them: all files they `seen` (None: whatever stands there), of which `only` these go (None:
    all), and by file what it shows in words, where that differs from what is kept.
    """

    seen: frozenset[int] | None = None
    only: frozenset[int] | None = None
    alts: Mapping[int, str] = field(default_factory=dict)


class Going(TypedDict):
    """What `reply_to` takes beside the words."""

    files: list[File]
    pictures: list[NewPicture]


def most_pictures(mention: Mention) -> int:
    """How many pictures may be shown with an answer to this."""
    able = able_to_answer(mention)
    return able.media if able.replies else 0


@transaction.atomic
def add_files(mention: Mention, uploads: Sequence[Upload], *, by: User) -> list[int]:
    """These stand beside the member's answer, whose draft asks to be approved no longer. Returns their ids, in order.

    May be repeated: what stands there already, byte for byte, is not added a second time, and asks on.
    FileRefusedError: none of them does. Locks the draft.
    """
    most = most_pictures(mention)
    if most:
        rows = _pictures(mention, uploads, most)
    elif carries_files(mention.connection):
        rows = _files(uploads)
    else:
        words = _("%(network)s takes neither files nor pictures with an answer from here. Your words stand below.")
        why = able_to_answer(mention).why_no_media
        raise FileRefusedError(" ".join(filter(None, (why, words % {"network": network_name(mention.network)}))))
    draft, _new = AnswerDraft.objects.get_or_create(conversation=mention.conversation, user_id=by.pk)
    AnswerDraft.objects.select_for_update().get(pk=draft.pk)
    there = list(AnswerDraftFile.objects.filter(draft=draft).values_list("size", flat=True))
    same = _same_beside(draft, rows)
    new = [one for one, known in zip(rows, same, strict=True) if known is None]
    if most and len(there) + len(new) > most:
        raise FileRefusedError(most_in_words(mention, most))
    if not most:
        _check_room(there, [one.size for one in new])
    for place, one in enumerate(new, start=len(there) + 1):
        one.name = f"{place}.{one.content_type.rpartition('/')[2]}" if one.width else one.name
    if new:
        stand_beside(draft, new)
    return [one.pk if known is None else known for one, known in zip(rows, same, strict=True)]


@transaction.atomic
def take_out(conversation: Conversation, pk: int, *, by: User) -> None:
    """It goes no longer with the member's answer, which is none any more where it says nothing. May be repeated."""
    gone, _each = AnswerDraftFile.objects.filter(pk=pk, draft__conversation=conversation, draft__user_id=by.pk).delete()
    own = AnswerDraft.objects.filter(conversation=conversation, user_id=by.pk)
    if gone:
        own.update(asked_at=None)
        own.filter(text="", files=None).delete()


@transaction.atomic
def describe(conversation: Conversation, alts: Mapping[int, str], *, by: User) -> None:
    """What the pictures beside the member's answer show, in words. One that changes asks to be approved no longer."""
    own = AnswerDraftFile.objects.filter(draft__conversation=conversation, draft__user_id=by.pk, pk__in=alts)
    changed = [one for one in own.defer(*BYTES) if one.alt != alts[one.pk]]
    for one in changed:
        AnswerDraftFile.objects.filter(pk=one.pk).update(alt=alts[one.pk])
    if changed:
        AnswerDraft.objects.filter(conversation=conversation, user_id=by.pk).update(asked_at=None)


def stand_beside(draft: AnswerDraft, rows: Sequence[AnswerDraftFile]) -> None:
    """These rows, not kept yet, stand beside the draft, which asks to be approved no longer."""
    for one in rows:
        one.draft = draft
    AnswerDraftFile.objects.bulk_create(rows)
    AnswerDraft.objects.filter(pk=draft.pk).update(asked_at=None)


def beside_again(reply: Reply) -> list[AnswerDraftFile]:
    """What goes with an answer that has not left, as rows that can stand beside a draft; not kept yet."""
    return [
        AnswerDraftFile(
            name=one.name,
            content_type=one.content_type,
            size=one.size,
            data=one.data,
            alt=one.alt,
            width=one.width,
            height=one.height,
        ).with_thumbnail(one.small)
        for one in ReplyFile.objects.filter(reply=reply).exclude(data=b"").order_by("pk")
    ]


def what_goes(mention: Mention, draft: AnswerDraft | None, chosen: Chosen) -> Going:
    """What leaves with the answer to this, the first one first. LookAgainError, WordlessError. Hold the draft.

    Where pictures are shown, those are; where files go, a picture is one of them.
    """
    rows = list(AnswerDraftFile.objects.filter(draft=draft).order_by("pk")) if draft else []
    there = frozenset(one.pk for one in rows)
    if chosen.seen not in {None, there} or (chosen.only or frozenset()) - there:
        raise LookAgainError
    going = [one for one in rows if chosen.only is None or one.pk in chosen.only]
    shown = [one for one in going if one.width and not carries_files(mention.connection)]
    alts = {one.pk: to_alt(chosen.alts.get(one.pk, one.alt)) for one in shown}
    if wordless := [pk for pk, alt in alts.items() if not alt]:
        raise WordlessError(wordless)
    pictures = [
        NewPicture(bytes(one.data), one.content_type, alts[one.pk], one.width, one.height, one.small) for one in shown
    ]
    files = [File(one.name, one.content_type, bytes(one.data), one.small) for one in going if one.pk not in alts]
    return Going(files=files, pictures=pictures)


def to_alt(said: str) -> str:
    """What a picture shows, as it is kept."""
    return to_storable(said).strip()[:LONGEST_ALT]


def _same_beside(draft: AnswerDraft, rows: Sequence[AnswerDraftFile]) -> list[int | None]:
    """For each of these the number of what stands beside the draft with the same bytes, and name where it goes by one."""
    kept = AnswerDraftFile.objects.filter(draft=draft, size__in={one.size for one in rows}).defer("thumbnail")
    there = {_looks(one): one.pk for one in kept.order_by("-pk")}
    return [there.get(_looks(one)) for one in rows]


def _looks(row: AnswerDraftFile) -> tuple[str, bytes]:
    return "" if row.width else row.name, sha256(bytes(row.data)).digest()


def _pictures(mention: Mention, uploads: Sequence[Upload], most: int) -> list[AnswerDraftFile]:
    if len(uploads) > most:
        raise FileRefusedError(most_in_words(mention, most))
    return [_picture(one) for one in uploads]


def _picture(upload: Upload) -> AnswerDraftFile:
    if (upload.size or 0) > LARGEST_UPLOAD:
        raise FileRefusedError(_("“%(name)s” is larger than 10 MB. None was added.") % {"name": file_name(upload.name)})
    try:
        made = make_picture(upload.read(), "")
    except PictureRefusedError as error:
        raise FileRefusedError(f"{file_name(upload.name)}: {error}") from error
    return AnswerDraftFile(
        content_type=made.content_type,
        size=len(made.data),
        data=made.data,
        width=made.width,
        height=made.height,
    ).with_thumbnail(made.small)


def _files(uploads: Sequence[Upload]) -> list[AnswerDraftFile]:
    try:
        check_files(uploads)
    except BadFileError as error:
        raise FileRefusedError(str(error)) from error
    _check_room((), [one.size or 0 for one in uploads])
    return [_file(one) for one in uploads]


def _check_room(there: Sequence[int], new: Sequence[int]) -> None:
    try:
        check_room(there, new)
    except BadFileError as error:
        raise FileRefusedError(str(error)) from error


def _file(upload: Upload) -> AnswerDraftFile:
    name, data = file_name(upload.name), upload.read()
    try:
        check_travels(name)
    except NoFilesError as error:
        raise FileRefusedError(str(error)) from error
    row = AnswerDraftFile(name=name, content_type=kind_of(data), size=len(data), data=data)
    return row.with_thumbnail(make_thumbnail(data))
