"""The rows of this room in the workspace's admin."""

from segments import models as m
from workspaces.admin import show

show(m.Segment, "name", "member_count", "is_private", "refreshed_at", search=("name",))
show(m.SegmentMember, "segment", "contact", "entered_at", read_only=True)
show(m.SegmentCount, "segment", "day", "people", read_only=True)
show(m.SegmentRecheck, "contact_ids", "at", read_only=True)
show(m.SegmentDue, "segment", "due_at", read_only=True)
show(m.SegmentPick, "segment", "contact", "picked_at", read_only=True)
