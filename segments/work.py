"""The names of this room's works on the agenda."""

WORK, AUDIT = "segments.recheck", "segments.audit"
BULK = "segments.bulk"  # what is done to many people at once
