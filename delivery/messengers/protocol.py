"""What every messenger speaks: one class a way out, behind which the engine knows no channel.

engine                         messenger                       run of one message
  │  Messenger(sender)            │                                  │
  │──────────────────────────────▶│                                  │
  │  prepare(workspace, message)  │  read content, write headers     │
  │──────────────────────────────▶│─────────────────────────────────▶│
  │  send(recipients, watch)                                         │
  │─────────────────────────────────────────────────────────────────▶│
  │      watch.mark(slot, "about")   before the first byte of a body │
  │◀─────────────────────────────────────────────────────────────────│
  │      watch.may_go(recipient)     False: leave it untouched       │
  │◀─────────────────────────────────────────────────────────────────│
  │      watch.mark(slot, "accepted" | "later" | "refused")          │
  │◀─────────────────────────────────────────────────────────────────│
  │      yields (recipient, Outcome)                                 │
  │◀─────────────────────────────────────────────────────────────────│
  │  close()                                                         │
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar, Protocol, runtime_checkable

import msgspec
from django.utils.functional import Promise

from delivery.models import Message, Sender
from workspaces.current import OpenWorkspace

HEARTBEAT_SECONDS = 0.2
CODE = re.compile(r"\d{3,6}(?!\d)(?: [245]\.\d{1,3}\.\d{1,3}(?!\S))?")
FAULTY = "template_state"  # what the gate says to everybody where a chat has `faults`: about the message, not a person


class ServerDownError(OSError):
    """The other side cannot be used at all; the text says why, in plain words."""


class AskedToWaitError(OSError):
    """The other side wants us to come back later, for everything; the text is its answer.

    `wait_seconds`: when it wants us back, where it says so.
    """

    def __init__(self, answer: str, wait_seconds: float | None = None) -> None:
        super().__init__(answer)
        self.wait_seconds = wait_seconds


class ConnectionLostError(OSError):
    """The line broke. `sent_count`: how many bytes of the last write had left. `is_broken`: not only silent or slow."""

    def __init__(self, text: str, sent_count: int = 0, *, is_broken: bool = True) -> None:
        super().__init__(text)
        self.sent_count, self.is_broken = sent_count, is_broken


class MessageInFlightError(ConnectionLostError):
    """The line broke after a whole message had left: nobody knows whether it was taken."""


def code_in(answer: str) -> str:
    """The codes at the head of an answer ("535 5.7.8"), without its words: what a stranger's server says is not ours
    to show, for whoever can write down an address could read what stands behind it.
    """
    found = CODE.match(answer)
    return found[0] if found else ""


class OutcomeKind(StrEnum):
    """What became of one message at the other side."""

    ACCEPTED = "accepted"
    LATER = "later"  # refused for now
    REFUSED = "refused"  # refused for good
    UNKNOWN = "unknown"  # it left, and no answer came
    UNSENDABLE = "unsendable"  # never left us: it could not be written for this person, or to this address


@dataclass(frozen=True, slots=True)
class Outcome:
    """The last word on one recipient. `reason` is a code of ours for UNSENDABLE; `answer` what the other side said.

    `units`: of those that the sender's price is for. `is_about_person`: a refusal that says nothing about others, however
    many get it in a row.
    """

    kind: OutcomeKind
    answer: str = ""
    reason: str = ""
    is_dead_address: bool = False
    units: int = 1
    is_about_person: bool = False


@dataclass(frozen=True, slots=True)
class Recipient:
    """One person we are about to send to. `slot` is their place in the journal, `fields` what content may know."""

    contact_id: int
    slot: int
    address: str
    attempt: int
    fields: Mapping[str, Any]
    occasion: int = 0


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a messenger can do, shown honestly where senders are chosen."""

    has_html: bool = False
    tracks_opens: bool = False
    tracks_clicks: bool = False
    hears_bounces: bool = False
    most_letters: int = 0  # longest text; 0: no limit of its own
    takes_files: bool = False
    only_ascii: bool = False  # it reaches no address with other letters before its @


