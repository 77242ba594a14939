"""Large emails: read on in pieces while there are room and time; what is not kept is named as the mailbox itself names it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from conversations.channels import HeardFile
from lib.connections.imap import Mailbox, MailboxError
from social.networks.mail_files import MOST_FILES, file_told

USUAL_MB, MOST_MB = 25, 50  # of files that one email may bring: what large providers send and take
PIECE = 5_000_000
HEAD = 1_000_000  # for the words of an email, beside its files


def most_of_files(settings: Mapping[str, Any]) -> int:
    """How many bytes of files are kept of one email of this mailbox."""
    given = settings.get("files_mb")
    return (min(max(given, 0), MOST_MB) if isinstance(given, int) else USUAL_MB) * 1_000_000


@dataclass(frozen=True, slots=True)
class Fetched:
    """An email as far as it was read. `files`: what the mailbox names, where it was not read to its end.

    `is_over`: the mailbox says nothing more.
    """

    raw: bytes
    is_whole: bool = True
    files: tuple[HeardFile, ...] | None = None
    is_over: bool = False


def read_on(mailbox: Mailbox, uid: int, begun: bytes, most: int) -> Fetched:
    """The rest of an email that is not read to its end yet, for files of at most `most` bytes.

    It ends where the email is larger, or half of the mailbox's time is over: a slow line must not stop at the same email
    for ever. What was read so far stands, whatever happens.
    """
    read = bytearray(begun)
    try:
        room = HEAD + most * 4 // 3 * 78 // 76  # base64, in lines of 76
        is_wanted = mailbox.size(uid) <= room
        while is_wanted and len(read) <= room and mailbox.time_left() >= 0.5:
            piece = mailbox.message(uid, PIECE, begins=len(read))
            read += piece
            if len(piece) < PIECE:  # the end; what servers say of a size is often a guess
                return Fetched(bytes(read))
        return Fetched(begun, is_whole=False, files=files_named(mailbox, uid))
    except MailboxError:
        return Fetched(begun, is_whole=False, is_over=True)


def files_named(mailbox: Mailbox, uid: int) -> tuple[HeardFile, ...] | None:
    """What the mailbox says of the files of an email, with the size of each and no bytes. None where it does not tell."""
    structure = mailbox.structure(uid)
    if structure is None:
        return None
    found = [told for part in structure.parts() if (told := file_told(part)) is not None]
    return tuple(found[:MOST_FILES])
