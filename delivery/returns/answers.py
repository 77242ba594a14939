"""What became of a text that answers somebody in the inbox: whoever holds the answer hears of it by news.

Unlike a campaign's texts it has no message and no delivery; the carrier is given the answer's own number instead.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from delivery.models import Sender
from delivery.news import answer_told
from lib.foreign.cleaning import to_line

MARK = re.compile(r"answer\.(\d{1,18})\Z")
TAKEN = frozenset({"accepted", "queued", "sending", "sent", "delivered", "read"})
FAILED = frozenset({"failed", "undelivered", "canceled"})
STOPPED = "21610"
CAUSES: dict[str, str | Promise] = {
    STOPPED: _("They texted STOP: the carrier lets nothing through to them until they text START"),
    "21211": _("This is no number"),
    "21614": _("This number takes no texts"),
    "30003": _("Their phone was off or out of reach"),
    "30004": _("The carrier blocked it"),
    "30005": _("There is no such number any more"),
    "30006": _("This number takes no texts"),
    "30007": _("The carrier took it for spam"),
    "30008": _("The carrier gives no reason"),
}


class AnswerWord(NamedTuple):
    """What the carrier says of one answer. `remote_id`: its own id of it; `is_closed`: trying again would not help."""

    remote_id: str
    is_failed: bool
    words: str = ""
    is_closed: bool = False


def mark_of(answer_id: int) -> str:
    """What a carrier is told beside an answer, to name it again."""
    return f"answer.{answer_id}"


def read_mark(text: str) -> int | None:
    """The answer that a mark names; None for any other text."""
    found = MARK.match(text)
    return int(found[1]) if found else None


def cause_of(code: str) -> str:
    """What a code of the carrier of texts means, in words."""
    return str(CAUSES.get(code, "")) or code


def take_answer_status(sender: Sender, answer_id: int, fields: Mapping[str, str]) -> None:
    """Tell what became of an answer by text. May be repeated; the call was proven before."""
    state, code = fields.get("MessageStatus", ""), to_line(fields.get("ErrorCode", ""), 10)
    if state in TAKEN or state in FAILED:
        word = AnswerWord(
            to_line(fields.get("MessageSid", ""), 64), state in FAILED, cause_of(code), is_closed=code == STOPPED
        )
        answer_told.tell(sender=sender, answer_id=answer_id, word=word)
