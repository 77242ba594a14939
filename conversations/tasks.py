"""What this room does by itself, by the agenda."""

from datetime import datetime

from conversations.conversation_state import refresh
from conversations.models import Conversation
from conversations.service_levels.reminding import remind_of_promises, tell_gone
from conversations.telling_members import tell_due_promises, tell_late
from lib.clock import now
from workspaces.current import working_in
from workspaces.models import Workspace

MOST_WAKES = 500


def wake(workspace: Workspace) -> datetime | None:
    """Bring up to date what time alone changes: what becomes due or late, whose snooze is over."""
    with working_in(workspace):
        due = Conversation.objects.filter(wake_at__lte=now()).order_by("wake_at")
        woken = list(due.values_list("pk", flat=True)[:MOST_WAKES])
        Conversation.objects.filter(pk__in=woken).update(wake_at=None)  # else it is missed, and wakes again
        refresh(woken)
        tell_gone(woken)
        tell_late(woken)
        waiting = Conversation.objects.filter(wake_at__isnull=False).order_by("wake_at")
        return waiting.values_list("wake_at", flat=True).first()


def tell_promises(workspace: Workspace) -> datetime | None:
    """Whoever promised something that is due, half due or soon due is told; returns when the next is."""
    with working_in(workspace):
        moments = (remind_of_promises(), tell_due_promises())
        return min(filter(None, moments), default=None)
