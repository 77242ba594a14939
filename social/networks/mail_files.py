"""The files that come with an email: what they are is read from their first bytes; logos and seals of programs are none."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from email.message import Message

from contacts.attaching import file_name, kind_of
from conversations.channels import HeardFile
from lib.foreign.mail_headers import decoded
from lib.pictures import make_thumbnail, pixels_in

MOST_FILES = 20
MOST_TOGETHER = 25_000_000  # bytes of files that are kept of one email, where its mailbox says nothing else
MOST_PIXELS = 100_000_000  # of one email's pictures: a few seconds to decode
LARGEST_LOGO = 20_000  # bytes; a picture inside the text that is smaller belongs to a signature
SEALS = {"application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature"}
NAMES = {"message/rfc822": "email.eml", "text/calendar": "invite.ics"}


def files_in(message: Message, *, is_whole: bool = True, most: int = MOST_TOGETHER) -> tuple[HeardFile, ...]:
    """The first twenty, as many of them as have `most` bytes together; the others without theirs. Not `is_whole`: the email
    was cut off, and so may each be.
    """
    found, room = [], most if is_whole else 0
    for part in list(_parts_with_files(message))[:MOST_FILES]:
        data = _bytes(part)
        name = file_name(decoded(part.get_filename() or "") or NAMES.get(part.get_content_type(), ""))
        kept = data if len(data) <= room else b""
        room -= len(kept)
        found.append(HeardFile(name, kind_of(data), len(data), kept))
    return tuple(found)


def with_thumbnails(files: Sequence[HeardFile]) -> tuple[HeardFile, ...]:
    """With a small picture beside each that is one, as long as those before it were not made to be costly."""
    found, pixels = [], 0
    for one in files:
        pixels += pixels_in(one.data)
        found.append(replace(one, small=make_thumbnail(one.data)) if one.data and pixels <= MOST_PIXELS else one)
    return tuple(found)


def _parts_with_files(part: Message) -> Iterator[Message]:
    """In the order of the email; an email inside it is one file."""
    if part.get_content_type() == "message/rfc822":
        yield part
    elif part.is_multipart():
        for one in part.get_payload():
            if isinstance(one, Message):
                yield from _parts_with_files(one)
    elif is_file(part):
        yield part


def is_file(part: Message, size: int | None = None) -> bool:
    """Whether a part of an email is a file to a person. `size` of what is not read."""
    kind, disposition = part.get_content_type(), part.get_content_disposition()
    if kind in SEALS:
        return False
    if disposition == "attachment" or kind in NAMES:
        return True
    if kind.startswith("image/") and (disposition == "inline" or part.get("Content-ID")):
        return (len(_bytes(part)) if size is None else size) > LARGEST_LOGO
    return bool(part.get_filename()) or part.get_content_maintype() not in {"text", "multipart"}


def _bytes(part: Message) -> bytes:
    if part.get_content_type() == "message/rfc822":
        inside = part.get_payload()
        first = inside[0] if isinstance(inside, list) and inside else None
        try:
            return first.as_bytes() if isinstance(first, Message) else b""
        except (LookupError, ValueError, TypeError, AttributeError):  # it says of itself what cannot be
            return b""
    raw = part.get_payload(decode=True)
    return raw if isinstance(raw, bytes) else b""
