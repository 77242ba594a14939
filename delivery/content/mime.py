"""A mail as bytes: header lines joined, quoted-printable by binascii. `email.message` would cost 3 ms each."""

import base64
import re
from binascii import b2a_qp
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from functools import lru_cache
from typing import Protocol
from urllib.parse import quote

from delivery.content.compiling import Written

ONE_CLICK = b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"  # RFC 8058: never without a List-Unsubscribe
BOUNDARY, MIXED = b"=_ecrm_letter_part", b"=_ecrm_letter_whole"
PART = b'\r\nContent-Type: text/%b; charset="utf-8"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n'
TEXT_HEAD = b'Content-Type: multipart/alternative; boundary="' + BOUNDARY + b'"\r\n\r\n--' + BOUNDARY + PART % b"plain"
HTML_HEAD = b"\r\n--" + BOUNDARY + PART % b"html"
PARTS_END = b"\r\n--" + BOUNDARY + b"--\r\n"
MIXED_HEAD = b'Content-Type: multipart/mixed; boundary="' + MIXED + b'"\r\n\r\n--' + MIXED + b"\r\n"
UNSAFE = re.compile(r"[\r\n\0]")
ATOM = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]*\Z")
WIDTH = 78  # of a header line that can be folded (RFC 5322, 2.1.1)
WORDS = re.compile(r" *[^ ]+(?: *\Z)?")  # each with the blanks before it: no line is blanks alone
ENCODED_BYTES = 42  # 42 bytes are 56 letters of base64: an encoded word stays below 75
ENCODED_LETTERS = 60  # of a piece of a file's name


class BadHeaderError(ValueError):
    """A header that would hold a line break."""


class Attached(Protocol):
    """A file that goes with an email."""

    @property
    def name(self) -> str: ...
    @property
    def content_type(self) -> str: ...
    @property
    def data(self) -> bytes: ...


@dataclass(slots=True)
class Envelope:
    """What stands on the outside of one email."""

    sender: str
    recipient: str
    message_id: str
    unsubscribe: str
    in_reply_to: str = ""


@dataclass(frozen=True, slots=True)
class CommonHeaders:
    """What is the same on every email of a message: the lines are written once."""

    lines: bytes

    @classmethod
    def of(
        cls,
        *,
        from_name: str,
        from_email: str,
        reply_to: str,
        list_id: str,
        list_name: str,
        feedback_id: str,
        is_automatic: bool = False,
    ) -> "CommonHeaders":
        """The common header lines; without a `list_id` it is no list's. BadHeaderError.

        `is_automatic`: no person and no list wrote it, so that nobody's away note answers it (RFC 3834).
        """
        heads = [
            ("From", mailbox(from_name, from_email)),
            ("Reply-To", reply_to),
            ("List-Id", mailbox(list_name, list_id) if list_id else ""),
            ("Feedback-ID", feedback_id),
            ("Auto-Submitted", "auto-generated" if is_automatic else ""),
            ("MIME-Version", "1.0"),
        ]
        return cls(b"".join(_line(name, value) for name, value in heads if value))


def build(
    head: CommonHeaders, envelope: Envelope, written: Written, *, at: datetime, files: Sequence[Attached] = ()
) -> bytes:
    """The whole message with CRLF line ends, not yet dot-stuffed; files stand behind its words. BadHeaderError."""
    return head.lines + own_lines(envelope, written.subject, at=at) + with_files(both_parts(written), files)


def own_lines(envelope: Envelope, subject: str, *, at: datetime) -> bytes:
    """The header lines that are one person's. BadHeaderError."""
    return b"".join(
        (
            _line("To", envelope.recipient),
            _line("Subject", encode_words(subject)),
            date_line(at.replace(microsecond=0)),
            _line("Message-ID", envelope.message_id),
            _line("List-Unsubscribe", f"<{envelope.unsubscribe}>") + ONE_CLICK if envelope.unsubscribe else b"",
            _line("In-Reply-To", envelope.in_reply_to) if envelope.in_reply_to else b"",
            _line("References", envelope.in_reply_to) if envelope.in_reply_to else b"",
        )
    )


