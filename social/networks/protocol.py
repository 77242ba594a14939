"""What every network speaks: what comes in, what goes out, what it can do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from social.models import Connection


@dataclass(frozen=True, slots=True)
class Heard:
    """One thing somebody wrote, in our words, before it is stored.

    `text` may hold HTML; it is cleaned when stored. `is_public` None means as the connection says; `network` "" too.
    """

    remote_id: str
    text: str
    handle: str
    published_at: datetime
    name: str = ""
    author_url: str = ""
    followers: int | None = None
    url: str = ""
    title: str = ""
    thread: str = ""
    language: str = ""
    network: str = ""
    is_public: bool | None = None
    rating: int | None = None
    edited_at: datetime | None = None
    is_deleted: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """What one look brought: items, the cursor behind them, when to look again (None: as usual)."""

    items: Sequence[Heard] = ()
    cursor: Mapping[str, Any] = field(default_factory=dict)
    next_at: datetime | None = None
    is_gone: bool = False  # the source says it will never answer again


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What this connection can do, shown honestly on its page."""

    polls: bool = False
    receives: bool = False
    replies: bool = False


@dataclass(frozen=True, slots=True)
class Outbox:
    """A reply on the wire: its own key, made before the first attempt, and what it answers."""

    key: str
    text: str
    mention_id: str
    mention_url: str
    thread: str
    network: str
    is_public: bool


class NetworkError(Exception):
    """The network did not do what we asked. `again`: worth another try; `wait`: seconds it asked us to wait."""

    def __init__(self, text: str, *, again: bool = True, wait: int = 0) -> None:
        super().__init__(text)
        self.again, self.wait = again, wait


class ForgedError(Exception):
    """A delivery that does not bear our signature, or is too old."""


class Network(Protocol):
    """One kind of connection."""

    def __init__(self, connection: Connection) -> None: ...

    def capabilities(self) -> Capabilities:
        """What it can do."""
        ...

    def poll(self, cursor: Mapping[str, Any]) -> Page:
        """One page from behind the cursor. NetworkError. Called outside any transaction."""
        ...

    def reply(self, row: Outbox) -> str:
        """Hand over an answer and return its id there ("" if it says none). Safe to repeat. NetworkError."""
        ...

    def verify_webhook(self, headers: Mapping[str, str], raw_body: bytes) -> None:
        """Return if the delivery is ours and fresh, else raise ForgedError."""
        ...
