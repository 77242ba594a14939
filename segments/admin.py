"""The rows of this room in the workspace's admin."""

from segments import models as m
from workspaces.admin import show

show(m.Segment, "name", "member_count", "is_private", "refreshed_at", search=("name",))
show(m.SegmentMember, "segment", "contact", "entered_at", read_only=True)
show(m.SegmentCount, "segment", "day", "people", read_only=True)
show(m.SegmentRecheck, "contact_ids", "at", read_only=True)
show(m.SegmentDue, "segment", "due_at", read_only=True)
show(m.SegmentPick, "segment", "contact", "picked_at", read_only=True)
show(m.PeopleView, "name", "owner_id", "is_shared", "created_at")
show(m.PeopleChoice, "user_id", "view_id", "is_default")
show(m.BulkAction, "verb", "state", "total_count", "changed_count", "by_id", "at", read_only=True)
show(m.BulkChange, "action", "contact", "is_done", read_only=True)
