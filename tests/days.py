"""Which day it is. A workspace counts in days of its own zone: late in the evening UTC is a day behind."""

from datetime import date
from zoneinfo import ZoneInfo

from django.utils import timezone

from workspaces.models import Workspace


def today_in(workspace: Workspace) -> date:
    """The day that it is there."""
    return timezone.localdate(timezone=ZoneInfo(workspace.zone))
