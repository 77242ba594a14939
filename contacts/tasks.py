"""What this room does in the background."""

from contacts.segments.rechecking import WORK, recheck_due
from workspaces import agenda

agenda.work(WORK)(recheck_due)
