"""How long letters are kept: 90 days, then they go by themselves."""

from datetime import datetime, timedelta

from lib.clock import now
from messengers.models import PrintedLetter
from workspaces import agenda
from workspaces.current import working_in
from workspaces.models import Workspace

WORK = "messengers.forget_letters"
KEPT = timedelta(days=90)


def forget_letters(workspace: Workspace) -> datetime | None:
    """The agenda's work: what was written 90 days ago goes; returns when the next does."""
    with working_in(workspace):
        PrintedLetter.objects.filter(written_at__lt=now() - KEPT).delete()
        oldest = PrintedLetter.objects.order_by("written_at").values_list("written_at", flat=True).first()
    return oldest + KEPT if oldest else None


def plan_forgetting() -> None:
    """There are letters that go one day."""
    agenda.set_due(WORK, now() + KEPT)
