"""The rows of this room in the workspace's admin."""

from deliverability import models as m
from workspaces.admin import show

show(m.DomainLook, "domain", "sender", "is_ready", "looked_at", "next_at", filters=("is_ready",), read_only=True)
show(m.DkimKey, "domain", "kind", "selector", "made_at", "seen_at", "retired_at", filters=("kind",), read_only=True)
show(m.SeedMailbox, "name", "address", "host", "last_error", read_only=True)
show(m.SeedTest, "sender", "mailbox", "place", "spf", "dkim", "dmarc", "asked_at", filters=("place",), read_only=True)
show(m.DmarcReport, "domain", "receiver", "report_id", "email_count", "ends_at", read_only=True)
show(m.DmarcRow, "report", "address", "email_count", "spf_aligned", "dkim_aligned", read_only=True)
show(m.DmarcRefusal, "said", "receiver", "bytes_count", "at", filters=("said",), read_only=True)
