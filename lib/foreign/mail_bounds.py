"""Emails of strangers that would keep a worker busy, or break the parser, are known before anything is parsed.

The standard parser goes into itself for each nested part, and looks at each line of a part: thousands of either are no
email that a person or a mail server wrote.
"""

import re

MOST_HEAD = 256_000  # bytes of a head with all its proofs of relays; usual ones have less than 20,000
MOST_NESTED, MOST_PARTS = 100, 5_000
NESTING = re.compile(rb"boundary\s*=|message/(?:rfc822|global)", re.IGNORECASE)


class MailBombError(ValueError):
    """An email that is made to be costly: it is not read."""


def check_bounds(raw: bytes) -> None:
    """MailBombError where the head is too long, or parts are too many or too deep."""
    head = re.search(rb"\r?\n\r?\n", raw[: MOST_HEAD + 4])
    if head is None and len(raw) > MOST_HEAD:
        raise MailBombError("head")
    nested = sum(1 for _one in NESTING.finditer(raw))
    if nested > MOST_NESTED:
        raise MailBombError("nested")
    if nested and raw.count(b"\n--") > MOST_PARTS:
        raise MailBombError("parts")
