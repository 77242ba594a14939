"""A channel that can be answered: what comes in by it, what goes out, what it can do.

Whoever brings messages in (a network, a mailbox) offers a class for its connections; the inbox asks it for no more
than stands here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Protocol
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from conversations.models import Connection, Mention
from lib.pictures import Remade
from lib.rooms import house

LONGEST_ALT = 1_500  # letters that say what a picture shows, where a network does not take fewer


@dataclass(frozen=True, slots=True)
class HeardFile:
    """A file that came with something. `size` in bytes; `data` is empty where it was too large to be kept. `small`: a small
    picture of it, where it is one that can be read.
    """

    name: str
    content_type: str
    size: int
    data: bytes
    small: Remade | None = None


@dataclass(frozen=True, slots=True)
class Heard:
    """One thing somebody wrote, in our words, before it is stored.

    `is_html` says what `text` is; plain text is kept as it stands. `is_public` None means as the connection says;
    `network` "" too. `is_proven`: whether it is certain who wrote; None: as the connection vouches. `is_final`: its source
    never changes what it said, so whatever comes under the same id later is somebody else's and changes nothing.
    `visibility` (visibility.py) says who can read it, "" where only `is_public` is known; `warning` what its author set
    before it; `parent_id` what it answers there; `wire` what the network needs to be answered, kept as it is. `is_unseen`: we
    are not let see it any more, which is no delete. `found_by` names the listener that found it ("#tea"): nobody spoke to
    us, so it asks for no answer. `touchpoint_id`: the fact by which the ledger knows it already. `is_order`: a word that a
    machine has obeyed, such as STOP: nobody waits for an answer to it. `quoted` is what they repeated of us, and signed with.
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
    is_unseen: bool = False
    is_html: bool = False
    is_proven: bool | None = None
    is_final: bool = False
    visibility: str = ""
    warning: str = ""
    parent_id: str = ""
    found_by: str = ""
    touchpoint_id: UUID | str | None = None
    is_order: bool = False
    quoted: str = ""
    files: tuple[HeardFile, ...] = ()
    wire: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that is shown with an answer: `alt` says in words what it shows. `pk` is of its row; `remote_id` its id on the
    network, "" as long as it was not uploaded.
    """

    pk: int
    data: bytes
    content_type: str
    alt: str
    width: int
    height: int
    remote_id: str = ""


@dataclass(frozen=True, slots=True)
class Outbox:
    """A reply on the wire: its own key, made before the first attempt, and what it answers.

    `visibility` is who may read the answer, never more than could read what it answers; `handle` who wrote that. `wire` is
    what the network kept with it. `created_at` is when the answer was given; `attempt` is 1 for the first.
    """

    key: str
    text: str
    mention_id: str
    mention_url: str
    thread: str
    network: str
    is_public: bool
    visibility: str = ""
    warning: str = ""
    language: str = ""
    handle: str = ""
    wire: Mapping[str, Any] = field(default_factory=dict)
    created_at: datetime | None = None
    attempt: int = 1
    pictures: Sequence[Picture] = ()


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What this connection can do, shown honestly on its page.

    `longest` is how many letters as a person counts them one post takes (0: no end), `posts` into how many a longer answer
    may be cut. `narrows`: an answer can be shown to fewer people than what it answers. `in_segments`: it is paid for by the
    segments of texts. `finds` are kinds of listeners (WatchedQuery.Kind) that it can be asked for. `cannot` says in words
    what this server does not do. `longest_alt` is how many letters say at most what a picture shows; `why_no_media` in a
    sentence why none is shown, where its writer may expect it.
    """

    polls: bool = False
    streams: bool = False  # it tells us by itself that there is news
    receives: bool = False
    replies: bool = False
    files: bool = False  # whether files may go with an answer, where the sender takes them
    media: int = 0  # how many pictures may be shown with an answer
    longest_alt: int = LONGEST_ALT
    why_no_media: str = ""
    likes: bool = False
    narrows: bool = False
    in_segments: bool = False
    longest: int = 0
    posts: int = 1
    finds: Sequence[str] = ()
    cannot: Sequence[str] = ()


