"""Touchpoints from a CSV file: one row, one fact, refused rows by their line."""

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from contacts.addresses import BadAddressError, normalise_email, normalise_phone
from contacts.channels import Channel
from contacts.models import Identity
from contacts.reserved_ids import names_nobody
from contacts.resolving import Hint
from lib.foreign.cleaning import to_storable
from touchpoints.facts import BadFactError, Fact, check_moment
from touchpoints.money import read_minor

COLUMNS = "kind, occurred_at, id, user_id, email, phone, handle, channel, value, currency, sentiment, note"
LONGEST_ID = 300
SENTIMENT = re.compile(r"[+-]?(0?\.\d{1,9}|0|1)(\.0{1,9})?\Z")
CHANNELS = {channel.name.lower(): int(channel) for channel in Channel}


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that was not recorded, by its line in the file, and why."""

    line: int
    reason: str


def read_facts(lines: Iterable[str], *, now: datetime) -> Iterator[tuple[int, Fact | BadRow]]:
    """(line, fact or bad row) for each row. Columns by the header: kind and occurred_at, and who it was.

    An `id` makes a row repeatable under any name; without one the row's own text does.
    """
    reader = csv.DictReader(lines, strict=True)
    rows = iter(reader)
    while True:
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            broken = reader.reader.line_num  # DictReader's own number still is that of the last good row
            yield broken, BadRow(broken, str(error))
            return
        try:
            yield reader.line_num, _fact(row, now)
        except (BadFactError, BadAddressError) as error:
            yield reader.line_num, BadRow(reader.line_num, str(error))


def _fact(row: dict[str, Any], now: datetime) -> Fact:
    if None in row or None in row.values():
        raise BadFactError("another number of columns than the header has")
    said = {to_storable(name).lower(): to_storable(value) for name, value in row.items()}
    if not said.get("kind"):
        raise BadFactError("no kind")
    hints = _hints(said)
    if not hints:
        raise BadFactError("nobody is named: user_id, email, phone or handle")
    channel = said.get("channel", "").lower()
    if channel and channel not in CHANNELS:
        raise BadFactError(f"channel is {channel!r}; known are {', '.join(CHANNELS)}")
    return Fact(
        kind=said["kind"],
        external_id=said.get("id", "")[:LONGEST_ID] or "row-" + "|".join(said.values())[:280],
        occurred_at=_moment(said.get("occurred_at", ""), now),
        hints=hints,
        channel=CHANNELS.get(channel),
        value_minor=_amount(said.get("value", "")),
        currency=said.get("currency", "").upper()[:3] or None,
        sentiment_milli=_sentiment(said.get("sentiment", "")),
        payload={"note": said["note"]} if said.get("note") else {},
    )


def _hints(said: dict[str, str]) -> tuple[Hint, ...]:
    found = []
    if said.get("user_id") and not names_nobody(said["user_id"]):
        found.append(Hint(Identity.Kind.EXTERNAL_ID.value, said["user_id"][:LONGEST_ID], True, "from a file"))
    if said.get("email"):
        found.append(Hint(Identity.Kind.EMAIL.value, normalise_email(said["email"]), False, "from a file"))
    if said.get("phone"):
        found.append(Hint(Identity.Kind.PHONE.value, normalise_phone(said["phone"]), False, "from a file"))
    if said.get("handle") and not names_nobody(said["handle"]):
        found.append(Hint(Identity.Kind.HANDLE.value, said["handle"][:LONGEST_ID], False, "from a file"))
    return tuple(found)


def _moment(text: str, now: datetime) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadFactError(f"occurred_at {text!r} is not ISO 8601") from error
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    check_moment(moment, now=now)
    return moment.astimezone(UTC)


def _amount(text: str) -> int | None:
    """In hundredths."""
    minor = read_minor(text) if text else None
    if text and minor is None:
        raise BadFactError(f"value {text[:40]!r} is not an amount")
    return minor


def _sentiment(text: str) -> int | None:
    """From -1 to 1, in thousandths."""
    if not text:
        return None
    if not SENTIMENT.match(text):
        raise BadFactError(f"sentiment {text[:40]!r} is not a number from -1 to 1")
    return round(float(text) * 1000)
