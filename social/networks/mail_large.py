"""Large emails: read on in pieces while there are room and time; what is not kept is named as the mailbox itself names it,
by what it says of the parts of an email (BODYSTRUCTURE, RFC 3501, 7.4.2).
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from email.message import Message
from typing import Any

from contacts.attaching import UNKNOWN, file_name
from conversations.channels import HeardFile
from lib.connections.imap import Mailbox, MailboxError
from lib.foreign.mail_headers import decoded
from social.networks.mail_files import MOST_FILES, NAMES, is_file

USUAL_MB, MOST_MB = 25, 50  # of files that one email may bring: what large providers send and take
PIECE = 5_000_000
HEAD = 1_000_000  # for the words of an email, beside its files
TOKEN = re.compile(
    rb'(?P<open>\()|(?P<close>\))|"(?P<said>(?:[^"\\]++|\\.)*+)(?P<end>"?)|(?P<atom>[^\s()"]++)', re.DOTALL
)
LITERAL = re.compile(rb"\{\d+\+?\}\Z")
DEEPEST, MOST = 50, 20_000
LARGEST_SIZE = 2**31 - 1  # that a row can say of a file; servers may say more
type Node = bytes | list["Node"]


def most_of_files(settings: Mapping[str, Any]) -> int:
    """How many bytes of files are kept of one email of this mailbox."""
    given = settings.get("files_mb")
    return (min(max(given, 0), MOST_MB) if isinstance(given, int) else USUAL_MB) * 1_000_000


@dataclass(frozen=True, slots=True)
class Part:
    """One part of an email, or an email in it: its kind ("image/png"), how it is written, its size as it is written."""

    kind: str
    encoding: str = ""
    size: int = 0
    content_id: str = ""
    disposition: str = ""
    typed: dict[str, str] = field(default_factory=dict)  # parameters of its kind, and of its disposition
    disposed: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Structure:
    """The parts of an email, one in another."""

    root: Node

    def parts(self) -> Iterator[Part]:
        """Those without parts, in the order of the email."""
        return _parts(self.root)


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
    structure = read_structure(mailbox.structure(uid))
    if structure is None:
        return None
    found = [told for part in structure.parts() if (told := file_told(part)) is not None]
    return tuple(found[:MOST_FILES])


def file_told(part: Part) -> HeardFile | None:
    """A part of which we know only what its mailbox says, without its bytes; None where it is no file."""
    own = Message()
    own.add_header("Content-Type", part.kind)
    for name, value in part.typed.items():
        own.set_param(name, value)
    if part.disposition:
        own.add_header("Content-Disposition", part.disposition)
        for name, value in part.disposed.items():
            own.set_param(name, value, header="Content-Disposition")
    if part.content_id:
        own.add_header("Content-ID", "<told>")
    size = min(part.size * 3 // 4 * 76 // 78 if part.encoding == "base64" else part.size, LARGEST_SIZE)
    if part.kind == "message/rfc822" or is_file(own, size):
        name = file_name(decoded(own.get_filename() or "") or NAMES.get(part.kind, ""))
        return HeardFile(name, UNKNOWN, size, b"")
    return None


def read_structure(rows: Iterable[object]) -> Structure | None:
    """What stands in the answer to a FETCH of one BODYSTRUCTURE, as imaplib hands it over. None where it is no such thing."""
    said = b""
    for row in rows:
        if isinstance(row, tuple) and len(row) > 1:
            said += LITERAL.sub(b"", row[0]) + b'"' + re.sub(rb'(["\\])', rb"\\\1", row[1]) + b'"'
        elif isinstance(row, bytes):
            said += row
    _head, word, told = said.partition(b"BODYSTRUCTURE")
    tree = _tree(told) if word else None
    return Structure(tree) if tree else None


def _tree(told: bytes) -> list[Node] | None:
    """The first list in it. None where it, or a text in it, has no end, or it is deeper or longer than an email's can be."""
    stack: list[list[Node]] = []
    for count, found in enumerate(TOKEN.finditer(told)):
        if count > MOST or len(stack) > DEEPEST or found["end"] == b"":
            return None
        if found["open"]:
            stack.append([])
        elif found["close"]:
            if len(stack) < 2:
                return stack[0] if stack else None
            done = stack.pop()
            stack[-1].append(done)
        elif stack:
            said = found["said"]
            stack[-1].append(found["atom"] if said is None else re.sub(rb"\\(.)", rb"\1", said, flags=re.DOTALL))
    return None


def _parts(node: Node) -> Iterator[Part]:
    if not isinstance(node, list) or not node:
        return
    if isinstance(node[0], list):
        for one in node:
            if not isinstance(one, list):
                return  # the kind of the whole, and what is said of it
            yield from _parts(one)
        return
    if len(node) < 7:
        return
    disposition: list[Node] = next((one for one in node[7:] if isinstance(one, list) and _is_disposition(one)), [])
    yield Part(
        kind=f"{_word(node[0])}/{_word(node[1])}".lower(),
        typed=_pairs(node[2]),
        content_id="" if node[3] == b"NIL" else _word(node[3]),
        encoding=_word(node[5]).lower(),
        size=int(size) if (size := _word(node[6])).isdecimal() and len(size) < 16 else 0,
        disposition=_word(disposition[0]).lower() if disposition else "",
        disposed=_pairs(disposition[1]) if len(disposition) > 1 else {},
    )


def _is_disposition(node: list[Node]) -> bool:
    return bool(node) and _word(node[0]).lower() in {"attachment", "inline"}


def _pairs(node: Node) -> dict[str, str]:
    words = [_word(one) for one in node] if isinstance(node, list) else []
    return {name.lower(): value for name, value in zip(words[::2], words[1::2], strict=False)}


def _word(node: Node) -> str:
    return node.decode("utf-8", "replace") if isinstance(node, bytes) else ""
