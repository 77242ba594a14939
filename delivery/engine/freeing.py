"""What one person waits for goes on when its sender may work again: nobody looks at such messages, so nobody resumes them."""

from delivery.engine.controlling import resume
from delivery.engine.urgency import urgent_messages
from delivery.models import Message, Sender


def free_urgent(sender: Sender) -> int:
    """Urgent messages of this sender that a trouble had stopped go on; returns how many. May be repeated.

    Called when somebody has put the sender right, when a try succeeded, and when the next one is asked for.
    """
    stopped = Message.objects.filter(urgent_messages(), sender=sender, state=Message.State.PAUSED).exclude(
        state_reason=""
    )
    found = list(stopped.order_by("pk"))
    for message in found:
        resume(message, by=None)
    return len(found)