class ChannelError(Exception):
    """The channel did not do what we asked. `again`: worth another try; `wait`: seconds it asked us to wait."""

    def __init__(self, text: str, *, again: bool = True, wait: int = 0) -> None:
        super().__init__(text)
        self.again, self.wait = again, wait


class ClosedError(ChannelError):
    """The way to them is closed, and trying again does not open it: the words are kept as a draft of who wrote them."""

    def __init__(self, text: str) -> None:
        super().__init__(text, again=False)


@dataclass(frozen=True, slots=True)
class Window:
    """Whether what they wrote may be answered now: until `until` (None: no end), or not: `why_closed`, in a sentence."""

    until: datetime | None = None
    why_closed: str = ""


class AnswerableChannel(Protocol):
    """One kind of connection, as the inbox sees it: a class in a file of its own, offered in a room's room.py."""

    key: ClassVar[str]
    label: ClassVar[str | Promise]
    icon: ClassVar[str]
    # Whether its server proves who wrote. Where it does not, a handle is a claim: it links nobody by itself.
    vouches: ClassVar[bool]

    def __init__(self, connection: Connection) -> None: ...

    def capabilities(self) -> Capabilities:
        """What it can do."""
        ...

    def reply(self, row: Outbox) -> str:
        """Hand over an answer and return its id there ("" if it says none). Safe to repeat. ChannelError."""
        ...


class Windowed(Protocol):
    """What a channel has that may not be answered at any time."""

    def window(self, mention: Mention) -> Window:
        """Whether this may be answered now. Call inside working_in."""
        ...


class Differing(Protocol):
    """What a channel has that cannot do the same in answer to everything: in public and in private, say."""

    def capabilities_for(self, mention: Mention) -> Capabilities:
        """What it can do in answer to this."""
        ...


class Liking(Protocol):
    """What a channel does whose capabilities say that it likes."""

    def like(self, row: Outbox) -> str:
        """Like what `row` names and return the like's id there ("" if it says none). Safe to repeat. ChannelError."""
        ...


# Networks that reach us through another kind of connection (a webhook says "mastodon"), and how to write them.
BEHIND: dict[str, tuple[str | Promise, str]] = {
    "mastodon": ("Mastodon", "brand-mastodon"),
    "bluesky": ("Bluesky", "brand-bluesky"),
    "youtube": ("YouTube", "brand-youtube"),
    "email": (_("Email"), "mail"),
    "mail": (_("Email"), "mail"),
    "reviews": (_("Reviews"), "star"),
    "community": (_("Community"), "messages"),
    "forum": (_("Forum"), "messages"),
    "chat": (_("Chat"), "messages"),
    "phone": (_("Phone"), "phone"),
    "form": (_("Forms"), "forms"),
    "callback": (_("Call-back"), "phone-call"),
    "own_page": (_("Their own page"), "adjustments"),
}


def channel_of(connection: Connection) -> AnswerableChannel:
    """The class that speaks for this connection. KeyError for a kind that nobody offers."""
    found: Any = house.networks[connection.network]
    channel: AnswerableChannel = found(connection)
    return channel


def vouches(connection: Connection) -> bool:
    """Whether the handles that come by this connection are proven."""
    return channel_of(connection).vouches


def window_of(mention: Mention) -> Window:
    """Whether this may be answered now; its connection is read with it."""
    channel: Any = channel_of(mention.connection)
    found: Window = channel.window(mention) if hasattr(channel, "window") else Window()
    return found


def able_to_answer(mention: Mention) -> Capabilities:
    """What can be done in answer to this; its connection is read with it."""
    channel: Any = channel_of(mention.connection)
    found: Capabilities = (
        channel.capabilities_for(mention) if hasattr(channel, "capabilities_for") else channel.capabilities()
    )
    return found


def network_name(network: str) -> str:
    """How a network is written."""
    return str(_known(network)[0])


def network_icon(network: str) -> str:
    """Its sign."""
    return _known(network)[1]


def _known(network: str) -> tuple[str | Promise, str]:
    if network in BEHIND:
        return BEHIND[network]
    found: Any = house.networks.get(network)
    return (found.label, found.icon) if found else (network.capitalize(), "world")
