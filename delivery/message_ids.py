"""Message-IDs of what we send: they name message, person, attempt and occasion, so that what comes back names its reader.

`<message.contact.attempt[.occasion].tSEAL@domain>`, the same on each try. The numbers are small and running, so whoever
believes an email without any other proof asks for the seal too: without it anybody could make addresses dead.
"""

import hmac
import re
from typing import NamedTuple

from lib.signing import SEAL_BYTES, TokenMaker, seals_of

PURPOSE = "delivery.id"
SHORT = 6  # bytes of the seal that stand in the id: 48 bits, and a wrong guess is worth one email
OURS = re.compile(r"<?(\d{1,18})\.(\d{1,18})\.(\d{1,6})(?:\.(\d{1,18}))?(?:\.t([0-9a-f]{12}))?@[^>\s]+>?")


class SentId(NamedTuple):
    """What a Message-ID of ours says. `seal` is "" where it has none."""

    message_id: int
    contact_id: int
    attempt: int
    occasion: int
    seal: str


class MessageIds:
    """The Message-IDs of one message for many people."""

    def __init__(self, domain: str, workspace_id: int, message_id: int) -> None:
        self._maker, self._message_id, self._domain = TokenMaker(PURPOSE, workspace_id, message_id), message_id, domain

    def of(self, contact_id: int, attempt: int, occasion: int = 0) -> str:
        """The id of this try, in its angle brackets."""
        seal = self._maker.raw(contact_id)[-SEAL_BYTES:][:SHORT].hex()
        middle = f".{occasion}" if occasion else ""
        return f"<{self._message_id}.{contact_id}.{attempt}{middle}.t{seal}@{self._domain}>"


def read_message_id(text: object) -> SentId | None:
    """What a Message-ID says, with or without its brackets; None for any other text. It proves nothing by itself."""
    found = OURS.fullmatch(text.strip()) if isinstance(text, str) else None
    if found is None:
        return None
    return SentId(int(found[1]), int(found[2]), int(found[3]), int(found[4] or 0), found[5] or "")


def is_sealed(sent: SentId, workspace_id: int) -> bool:
    """Whether we made this id, in this workspace. Keys in SECRET_KEY_FALLBACKS still count."""
    seals = seals_of(PURPOSE, workspace_id, sent.message_id, sent.contact_id)
    return any(hmac.compare_digest(sent.seal, one[:SHORT].hex()) for one in seals)
