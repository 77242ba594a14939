"""The rows of this room in the workspace's admin."""

from imports import models as m
from workspaces.admin import show

show(
    m.ImportRun,
    "file_name",
    "mode",
    "state",
    "rows_done",
    "rows_total",
    "created_at",
    search=("file_name",),
    filters=("state",),
    read_only=True,
)
show(m.ImportedRow, "run", "line", "outcome", "reason", filters=("outcome",), read_only=True)
show(m.ImportedRecord, "run", "line", "contact", "said", read_only=True)
show(m.StandingFact, "key", "part", "touchpoint_id", read_only=True)
