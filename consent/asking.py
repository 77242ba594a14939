"""The question to the gate: which message, on which channel, for which purpose."""

from dataclasses import dataclass
from typing import Literal

from contacts.channels import Channel

MessageClass = Literal["marketing", "subscribed", "transactional", "answer"]


@dataclass(frozen=True, slots=True)
class Ask:
    """A message in question: its channel, its class, the topic it serves (none: consent to everything).

    `marketing` runs all steps; `subscribed` (a topic they asked for) is never held out or held for the night;
    `transactional` needs a working address and no objection; `answer` passes all but "erased".
    `only_ascii`: whoever sends it reaches no address with other letters before its @.
    """

    channel: int = Channel.EMAIL
    message_class: MessageClass = "marketing"
    topic_id: int | None = None
    message_id: int | None = None
    cap_group: int | None = None
    weekly_cap: int | None = None
    only_ascii: bool = False
