"""What comes back about one email, in one form, whoever tells of it: a provider's webhook, a report, a mailbox."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from django.utils.dateparse import parse_datetime

from contacts.addresses import BadAddressError, normalise_email
from delivery.message_ids import read_message_id
from delivery.messengers.smtp_line import ENHANCED
from lib.clock import is_storable, now
from lib.foreign.cleaning import to_line

MOST_EVENTS = 5_000
LONGEST_WORDS = 300
AHEAD = timedelta(minutes=5)  # a clock may be wrong by so much; what is said to be later is of now


class Kind(StrEnum):
    """What became of it. Of two that disagree the later one in this list is what counts."""

    TAKEN = "taken"  # whoever carries it has it
    DELIVERED = "delivered"
    OPEN = "open"
    CLICK = "click"
    SOFT = "soft"  # it came back, and may arrive another day
    HARD = "hard"  # there is no such mailbox
    UNSUBSCRIBE = "unsubscribe"
    COMPLAINT = "complaint"


@dataclass(frozen=True, slots=True)
class ReturnEvent:
    """One thing that became of one email. `sent` is what our own Message-ID says: (message, contact, occasion)."""

    kind: Kind
    at: datetime
    address: str = ""
    sent: tuple[int, int, int | None] | None = None
    status: str = ""
    words: str = ""
    agent: str = ""
    url: str = ""

    @property
    def answer(self) -> str:
        """The other side's answer as a delivery keeps it."""
        return f"{self.status} {self.words}".strip()[:LONGEST_WORDS]


@dataclass(frozen=True, slots=True)
class Told:
    """What one call told: its events, and how many things of it we know nothing of."""

    events: Sequence[ReturnEvent] = ()
    unknown_count: int = 0


def our_message(text: object) -> tuple[int, int, int | None] | None:
    """(message, contact, occasion) of a Message-ID that we made; None for any other text."""
    found = read_message_id(text)
    return (found.message_id, found.contact_id, found.occasion) if found else None


def event(
    kind: Kind,
    *,
    at: object,
    address: object,
    message_id: object = "",
    words: object = "",
    status: object = "",
    agent: object = "",
    url: object = "",
) -> ReturnEvent:
    """One event, made of whatever stood there: what cannot be read is empty, a moment that cannot be is now."""
    given = ENHANCED.search(status) if isinstance(status, str) else None
    said = to_line(words, LONGEST_WORDS) if isinstance(words, str) else ""
    found = given or ENHANCED.search(said)
    return ReturnEvent(
        kind,
        moment_of(at),
        address_of(address),
        our_message(message_id),
        found[0] if found else "",
        said,
        to_line(agent, 300) if isinstance(agent, str) else "",
        url[:2_000] if isinstance(url, str) else "",
    )


def moment_of(given: object) -> datetime:
    """A moment from seconds since 1970 or an ISO text; now for anything else, and for what has not come yet."""
    found: datetime | None = None
    try:
        if isinstance(given, int | float) and not isinstance(given, bool):
            found = datetime.fromtimestamp(given, UTC)
        elif isinstance(given, str):
            found = datetime.fromtimestamp(float(given), UTC) if given.isdigit() else parse_datetime(given)
    except (ValueError, OverflowError, OSError):
        found = None
    if found is not None and found.tzinfo is None:
        found = found.replace(tzinfo=UTC)
    moment = now()
    if found is None or not is_storable(found) or found > moment + AHEAD:
        return moment
    return min(found, moment)


def address_of(given: object) -> str:
    """The normalised address, "" where it is none."""
    try:
        return normalise_email(given) if isinstance(given, str) and given else ""
    except BadAddressError:
        return ""


def part_of(tree: Any, *path: str) -> Any:
    """What stands at this place of a stranger's tree; None where there is no such place."""
    for name in path:
        tree = tree.get(name) if isinstance(tree, dict) else None
    return tree


def word_of(tree: Any, *path: str) -> str:
    """The text at this place; "" for anything else that may stand there."""
    found = part_of(tree, *path)
    return found if isinstance(found, str) else ""


def texts_in(given: Any) -> list[str]:
    """The texts of a list, or the one text; nothing else."""
    return [one for one in (given if isinstance(given, list) else [given]) if isinstance(one, str)][:MOST_EVENTS]
