"""Headers of emails that strangers wrote: encoded words (RFC 2047) as text, whatever is in them."""

from datetime import UTC, datetime
from email.errors import MessageError
from email.header import decode_header, make_header
from email.utils import parsedate_to_datetime


def decoded(value: object) -> str:
    """The words of a header; as they stand where they cannot be decoded. Never raises."""
    try:
        return str(make_header(decode_header(str(value))))
    except (ValueError, LookupError, MessageError):
        return str(value)


def moment_in(value: object) -> datetime | None:
    """The moment that a Date header says, in UTC where it names no zone; None where it says none. Never raises."""
    try:
        said = parsedate_to_datetime(str(value))
        return said.astimezone(UTC) if said.tzinfo else said.replace(tzinfo=UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