def with_files(parts: bytes, files: Sequence[Attached]) -> bytes:
    """The words of an email (with their own header line), and the files that go with it behind them."""
    if not files:
        return parts
    return b"".join((MIXED_HEAD, parts, *(_attachment(one) for one in files), b"\r\n--" + MIXED + b"--\r\n"))


def _attachment(file: Attached) -> bytes:
    """A part that is a file."""
    return b"".join(
        (
            b"\r\n--" + MIXED + b"\r\n",
            _line("Content-Type", file.content_type),
            _line("Content-Transfer-Encoding", "base64"),
            _line("Content-Disposition", f"attachment; {_file_name(file.name)}"),
            b"\r\n",
            base64.encodebytes(file.data).replace(b"\n", b"\r\n"),
        )
    )


def _file_name(name: str) -> str:
    """The parameter that names a file; other letters than plain ones as RFC 2231 says, in as many lines as it takes."""
    if name.isascii() and name.isprintable() and not {'"', "\\"} & set(name):
        return f'filename="{name}"'
    pieces, piece = [], "utf-8''"
    for letter in (quote(one, safe="") for one in name):
        if len(piece) + len(letter) > ENCODED_LETTERS:
            pieces.append(piece)
            piece = ""
        piece += letter
    if not pieces:
        return f"filename*={piece}"
    return ";\r\n ".join(f"filename*{number}*={one}" for number, one in enumerate([*pieces, piece]))


def both_parts(written: Written) -> bytes:
    """The text and the HTML, with the header line that says so."""
    return b"".join((TEXT_HEAD, quoted(written.text), HTML_HEAD, quoted(written.html), PARTS_END))


@lru_cache(maxsize=16)
def date_line(second: datetime) -> bytes:
    """The Date of everything that is written in this second."""
    return _line("Date", format_datetime(second))


def encode_words(text: str) -> str:
    """A header's text; words beyond ASCII as RFC 2047 encoded words, folded."""
    if text.isascii() and text.isprintable() and "=?" not in text and len(text) < 200:
        return text
    if UNSAFE.search(text):
        raise BadHeaderError("A line break stands in a header.")
    pieces, piece = [], b""
    for letter in text:
        raw = letter.encode()
        if len(piece) + len(raw) > ENCODED_BYTES:
            pieces.append(piece)
            piece = b""
        piece += raw
    return "\r\n ".join(f"=?utf-8?b?{base64.b64encode(one).decode()}?=" for one in [*pieces, piece])


def mailbox(name: str, address: str) -> str:
    """`Name <address>` for a header."""
    if UNSAFE.search(name):
        raise BadHeaderError("A line break stands in a header.")
    if not name:
        return address
    quoted = name if ATOM.match(name) else '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return f"{quoted if name.isascii() else encode_words(name)} <{address}>"


def _line(name: str, value: str) -> bytes:
    if UNSAFE.search(value) and UNSAFE.search(value.replace("\r\n ", "")):
        raise BadHeaderError(f"A line break stands in {name}.")
    line = f"{name}: {value}"
    if len(line) > WIDTH:
        line = "\r\n".join(_folded(one) for one in line.split("\r\n"))
    return f"{line}\r\n".encode()


def _folded(line: str) -> str:
    """A line in several, broken before blanks where it is too long; its first two words stay together."""
    name, *words = WORDS.findall(line)
    lines = [name + "".join(words[:1])]
    for word in words[1:]:
        if len(lines[-1]) + len(word) > WIDTH:
            lines.append(word)
        else:
            lines[-1] += word
    return "\r\n".join(lines)


def quoted(text: str) -> bytes:
    """As quoted-printable whose lines end with CRLF, however those of the text do."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    return b2a_qp(plain.encode(), istext=True).replace(b"\n", b"\r\n")
