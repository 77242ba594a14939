"""What this room does by itself, by the agenda."""

from datetime import datetime

from ecrm.lib.clock import now
from social.connecting import poll_due
from social.models import Conversation
from social.replying import send_due
from social.standing import refresh
from workspaces import agenda
from workspaces.current import working_in
from workspaces.models import Workspace

MOST_WAKES = 500


@agenda.work("social.poll")
def poll(workspace: Workspace) -> datetime | None:
    """Look at feeds that are due."""
    return poll_due(workspace)


@agenda.work("social.reply")
def reply(workspace: Workspace) -> datetime | None:
    """Hand over answers that are due."""
    return send_due(workspace)


@agenda.work("social.wake")
def wake(workspace: Workspace) -> datetime | None:
    """Bring up to date what time alone changes: what becomes due or late, whose snooze is over."""
    with working_in(workspace):
        due = Conversation.objects.filter(wake_at__lte=now()).order_by("wake_at")
        refresh(due.values_list("pk", flat=True)[:MOST_WAKES])
        waiting = Conversation.objects.filter(wake_at__isnull=False).order_by("wake_at")
        return waiting.values_list("wake_at", flat=True).first()
