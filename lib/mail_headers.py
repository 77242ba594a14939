"""Headers of emails that strangers wrote: encoded words (RFC 2047) as text, whatever is in them."""

from email.errors import MessageError
from email.header import decode_header, make_header


def decoded(value: object) -> str:
    """The words of a header; as they stand where they cannot be decoded. Never raises."""
    try:
        return str(make_header(decode_header(str(value))))
    except (ValueError, LookupError, MessageError):
        return str(value)
