"""What every network speaks, beyond what the inbox asks of a channel: how messages come in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, ClassVar, Protocol

from django.utils.functional import Promise

from conversations.channels import AnswerableChannel, Heard
from conversations.models import Mention
from lib.connections.held_lines import HeldLine
from social.forms import ConnectForm


@dataclass(frozen=True, slots=True)
class Page:
    """What one look brought: items, the cursor behind them, when to look again (None: as usual)."""

    items: Sequence[Heard] = ()
    refused: Sequence["Refused"] = ()
    note: str = ""  # what was left out, in words
    is_silent: bool = False  # the ids of this source are made otherwise from now on: nobody is called because of it
    cursor: Mapping[str, Any] = field(default_factory=dict)
    next_at: datetime | None = None
    is_gone: bool = False  # the source says it will never answer again
    health: Mapping[str, Any] | None = None  # what its server said of itself; None: nothing


@dataclass(frozen=True, slots=True)
class Refused:
    """One item of a delivery that cannot be kept: its place, and the field and rule in words."""

    index: int
    reason: str
    name: str = ""  # its id there, if it says one
    excerpt: str = ""


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a delivery holds: what can be kept, and what not."""

    items: Sequence[Heard] = ()
    refused: Sequence[Refused] = ()


@dataclass(frozen=True, slots=True)
class Challenge:
    """The answer by which an address proves that it is ours, to a network that asks before it delivers."""

    text: str
    content_type: str = "text/plain"


class ForgedError(Exception):
    """A delivery that does not bear our signature, or is too old."""


class BadBodyError(ValueError):
    """A delivery that cannot be read at all, or holds too much; the text says where."""


class Network(AnswerableChannel, Protocol):
    """One kind of connection: a class in a file of its own with its form, offered in room.py."""

    says: ClassVar[str | Promise]  # one line about it, where connections are added
    form: ClassVar[type[ConnectForm]]
    needs_keys: ClassVar[bool]  # whether it wants an app of the workspace's own there; `says` tells it

    def poll(self, cursor: Mapping[str, Any]) -> Page:
        """One page from behind the cursor. ChannelError. Called outside any transaction."""
        ...

    def verify_webhook(self, headers: Mapping[str, str], raw_body: bytes) -> None:
        """Return if the delivery is theirs and fresh, else raise ForgedError. Called before `parse_webhook`."""
        ...

    def challenge(self, params: Mapping[str, str]) -> Challenge | None:
        """What a question to our address is answered with; None where it is not for us."""
        ...

    def parse_webhook(self, headers: Mapping[str, str], raw_body: bytes) -> Parsed:
        """The items of a verified delivery, in this network's own format. BadBodyError."""
        ...


class Streaming(Protocol):
    """What a network does whose capabilities say that it streams."""

    def open_stream(self) -> HeldLine:
        """A line on which it says that there is news. LineRefusedError where it will not, OSError. Outside any transaction."""
        ...


class Finder(Protocol):
    """What a network does whose capabilities name kinds of listeners: WatchedQuery.Kind.

    `finds_followed`: of how many finds it is asked at once what became of them, and after what time again.
    """

    finds_followed: ClassVar[tuple[int, timedelta]]

    def find(self, kind: str, query: str, cursor: Mapping[str, Any]) -> Page:
        """What stands there of a hashtag or words behind the cursor, without our own. ChannelError. Outside any transaction."""
        ...

    def look_again(self, found: Sequence[Mention]) -> list[Heard]:
        """What became of these: deleted, changed or as they are; nothing of what it does not say. ChannelError."""
        ...


class Listener:
    """What a network does that takes no webhooks and need not be polled: the others override what they can."""

    vouches: ClassVar[bool] = False
    needs_keys: ClassVar[bool] = False

    def poll(self, cursor: Mapping[str, Any]) -> Page:
        return Page(cursor=cursor)

    def challenge(self, params: Mapping[str, str]) -> Challenge | None:
        return None

    def verify_webhook(self, headers: Mapping[str, str], raw_body: bytes) -> None:
        raise ForgedError("this connection takes no webhooks")

    def parse_webhook(self, headers: Mapping[str, str], raw_body: bytes) -> Parsed:
        raise BadBodyError("this connection takes no webhooks")
