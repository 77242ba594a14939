"""What a refusal means for the address: there is no such mailbox, it cannot take anything now, or it will not have us.

The code says it where there is one (RFC 3463); else the words do, and where they may mean us the address is not blamed.
"""

import re
from enum import StrEnum

DEAD = re.compile(
    r"(user|mailbox|recipient|account|address).{0,20}(unknown|not found|doesn'?t exist|does not exist)|"
    r"unknown (user|recipient|local|address|mailbox)|"
    r"no such (user|mailbox|recipient|address|account|person)|does ?n[o']t (exist|have an? )|not exist|"
    r"invalid (recipient|mailbox|address|user)|no (mailbox|user) (here )?by that name|"
    r"(mailbox|account|address|recipient).{0,20}(unavailable|disabled|inactive|rejected|deactivated|"
    r"suspended)|not a valid",
    re.IGNORECASE,
)  # fmt: skip
# Words of a refusal that speaks of who sent it, or of what it says: no address is to blame for these.
POLICY = re.compile(
    r"spam|junk|polic(y|ies)\b|\bblock(ed|ing|list)|black ?list|deny|denied|reputation|\brbl\b|dnsbl|barracuda|dmarc|\bspf\b"
    r"|dkim|relay|not allowed|not permitted|prohibited|banned|virus|malware|authenticat|rate.?limit|too many|throttl"
    r"|gr[ae]y ?list|unsolicited|listed (by|in|at)|\bsender\b",
    re.IGNORECASE,
)
FULL = re.compile(r"\bfull\b|quota|over (the )?limit|storage|insufficient|temporar", re.IGNORECASE)
CODE = re.compile(r"\b([45]\d\d)[ -]")
STATUS = re.compile(r"[245]\d\d[ -]([245]\.\d{1,3}\.\d{1,3})(?!\S)")  # at the head of a server's answer
ONE_MAILBOX = re.compile(r"4\d\d[ -]4\.2\.[12]\b|mailbox (is )?full|over ?quota|quota exceeded", re.IGNORECASE)


class Refusal(StrEnum):
    """HARD: there is no such mailbox. SOFT: not now. POLICY: not from us, or not this."""

    HARD = "hard"
    SOFT = "soft"
    POLICY = "policy"


def judge_refusal(status: str, words: str, *, is_delay: bool = False) -> Refusal:
    """What it means, by the enhanced `status` ("" where there is none) and the server's own `words`."""
    _class, _dot, rest = status.partition(".")
    subject, _dot, detail = rest.partition(".")
    if subject == "7" or (subject, detail) in {("1", "7"), ("1", "8")}:
        return Refusal.POLICY
    if is_delay or status.startswith("4"):
        return Refusal.POLICY if not status and POLICY.search(words) else Refusal.SOFT
    if subject == "1" or (subject, detail) == ("2", "1"):
        return Refusal.HARD
    if subject not in {"", "0", "5"}:
        return Refusal.SOFT
    return _by_words(words)


def is_about_us(status: str, words: str) -> bool:
    """Whether the other side refuses the sender or the text: that says nothing about the address."""
    return judge_refusal(status, words) == Refusal.POLICY


def refuses_us(answer: str) -> bool:
    """The same of a server's whole answer, its codes included."""
    found = STATUS.match(answer)
    return is_about_us(found[1] if found else "", answer)


def is_of_one_mailbox(answer: str) -> bool:
    """Whether a refusal for now speaks of one mailbox, which is full or gets too much: its domain takes others as before."""
    return ONE_MAILBOX.search(answer) is not None


def _by_words(words: str) -> Refusal:
    code = CODE.search(words)
    is_for_now = (code is not None and code[1].startswith("4")) or FULL.search(words) is not None
    if POLICY.search(words):
        return Refusal.POLICY
    return Refusal.HARD if DEAD.search(words) and not is_for_now else Refusal.SOFT
