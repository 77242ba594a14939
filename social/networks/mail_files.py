"""The files that come with an email: what they are is read from their first bytes; logos and seals of programs are none."""

from collections.abc import Iterator
from email.message import Message

from contacts.attaching import LARGEST, file_name, kind_of
from conversations.channels import HeardFile
from lib.foreign.mail_headers import decoded

MOST_FILES = 20
LARGEST_LOGO = 20_000  # bytes; a picture inside the text that is smaller belongs to a signature
SEALS = {"application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature"}
NAMES = {"message/rfc822": "email.eml", "text/calendar": "invite.ics"}


def files_in(message: Message, *, is_whole: bool = True) -> tuple[HeardFile, ...]:
    """The first twenty, those over 5 MB without their bytes. Not `is_whole`: the email was cut off, and so may each be."""
    return tuple(_file(part, is_whole) for part in list(_parts_with_files(message))[:MOST_FILES])


def _parts_with_files(part: Message) -> Iterator[Message]:
    """In the order of the email; an email inside it is one file."""
    if part.get_content_type() == "message/rfc822":
        yield part
    elif part.is_multipart():
        for one in part.get_payload():
            if isinstance(one, Message):
                yield from _parts_with_files(one)
    elif _is_file(part):
        yield part


def _is_file(part: Message) -> bool:
    kind, disposition = part.get_content_type(), part.get_content_disposition()
    if kind in SEALS:
        return False
    if disposition == "attachment" or kind in NAMES:
        return True
    if kind.startswith("image/") and (disposition == "inline" or part.get("Content-ID")):
        return len(_bytes(part)) > LARGEST_LOGO
    return bool(part.get_filename()) or part.get_content_maintype() not in {"text", "multipart"}


def _file(part: Message, is_whole: bool) -> HeardFile:
    data = _bytes(part)
    name = file_name(decoded(part.get_filename() or "") or NAMES.get(part.get_content_type(), ""))
    kept = data if is_whole and len(data) <= LARGEST else b""
    return HeardFile(name, kind_of(data), len(data), kept)


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
