"""One email as a provider's interface wants it told: in parts, with the headers that are not its own fields."""

import base64
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from email import message_from_bytes

from delivery.content.compiling import Written
from delivery.content.mime import Attached, CommonHeaders, Envelope

KEYS = uuid.UUID("6b1d4c52-6f0e-4a53-9b0e-2f5f3c1b7d90")  # of idempotency keys made of Message-IDs
TOLD_APART = frozenset({"from", "reply-to", "mime-version"})  # they have fields of their own
ONE_CLICK = "List-Unsubscribe=One-Click"  # RFC 8058
LONGEST_NAME = 80  # Postmark's limit, the shortest


@dataclass(frozen=True, slots=True)
class Letter:
    """One email, ready to go. `mime` is the whole of it, for who takes that."""

    to: str
    message_id: str
    words: Written = field(default_factory=lambda: Written("", "", ""))
    headers: dict[str, str] = field(default_factory=dict)
    files: Sequence[Attached] = ()
    mime: bytes = b""

    @property
    def name(self) -> str:
        """Its Message-ID without brackets, for the provider's metadata: by it what comes back is found."""
        return self.message_id.strip("<>")[:LONGEST_NAME]

    @property
    def tag(self) -> str:
        """The same in letters, digits and lines only."""
        return self.name.partition("@")[0].replace(".", "_")

    @property
    def key(self) -> str:
        """The same each time this email is tried, and no other's."""
        return str(uuid.uuid5(KEYS, self.message_id))


def shared_headers(common: CommonHeaders) -> dict[str, str]:
    """The header lines of a message as names and values, those left out that have fields of their own."""
    read = message_from_bytes(common.lines)
    return {name: " ".join(str(value).split()) for name, value in read.items() if name.lower() not in TOLD_APART}


def own_headers(shared: dict[str, str], envelope: Envelope) -> dict[str, str]:
    """The headers of one email."""
    found = dict(shared)
    if envelope.unsubscribe:
        found |= {"List-Unsubscribe": f"<{envelope.unsubscribe}>", "List-Unsubscribe-Post": ONE_CLICK}
    if envelope.in_reply_to:
        found["In-Reply-To"] = found["References"] = envelope.in_reply_to
    return found | {"Message-ID": envelope.message_id}


def base64_of(file: Attached) -> str:
    """A file's bytes as JSON carries them."""
    return base64.b64encode(file.data).decode()
