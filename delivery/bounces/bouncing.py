"""Reads what comes back: bounces (RFC 3464 and the many that follow no RFC), complaints (RFC 5965), auto-replies
(RFC 3834). What it cannot name it calls "other", and others change nothing.
"""

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from email import message_from_bytes, message_from_string
from email.message import Message
from email.utils import getaddresses

from flufl.bounce import all_failures

from delivery.bounces.refusals import CODE, DEAD, Refusal, judge_refusal
from delivery.message_ids import SentId, read_message_id
from delivery.messengers.smtp_line import ENHANCED
from lib.foreign.mail_bounds import MailBombError, check_bounds
from lib.foreign.mail_headers import decoded, moment_in

LINE_END = re.compile(rb"\r\n|\r")
ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
DAEMONS = re.compile(
    r"mailer[- ]?daemon|postmaster|mail delivery|mail-daemon|mdaemon|no-?reply@.*bounce", re.IGNORECASE
)
FAILURES = re.compile(
    r"undeliver|returned mail|return(ed)? to sender|deliver\w* (status|fail|problem|error|incomplete)"
    r"|failure (notice|delivery)"
    r"|mail (delivery|failure|error)|could ?n[o']t (be )?deliver|not delivered|rejected|unzustellbar|non remis",
    re.IGNORECASE,
)
AWAY = re.compile(
    r"out of (the )?office|automatic reply|auto[- ]?(reply|response)|autoreply|vacation|abwesen"
    r"|réponse automatique|away from",
    re.IGNORECASE,
)
MOST_TEXT = 40_000
OPT_OUT = "opt-out"
logging.getLogger("flufl.bounce").setLevel(logging.WARNING)


@dataclass(frozen=True, slots=True)
class Returned:
    """What a message that came back says. `kind`: bounce, complaint, autoreply, other; `hardness`: hard, soft, ""."""

    kind: str
    hardness: str = ""
    addresses: tuple[str, ...] = ()
    status: str = ""
    diagnostic: str = ""
    sent: SentId | None = None  # what our own Message-ID says; believe it only with its seal (message_ids.is_sealed)
    is_delay: bool = field(default=False, compare=False)  # the server still tries
    said_at: datetime | None = field(default=None, compare=False)  # by its own Date, which may be anything


def read_returned(raw: bytes) -> Returned:
    """Say what this message is. Never raises for bad mail; what is made to be costly is not opened, and "other"."""
    try:
        check_bounds(raw)
    except MailBombError:
        return Returned("other")
    message = message_from_bytes(LINE_END.sub(b"\n", raw))
    sent = _our_message(message)
    found = _complaint(message) or _status_report(message) or _auto_reply(message) or _by_habit(message)
    found = found or Returned("other")
    return replace(found, sent=sent, said_at=moment_in(message.get("date", "")))


def enclosed_ids(raw: bytes) -> list[str]:
    """The Message-IDs of the emails that a report encloses or answers, ours or not. Never raises for bad mail."""
    try:
        check_bounds(raw)
    except MailBombError:
        return []
    message = message_from_bytes(LINE_END.sub(b"\n", raw))
    named = [str(one.get("message-id", "")) for one in _originals(message)]
    named += [str(message.get(name, "")) for name in ("in-reply-to", "references")]
    return [one for words in named for one in words[:MOST_TEXT].split()]


def _complaint(message: Message) -> Returned | None:
    for part in message.walk():
        if part.get_content_type() == "message/feedback-report":
            report = _fields(_text(part))
            original = next((one for one in _originals(message)), None)
            named = [report.get("original-rcpt-to", ""), report.get("removal-recipient", "")]
            to = [str(original.get("to", ""))] if original is not None else []
            return Returned(
                "complaint", "", _addresses([*named] if any(named) else to), "", report.get("feedback-type", "")
            )
    return _complaint_by_habit(message)


def _complaint_by_habit(message: Message) -> Returned | None:
    """Two big houses that send no report: one encloses the email, one writes an opt-out in the reader's name."""
    if message.get("x-apple-unsubscribe"):
        return Returned("complaint", "", _addresses([str(message.get("from", ""))]), "", OPT_OUT)
    if str(message.get("subject", "")).strip().lower().startswith("complaint about message from"):
        readers = [str(one.get("x-hmxmroriginalrecipient", "") or one.get("to", "")) for one in _originals(message)]
        return Returned("complaint", "", _addresses(readers), "", "abuse")
    return None


def _status_report(message: Message) -> Returned | None:
    """The machine-readable part of RFC 3464."""
    for part in message.walk():
        if part.get_content_type() not in {"message/delivery-status", "message/global-delivery-status"}:
            continue
        failed, delayed, fine = [], [], False
        for block in re.split(r"\n\s*\n", _text(part)):
            fields = _fields(block)
            recipient = fields.get("final-recipient") or fields.get("original-recipient") or ""
            if not recipient:
                continue
            action, row = fields.get("action", "failed").lower(), (recipient.rpartition(";")[2], fields)
            fine = fine or action.startswith(("deliver", "relay", "expand"))
            if action.startswith("fail"):
                failed.append(row)
            elif action.startswith("delay"):
                delayed.append(row)
        if failed or delayed:
            return _bounce(
                [row[0] for row in failed or delayed], (failed or delayed)[0][1], message, is_delay=not failed
            )
        if fine:
            return Returned("other")
        return _without_recipients(message)
    return None


