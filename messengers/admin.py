"""The rows of this room in the workspace's admin."""

from messengers import models as m
from workspaces.admin import show

show(m.PushSubscription, "contact", "browser", "page", "given_at", "seen_at", "gone_at", read_only=True)
show(m.PrintedLetter, "message", "contact", "pages", "written_at", read_only=True)
show(m.WhatsAppTemplate, "name", "language", "sender", "state", "heard_at", filters=("state",), read_only=True)
show(m.TemplateLook, "sender", "looked_at", "next_at", "trouble", read_only=True)
show(m.WhatsAppWindow, "sender", "last_at", read_only=True)