@dataclass(frozen=True, slots=True)
class Bubble:
    """A message to a phone as it will look there: `header` is words or a kind of file; `says` what else to know of it."""

    text: str
    header: str = ""
    footer: str = ""
    buttons: tuple[str, ...] = ()
    says: str = ""


class Watch(Protocol):
    """The engine's ear and hand while a run sends."""

    def mark(self, slot: int, name: str) -> None:
        """Write into the journal what is true of a slot now: untouched, about, accepted, later, refused."""
        ...

    def may_go(self, recipient: Recipient) -> bool:
        """Asked right before a body leaves: False means stop here, and leave this one untouched."""
        ...

    def beat(self) -> None:
        """To be called at least every HEARTBEAT_SECONDS while waiting."""
        ...

    def free_at(self) -> float:
        """When the next recipient may be taken (monotonic), at the sender's pace; taking one earlier waits."""
        ...


class DeliveryRun(Protocol):
    """One message, prepared once and sent to many."""

    def send(self, recipients: Iterator[Recipient], watch: Watch) -> Iterator[tuple[Recipient, Outcome]]:
        """Send to each, several at once where the messenger can; yields what became of them, in any order.

        ServerDownError, AskedToWaitError, ConnectionLostError (what was not answered stays untouched) and
        MessageInFlightError (its slot is marked "about") come through; afterwards `send` may be called again.
        BadTemplateError: the other side says that nobody can get this message as it is. Whoever
        iterates does so to the end: what is under way is answered still when `may_go` says no to all the rest.
        """
        ...


class Messenger(Protocol):
    """One way out: a class in a file of its own, offered in a room's room.py.

    One that hands over people and no words says `carries_words = False`; one that has nothing to try says `takes_tests =
    False`; one whose price is not for a message says for
    which `unit` it is (pricing.UNITS), and `count_units(text)` how many a text is; what it puts
    below a text is `foot(workspace, message, address)`.
    """

    kind: ClassVar[str]
    label: ClassVar[str | Promise]
    icon: ClassVar[str]
    Settings: ClassVar[type[msgspec.Struct]]
    form: ClassVar[str]  # dotted name of the form that edits Settings and secret

    def __init__(self, sender: Sender, seconds: float | None = None) -> None:
        """`seconds`: how long everything may take until it gives up, for a try; None for sending in earnest."""
        ...

    @property
    def channel(self) -> int:
        """The channel its messages go by (contacts.channels.Channel): which address, which consent."""
        ...

    def capabilities(self) -> Capabilities:
        """What it can do, as far as is known: a server says some of it only when we speak to it."""
        ...

    def prepare(self, workspace: OpenWorkspace, message: Message) -> DeliveryRun:
        """Read the message once. BadTemplateError when it cannot be written, BadHeaderError. No connection yet."""
        ...

    def send_words(self, workspace: OpenWorkspace, subject: str, text: str, *, to: str) -> Outcome:
        """A line in plain words to one address, uncounted: to try the sender. The errors of `DeliveryRun.send`."""
        ...

    def send_sample(self, run: DeliveryRun, recipient: Recipient) -> Outcome:
        """One message of a run, uncounted and marked as a test. The errors of `DeliveryRun.send`; MissingFieldError."""
        ...

    def close(self) -> None:
        """Hang up, if a line is open. May be repeated."""
        ...


@runtime_checkable
class Chat(Protocol):
    """A messenger to phones that shows by itself what will leave, and knows what stands in a message's way."""

    def faults(self, message: Message) -> list[str]:
        """What stands in the way of this message, in sentences. Writes nothing."""
        ...

    def show(self, message: Message, text: str, fields: Mapping[str, Any]) -> Bubble:
        """The message as one person would get it; `text` is its own words for them. MissingFieldError, BadTemplateError."""
        ...