def _without_recipients(message: Message) -> Returned | None:
    """A report that names nobody: the email that it encloses does. Nothing is known of the address, so it is soft."""
    if not FAILURES.search(decoded(message.get("subject", ""))):
        return None
    to = [str(one.get("x-original-to", "") or one.get("to", "")) for one in _originals(message)]
    addresses = _addresses(to[:1])
    return Returned("bounce", "soft", addresses) if addresses else None


def _bounce(recipients: list[str], fields: dict[str, str], message: Message, *, is_delay: bool) -> Returned:
    diagnostic = fields.get("diagnostic-code", "").partition(";")[2].strip() or fields.get("diagnostic-code", "")
    given = ENHANCED.search(fields.get("status", ""))
    status = given[0] if given else ""
    better = ENHANCED.search(diagnostic)
    if better and (not status or status.endswith(".0.0")):
        status = better[0]
    addresses = _addresses(recipients) or _flufl(message)[0] or _named_in(_first_text(message), message)
    hardness = _hardness(status, diagnostic, is_delay=is_delay)
    return Returned("bounce", hardness, addresses, status, diagnostic[:300], is_delay=is_delay)


def _auto_reply(message: Message) -> Returned | None:
    sender = str(message.get("from", ""))
    submitted = str(message.get("auto-submitted", "")).lower()
    marks = any(
        message.get(name) for name in ("x-autoreply", "x-autorespond", "x-auto-response-suppress", "x-autoresponder")
    )
    bulk = str(message.get("precedence", "")).lower() == "auto_reply"
    subject = decoded(message.get("subject", ""))
    is_reply = submitted.startswith("auto-replied") or marks or bulk or bool(AWAY.search(subject))
    from_machine = DAEMONS.search(sender) or FAILURES.search(subject) or message.get("x-failed-recipients")
    return Returned("autoreply") if is_reply and not from_machine else None


def _by_habit(message: Message) -> Returned | None:
    """Bounces without a report: known habits of servers, then a cautious look at the text."""
    addresses, is_temporary = _flufl(message)
    head = f"{message.get('from', '')} {decoded(message.get('subject', ''))}"
    text = _first_text(message)
    if not addresses:
        named = _addresses([str(message.get("x-failed-recipients", ""))])
        if not named and DAEMONS.search(str(message.get("from", ""))) and FAILURES.search(f"{head} {text[:2000]}"):
            named = _named_in(text, message)
        addresses = named
    if not addresses:
        return None
    found = ENHANCED.search(text)
    status = found[0] if found else ""
    line = next((one.strip() for one in text.splitlines() if CODE.search(one) or DEAD.search(one)), "")
    return Returned(
        "bounce", _hardness(status, line or text[:500], is_delay=is_temporary), addresses, status, line[:300]
    )


def _hardness(status: str, words: str, *, is_delay: bool) -> str:
    """Hard: there is no such mailbox. Soft: full, asked to wait, refused for what it said."""
    return "hard" if judge_refusal(status, words, is_delay=is_delay) == Refusal.HARD else "soft"


def _flufl(message: Message) -> tuple[tuple[str, ...], bool]:
    """(addresses, whether only for now) by the habits that flufl.bounce knows."""
    try:
        temporary, permanent = all_failures(message)
    except (ValueError, TypeError, LookupError, AttributeError, AssertionError):
        return (), False
    names = sorted(one.decode("utf-8", "replace") for one in permanent or temporary)  # sets: in any order
    return _addresses(names), bool(temporary and not permanent)


def _named_in(text: str, message: Message) -> tuple[str, ...]:
    """The first address in the report's own words that is not the one it was sent to."""
    own = set(_addresses([str(message.get("to", "")), str(message.get("from", ""))]))
    for line in text.splitlines()[:60]:
        found = [one for one in _addresses([line]) if one not in own and not DAEMONS.search(one)]
        if found:
            return tuple(found[:1])
    return ()


def _our_message(message: Message) -> SentId | None:
    """The Message-ID of the email that is enclosed, where it is ours."""
    for original in _originals(message):
        for word in str(original.get("message-id", "")).split():
            if (found := read_message_id(word)) and word.startswith("<"):
                return found
    return None


def _originals(message: Message) -> Iterator[Message]:
    """The email, or its head, that a report encloses."""
    for part in message.walk():
        kind = part.get_content_type()
        if kind == "message/rfc822" and isinstance(part.get_payload(), list):
            yield part.get_payload(0)  # type: ignore[misc]
        elif kind == "text/rfc822-headers":
            yield message_from_string(_text(part))


def _first_text(message: Message) -> str:
    for part in message.walk():
        if part.get_content_maintype() == "text":
            return _text(part)[:MOST_TEXT]
    return ""


def _text(part: Message) -> str:
    payload = part.get_payload()
    if isinstance(payload, list):
        return "\n\n".join(f"{one}" for one in payload)
    raw = part.get_payload(decode=True)
    return raw.decode("utf-8", "replace") if isinstance(raw, bytes) else str(payload)


def _fields(block: str) -> dict[str, str]:
    """Header-like lines, unfolded, by lower-case name; the first of a name counts."""
    found: dict[str, str] = {}
    for line in re.sub(r"\n[ \t]+", " ", block).splitlines():
        name, colon, value = line.partition(":")
        if colon:
            found.setdefault(name.strip().lower(), value.strip())
    return found


def _addresses(texts: list[str]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for text in texts:
        bare = [address for _name, address in getaddresses([text]) if ADDRESS.fullmatch(address)] or ADDRESS.findall(
            text
        )
        found |= dict.fromkeys(one.strip(".").lower() for one in bare)
    return tuple(found)
