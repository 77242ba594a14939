"""What a text for phones weighs: its segments as they will leave, and what one costs."""

from dataclasses import dataclass
from decimal import Decimal

from delivery.content.addressing import addresses_for
from delivery.content.compiling import Written, compile_message
from delivery.content.segments import Segments, count_segments
from delivery.models import Message
from delivery.pricing import price_of_sender
from workspaces.current import OpenWorkspace

SOMEBODY = 10**7  # as long as real numbers are, where there are none yet


@dataclass(frozen=True, slots=True)
class TextWeight:
    """`price` is for one person, in the workspace's currency; None where the sender names none."""

    segments: Segments
    price: Decimal | None


def weigh_text(message: Message, written: Written, workspace: OpenWorkspace) -> TextWeight:
    """What this sample weighs with the addresses that links get when it leaves. BadTemplateError. `try_out` came before."""
    text, address = (
        written.text.replace("\r\n", "\n").strip(),
        addresses_for(workspace, message.pk or SOMEBODY, SOMEBODY),
    )
    for number, target, _label in compile_message(message, workspace).links.rows:
        text = text.replace(target, address(str(number)))
    segments = count_segments(text)
    price = price_of_sender(message.sender)
    return TextWeight(segments, price.of(segments.count, 1) if price else None)
