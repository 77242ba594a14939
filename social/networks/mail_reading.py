"""An email as somebody wrote it: who, when, in which thread, and the new part of its text. Nothing in it is believed."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import Message
from email.utils import getaddresses
from hashlib import sha256

from contacts.addresses import BadAddressError, normalise_email
from conversations.channels import HeardFile
from deliverability.seed_tests import results_of
from lib.clock import now
from lib.foreign.cleaning import to_line, to_text
from lib.foreign.mail_headers import decoded, moment_in
from social.networks.mail_files import MOST_TOGETHER, files_in
from social.networks.mail_html import marked_text
from social.networks.mail_quoting import Parted, part_text

LONGEST_TEXT = 100_000
AGAIN = re.compile(r"^(?:\s*(?:re|aw|antw|sv|vs|rv|r|tr|wg|fw|fwd)\s*(?:\[\d+\])?\s*:)+\s*", re.IGNORECASE)
LONGEST_HEADER = 20_000
NO_CHARSETS = {"punycode", "idna"}  # codecs of names: their time grows by the square
BY_PROGRAMS = ("list-unsubscribe", "list-id", "x-loop")
IDS = re.compile(r"<[^<>\s]{3,300}>")


@dataclass(frozen=True, slots=True)
class Letter:
    """One email. `text` is what they wrote themselves, `quoted` what they quote and sign with.

    `thread` is the Message-ID that the exchange began with; `is_proven`: a server we believe says DMARC passed.
    """

    message_id: str
    thread: str
    address: str
    name: str
    subject: str
    text: str
    quoted: str
    written_at: datetime
    is_proven: bool
    is_bulk: bool
    files: tuple[HeardFile, ...] = ()
    names: tuple[str, ...] = ()  # the Message-IDs that it answers, the first of the exchange first
    is_answer: bool = False  # its subject says "Re:"
    full_subject: str = ""  # with what stands before it: so it lies in the mailbox


class NoSenderError(ValueError):
    """An email that says nobody's address."""


def read_letter(raw: bytes, *, proven_by: str = "", is_whole: bool = True, most: int = MOST_TOGETHER) -> Letter:
    """What stands in an email. `proven_by`: whose Authentication-Results are believed; nobody's where it is empty.

    `is_whole`: False where its end was cut off; its files are named then, not kept. `most`: bytes of files that are kept.

    NoSenderError; nothing else goes wrong, whatever is in it.
    """
    message = message_from_bytes(raw)
    name, address = _writer(message)
    found = IDS.findall(_header(message, "message-id"))
    message_id = found[0] if found else f"<{sha256(raw).hexdigest()[:32]}@no.id>"
    said = _text(message)
    before = IDS.findall(_header(message, "references")) + IDS.findall(_header(message, "in-reply-to"))
    said_subject = decoded(_header(message, "subject"))
    subject = to_line(AGAIN.sub("", said_subject), 200)
    return Letter(
        message_id[:300],
        (before[0] if before else message_id)[:300],
        address,
        to_line(name, 200),
        subject,
        said.own,
        said.quoted,
        _written_at(message),
        bool(proven_by) and _is_proven(raw, message, address, proven_by),
        _is_bulk(message),
        files_in(message, is_whole=is_whole, most=most),
        tuple(before),
        AGAIN.match(said_subject) is not None,
        to_line(said_subject, 200),
    )


def _is_proven(raw: bytes, message: Message, address: str, by: str) -> bool:
    """Whether DMARC passed for this address: it speaks of the one address of the one From alone (RFC 7489, 6.6.1)."""
    froms = [one for _name, one in getaddresses([str(value) for value in message.get_all("from") or []])]
    if len(froms) != 1 or froms[0].strip().lower() != address:
        return False
    return results_of(raw.partition(b"\r\n\r\n")[0] + b"\r\n\r\n", by)["dmarc"] == "pass"


def _writer(message: Message) -> tuple[str, str]:
    for header in ("from", "sender", "reply-to"):
        for name, address in getaddresses([_header(message, header)]):
            try:
                return decoded(name), normalise_email(address)
            except BadAddressError:
                continue
    raise NoSenderError("no sender")


def _text(message: Message) -> Parted:
    """What they wrote, of the plain part, else of the HTML, which may say better where a quote begins."""
    parts = [one for one in message.walk() if not one.is_multipart() and not one.get_filename()]
    plain = next((one for one in parts if one.get_content_type() == "text/plain"), None)
    rich = next((one for one in parts if one.get_content_type() == "text/html"), None)
    said = part_text(to_text(_words(plain), LONGEST_TEXT)) if plain is not None else Parted("", "")
    if rich is None or said.quoted:
        return said
    by_structure = part_text(marked_text(_words(rich), LONGEST_TEXT))
    return by_structure if by_structure.quoted or not said.own else said


def _words(part: Message) -> str:
    raw = part.get_payload(decode=True)
    data = raw if isinstance(raw, bytes) else str(part.get_payload()).encode("utf-8", "replace")
    said = part.get_content_charset() or "utf-8"
    for charset in (said if said not in NO_CHARSETS else "utf-8", "utf-8"):
        try:
            return data[: 8 * LONGEST_TEXT].decode(charset)
        except (LookupError, ValueError):  # no such charset, or not written in it
            continue
    return data[: 8 * LONGEST_TEXT].decode("cp1252", "replace")


def _written_at(message: Message) -> datetime:
    """When it says it was written; now where it says nothing, or a time to come."""
    moment, said = now(), moment_in(_header(message, "date"))
    return said if said is not None and datetime(1990, 1, 1, tzinfo=UTC) < said < moment else moment


def _is_bulk(message: Message) -> bool:
    """Newsletters, lists, and what a program sent on and marked so that it would know it again: nobody waits for an answer."""
    precedence = _header(message, "precedence").strip().lower()
    return precedence in {"bulk", "list", "junk"} or any(message.get(name) for name in BY_PROGRAMS)


def _header(message: Message, name: str) -> str:
    return str(message.get(name) or "")[:LONGEST_HEADER]
