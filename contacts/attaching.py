"""Files beside a note: what they are is read from their first bytes, never believed; they only ever leave as downloads."""

import re
from collections.abc import Sequence
from typing import Protocol

from django.utils.translation import gettext as _

from contacts.models import Note, NoteAttachment
from lib.foreign.cleaning import to_line

LARGEST = 5_000_000
MOST_FILES = 5
LONGEST_NAME = 120
KINDS = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"PK\x03\x04", "application/zip"),
)
UNSAFE = re.compile(r'[\x00-\x1f\x7f"<>|:*?\\/;]+')
UNKNOWN = "application/octet-stream"


class Upload(Protocol):
    """A file as a form hands it over."""

    name: str | None
    size: int | None

    def read(self) -> bytes: ...


class BadFileError(ValueError):
    """Files that are not kept; the text says which rule."""


def check_files(files: Sequence[Upload]) -> None:
    """Refuse too many, too large, empty. BadFileError."""
    if len(files) > MOST_FILES:
        raise BadFileError(_("At most %(n)d files.") % {"n": MOST_FILES})
    for one in files:
        if not one.size:
            raise BadFileError(_("“%(name)s” is empty.") % {"name": file_name(one.name)})
        if one.size > LARGEST:
            raise BadFileError(_("“%(name)s” is larger than 5 MB.") % {"name": file_name(one.name)})


def attach_files(note: Note, files: Sequence[Upload]) -> list[NoteAttachment]:
    """Keep these files beside the note. BadFileError, and then none is kept."""
    check_files(files)
    rows = []
    for one in files:
        data = one.read()
        rows.append(
            NoteAttachment(note=note, name=file_name(one.name), content_type=kind_of(data), size=len(data), data=data)
        )
    return NoteAttachment.objects.bulk_create(rows)


def file_name(said: str | None) -> str:
    """A name that is only a name: no path, no control signs, no quotes, not hidden, at most 120 letters."""
    last = re.split(r"[\\/]", said or "")[-1]
    plain = to_line(UNSAFE.sub(" ", last), 400).strip(" .")
    stem, dot, ending = plain.rpartition(".")
    if len(plain) > LONGEST_NAME:
        plain = f"{stem[: LONGEST_NAME - 11]}{dot}{ending[:10]}" if dot else plain[:LONGEST_NAME]
    return plain or "file"


def kind_of(data: bytes) -> str:
    """What the first bytes say it is. HTML, SVG and whatever else a browser might run are unknown: bytes."""
    for start, kind in KINDS:
        if data.startswith(start):
            return kind
    return "image/webp" if data[:4] == b"RIFF" and data[8:12] == b"WEBP" else UNKNOWN
