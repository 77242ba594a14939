"""An email as somebody wrote it: who, when, in which thread, and the new part of its text. Nothing in it is believed."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import Message
from email.utils import getaddresses
from hashlib import sha256

from contacts.addresses import BadAddressError, normalise_email
from deliverability.seed_tests import results_of
from lib.cleaning import html_to_text, to_line, to_text
from lib.clock import now
from lib.mail_headers import decoded, moment_in

LONGEST_TEXT = 100_000
AGAIN = re.compile(r"^(?:\s*(?:re|aw|antw|sv|vs|rv|r|tr|wg|fw|fwd)\s*(?:\[\d+\])?\s*:)+\s*", re.IGNORECASE)
LONGEST_HEADER = 20_000
NO_CHARSETS = {"punycode", "idna"}  # codecs of names: their time grows by the square
IDS = re.compile(r"<[^<>\s]{3,300}>")
# What mail programs write above what they quote, in the languages of our users and their customers
INTRODUCTIONS = re.compile(
    r"^(?:-{2,}\s*(?:original message|ursprüngliche nachricht|message d'origine|mensaje original|messaggio originale|"
    r"oorspronkelijk bericht|forwarded message|weitergeleitete nachricht)\s*-{2,}"
    r"|_{10,}"
    r"|(?:on|am|le|el|il|op|den)\s.{6,200}(?:wrote|schrieb|a écrit|escribió|ha scritto|schreef|skrev)\b[^\n]{0,80}:"
    r"|.{0,120}\b(?:wrote|schrieb|a écrit|escribió|ha scritto|schreef):)\s*$",
    re.IGNORECASE,
)
HEADS = re.compile(r"^\*?(?:from|von|de|da|van)\s*:\*?\s.*\S@\S", re.IGNORECASE)
SIGNATURE = re.compile(r"^-- ?$")
PHONES = re.compile(
    r"^(?:sent from my|von meinem|gesendet von|envoyé de mon|enviado desde|inviato da)\b.{0,60}$", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Letter:
    """One email. `thread` is the Message-ID that the exchange began with; `is_proven`: a server we believe says DMARC passed."""

    message_id: str
    thread: str
    address: str
    name: str
    subject: str
    text: str
    written_at: datetime
    is_proven: bool
    is_bulk: bool
    names: tuple[str, ...] = ()  # the Message-IDs that it answers, the first of the exchange first


class NoSenderError(ValueError):
    """An email that says nobody's address."""


def read_letter(raw: bytes, *, proven_by: str = "") -> Letter:
    """What stands in an email. `proven_by`: whose Authentication-Results are believed; nobody's where it is empty.

    NoSenderError; nothing else goes wrong, whatever is in it.
    """
    message = message_from_bytes(raw)
    name, address = _writer(message)
    found = IDS.findall(_header(message, "message-id"))
    message_id = found[0] if found else f"<{sha256(raw).hexdigest()[:32]}@no.id>"
    before = IDS.findall(_header(message, "references")) + IDS.findall(_header(message, "in-reply-to"))
    subject = to_line(AGAIN.sub("", decoded(_header(message, "subject"))), 200)
    return Letter(
        message_id[:300],
        (before[0] if before else message_id)[:300],
        address,
        to_line(name, 200),
        subject,
        new_part(_text(message)),
        _written_at(message),
        bool(proven_by) and _is_proven(raw, message, address, proven_by),
        _is_bulk(message),
        tuple(before),
    )


def _is_proven(raw: bytes, message: Message, address: str, by: str) -> bool:
    """Whether DMARC passed for this address: it speaks of the one address of the one From alone (RFC 7489, 6.6.1)."""
    froms = [one for _name, one in getaddresses([str(value) for value in message.get_all("from") or []])]
    if len(froms) != 1 or froms[0].strip().lower() != address:
        return False
    return results_of(raw.partition(b"\r\n\r\n")[0] + b"\r\n\r\n", by)["dmarc"] == "pass"


def new_part(text: str) -> str:
    """What they wrote themselves: without what they quote below, without their signature. All of it where nothing is left."""
    lines = text.split("\n")
    end = next((no for no, line in enumerate(lines) if _begins_quote(lines, no)), len(lines))
    own = lines[:end]
    signed = next((no for no, line in enumerate(own) if SIGNATURE.match(line) or PHONES.match(line.strip())), len(own))
    while signed and own[signed - 1].strip() == "":
        signed -= 1
    kept = "\n".join(own[:signed]).strip()
    return kept or text.strip()


def _begins_quote(lines: list[str], no: int) -> bool:
    """Whether what follows is quoted to the end: an introduction, a head of another email, or nothing but ">"."""
    line = lines[no].strip()
    if not line:
        return False
    if INTRODUCTIONS.match(line) or (no + 1 < len(lines) and INTRODUCTIONS.match(f"{line} {lines[no + 1].strip()}")):
        return True
    if HEADS.match(line) and any(lines[at].strip() for at in range(no + 1, min(no + 4, len(lines)))):
        return True
    return line.startswith(">") and all(one.strip() == "" or one.lstrip().startswith(">") for one in lines[no:])


def _writer(message: Message) -> tuple[str, str]:
    for header in ("from", "sender", "reply-to"):
        for name, address in getaddresses([_header(message, header)]):
            try:
                return decoded(name), normalise_email(address)
            except BadAddressError:
                continue
    raise NoSenderError("no sender")


def _text(message: Message) -> str:
    """The plain part, else the HTML as text."""
    parts = [one for one in message.walk() if not one.is_multipart() and not one.get_filename()]
    plain = next((one for one in parts if one.get_content_type() == "text/plain"), None)
    rich = next((one for one in parts if one.get_content_type() == "text/html"), None)
    if plain is not None and (text := to_text(_words(plain), LONGEST_TEXT)).strip():
        return text
    return html_to_text(_words(rich), LONGEST_TEXT) if rich is not None else ""


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
    """Newsletters and lists: nobody waits for an answer."""
    precedence = _header(message, "precedence").strip().lower()
    return precedence in {"bulk", "list", "junk"} or bool(message.get("list-unsubscribe") or message.get("list-id"))


def _header(message: Message, name: str) -> str:
    return str(message.get(name) or "")[:LONGEST_HEADER]
